#include "doctor/finding.hpp"

#include "observe/json_writer.hpp"

namespace steelyard {
namespace {

struct Look {
  const char* word;
  const char* colour;
};

[[nodiscard]] Look look_of(Finding::Level level) {
  switch (level) {
    case Finding::Level::Good:
      return {"ok", "\x1b[32m"};
    case Finding::Level::Note:
      return {"note", "\x1b[36m"};
    case Finding::Level::Warning:
      return {"WARN", "\x1b[33m"};
    case Finding::Level::Bad:
      return {"BAD", "\x1b[31m"};
    case Finding::Level::Unknown:
      break;
  }
  return {"?", "\x1b[35m"};
}

}  // namespace

std::string findings_text(const std::vector<Finding>& findings, bool colour) {
  std::string text;
  std::string area;
  for (const Finding& finding : findings) {
    if (finding.area != area) {
      area = finding.area;
      text += (text.empty() ? "" : "\n") + area + "\n";
    }
    const Look look = look_of(finding.level);
    std::string word = look.word;
    word.resize(4, ' ');
    if (colour) word = look.colour + word + "\x1b[0m";
    std::string name = finding.name;
    if (name.size() < 18) name.resize(18, ' ');
    text += "  " + word + "  " + name + " " + finding.found + "\n";
    if (finding.level == Finding::Level::Good) continue;
    if (!finding.why.empty()) text += "          why  " + finding.why + "\n";
    if (!finding.fix.empty()) text += "          fix  " + finding.fix + "\n";
  }
  return text;
}

std::string findings_json(const std::vector<Finding>& findings) {
  JsonWriter json;
  json.begin_array();
  constexpr const char* kWords[] = {"good", "note", "warning", "bad", "unknown"};
  for (const Finding& finding : findings) {
    json.begin_object()
        .member("area", finding.area)
        .member("name", finding.name)
        .member("level", kWords[static_cast<std::size_t>(finding.level)])
        .member("found", finding.found)
        .member("why", finding.why)
        .member("fix", finding.fix)
        .end_object();
  }
  json.end_array();
  return json.take() + "\n";
}

}  // namespace steelyard
