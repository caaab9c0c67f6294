#include "sim/recorded_answers.hpp"

#include <algorithm>
#include <optional>

#include "sim/recorded_venue.hpp"

namespace steelyard::sim {
namespace {

[[nodiscard]] bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

[[nodiscard]] std::string_view last_part(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

}  // namespace

std::string target_of(const std::string& url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string::npos) return "/";
  const std::size_t at = url.find_first_of("/?", scheme + 3);
  if (at == std::string::npos) return "/";
  return url[at] == '/' ? url.substr(at) : '/' + url.substr(at);
}

RecordedAnswers::Answers RecordedAnswers::parse(std::string_view target) {
  Answers parsed;
  parsed.target = target;
  const std::size_t question = target.find('?');
  parsed.path = target.substr(0, question);
  if (question == std::string_view::npos) return parsed;
  std::string_view rest = target.substr(question + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    parsed.query.emplace_back(pair.substr(0, equals),
                              pair.substr(std::min(equals + 1, pair.size())));
  }
  return parsed;
}

void RecordedAnswers::add(const std::string& target, std::string body) {
  const auto held = std::find_if(answers_.begin(), answers_.end(),
                                 [&](const Answers& other) { return other.target == target; });
  Answers& of = held != answers_.end() ? *held : answers_.emplace_back(parse(target));
  of.bodies.push_back(std::move(body));
}

RecordedAnswers::Answers* RecordedAnswers::find(std::string_view target) {
  for (Answers& held : answers_) {
    if (held.target == target) return &held;
  }
  const Answers asked = parse(target);
  // How much of the query is the same; none: a word in it is another.
  const auto likeness = [&asked](const Answers& held) -> std::optional<int> {
    int same = 0;
    for (const auto& [key, value] : asked.query) {
      for (const auto& [other_key, other] : held.query) {
        if (other_key != key) continue;
        if (other == value) {
          ++same;
        } else if (!is_number(value) || !is_number(other)) {
          return {};
        }
      }
    }
    return same;
  };
  Answers* best = nullptr;
  int best_likeness = -1;
  for (const bool whole_path : {true, false}) {
    for (Answers& held : answers_) {
      if (whole_path ? held.path != asked.path : last_part(held.path) != last_part(asked.path)) {
        continue;
      }
      const std::optional<int> alike = likeness(held);
      if (!alike || *alike <= best_likeness) continue;
      best = &held;
      best_likeness = *alike;
    }
    if (best != nullptr) break;
  }
  return best;
}

HttpReply RecordedAnswers::answer(std::string_view target) {
  HttpReply reply;
  Answers* const found = find(target);
  if (found == nullptr) {
    reply.status = 404;
    reply.body = "{}";
    return reply;
  }
  reply.body = found->bodies[found->next];
  if (found->next + 1 < found->bodies.size()) ++found->next;
  return reply;
}

void RecordedAnswers::restart() {
  for (Answers& held : answers_) held.next = 0;
}

}  // namespace steelyard::sim
