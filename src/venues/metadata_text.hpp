// src/venues/metadata_text.hpp -- what venues' instrument lists have in common, as text. Cold.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace steelyard::metadata {

// A string without its quotes, or a number or word as JSON writes it.
[[nodiscard]] std::string text_of(simdjson::dom::element value);

// The same of a member; empty where there is none, or null.
[[nodiscard]] std::string member(simdjson::dom::element object, std::string_view name);

// The smallest step of that many decimal places: "2" -> "0.01". "0" where the text is no number.
[[nodiscard]] std::string step_of_places(std::string_view places);

// a * b as exact decimal text; empty where one of them is no number, or 64 bits do not hold it.
[[nodiscard]] std::string product(std::string_view a, std::string_view b);

// UTC date of a time in ms, as contracts are named by: "260925". Empty where the text is no time.
[[nodiscard]] std::string date_of_ms(std::string_view ms);

[[nodiscard]] std::string upper(std::string_view text);

// The list at `path` ("data", "result.data", ...) of an answer. Throws if there is none, and says
// what the venue said instead.
[[nodiscard]] simdjson::dom::array list(simdjson::dom::parser& parser, std::string_view answer,
                                        std::string_view path);

}  // namespace steelyard::metadata
