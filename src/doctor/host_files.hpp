// src/doctor/host_files.hpp -- /proc and /sys, or a test's copy of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace steelyard {

class HostFiles {
 public:
  explicit HostFiles(std::string root = "") : root_{std::move(root)} {}
  // Without the white space at its end; nothing if it is not there or may not be read.
  [[nodiscard]] std::optional<std::string> read(const std::string& path) const;
  [[nodiscard]] std::optional<long long> number(const std::string& path) const;
  // Names in a folder, sorted; none if it is not there.
  [[nodiscard]] std::vector<std::string> list(const std::string& folder) const;

 private:
  std::string root_;
};

// "0-3,8" as the kernel writes lists of cores; what is no list gives none.
[[nodiscard]] std::vector<int> parse_cores(std::string_view list);
[[nodiscard]] std::string cores_text(const std::vector<int>& cores);
// The word in brackets of "always [madvise] never"; all of it if there are none.
[[nodiscard]] std::string chosen(std::string_view choices);

}  // namespace steelyard
