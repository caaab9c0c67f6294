// src/sim/recorded_answers.hpp -- REST answers of a recording, found by what is asked.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/session.hpp"

namespace steelyard::sim {

// The n-th request for a target gets the n-th answer recorded for it, and the last one from then
// on. A target that was never asked for in the recording gets the answers of the one most like it:
// of the same path, or of a path with the same last part (/api/v1/depth for /api/v3/depth). Numbers
// in its query (limits) may differ then; words (symbols) that both have must not.
class RecordedAnswers {
 public:
  void add(const std::string& target, std::string body);
  // 404 where nothing fits.
  [[nodiscard]] HttpReply answer(std::string_view target);
  void restart();
  [[nodiscard]] bool empty() const noexcept { return answers_.empty(); }

 private:
  using Query = std::vector<std::pair<std::string, std::string>>;
  struct Answers {
    std::string target;
    std::string path;
    Query query;
    std::vector<std::string> bodies;
    std::size_t next = 0;
  };
  [[nodiscard]] static Answers parse(std::string_view target);
  [[nodiscard]] Answers* find(std::string_view target);

  std::vector<Answers> answers_;
};

}  // namespace steelyard::sim
