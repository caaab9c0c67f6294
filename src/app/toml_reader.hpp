// src/app/toml_reader.hpp -- reads a TOML table strictly: every key known, every value of its type
// and range.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace steelyard {

// One line: file:line:column: key = value: what is allowed.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class TomlReader {
 public:
  TomlReader(const toml::table& table, std::string file, std::string path);

  // Each reads a key if it is there, and leaves `out` as it is if not.
  void read(std::string_view key, bool& out);
  void read(std::string_view key, std::string& out);
  void read(std::string_view key, std::int64_t& out, std::int64_t low, std::int64_t high);
  void read(std::string_view key, std::uint32_t& out, std::uint32_t low, std::uint32_t high);
  void read(std::string_view key, double& out, double low, double high);
  void read(std::string_view key, std::vector<std::string>& out);
  void read(std::string_view key, std::vector<std::uint32_t>& out);
  void read(std::string_view key, std::vector<double>& out);
  // One of the words; the index of it.
  void read_choice(std::string_view key, std::size_t& out, const std::vector<std::string>& words);
  // A table within, or nullptr.
  [[nodiscard]] const toml::table* table(std::string_view key);

  // Every key of the table was asked for; else an error that names the nearest one that exists.
  void finish() const;

  [[noreturn]] void fail(std::string_view key, const std::string& allowed) const;
  [[nodiscard]] const std::string& file() const noexcept { return file_; }
  [[nodiscard]] std::string path_of(std::string_view key) const;

 private:
  [[nodiscard]] const toml::node* find(std::string_view key);

  const toml::table& table_;
  std::string file_;
  std::string path_;
  std::set<std::string, std::less<>> known_;
};

// The word of a list that is nearest to `word`, if it is near at all.
[[nodiscard]] std::string nearest(std::string_view word, const std::vector<std::string>& words);

}  // namespace steelyard
