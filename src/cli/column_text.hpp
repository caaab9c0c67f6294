// src/cli/column_text.hpp -- the column directory as text: for terminals, programs and documents.
#pragma once

#include <span>
#include <string>

#include "signals/column.hpp"

namespace steelyard {

// One line a column: name, unit, range, tier, description with its source.
[[nodiscard]] std::string columns_as_text(std::span<const Column> columns);

// An array of objects: name, unit, low and high (null: no limit), tier, section, description,
// source, caveat.
[[nodiscard]] std::string columns_as_json(std::span<const Column> columns);

// For docs/signals.md: a table of all columns, then a block of each section of the specification
// that has columns, each between <!-- columns: NAME --> and <!-- end -->, with lines of at most
// 100 characters. Columns that differ in numbers only are one entry.
[[nodiscard]] std::string columns_as_markdown(std::span<const Column> columns);

}  // namespace steelyard
