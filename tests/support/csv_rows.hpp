// tests/support/csv_rows.hpp -- what `replay --csv` wrote, a map from column to text a row.
#pragma once

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace steelyard {

using CsvRow = std::map<std::string, std::string>;

[[nodiscard]] inline std::vector<std::string> csv_cells(const std::string& line) {
  std::vector<std::string> cells{1};
  for (const char c : line) {
    if (c == ',') {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

[[nodiscard]] inline std::vector<CsvRow> csv_rows(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> names = csv_cells(line);
  std::vector<CsvRow> rows;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = csv_cells(line);
    CsvRow& row = rows.emplace_back();
    for (std::size_t i = 0; i < names.size(); ++i) row[names[i]] = i < cells.size() ? cells[i] : "";
  }
  return rows;
}

}  // namespace steelyard
