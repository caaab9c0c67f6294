// src/observe/verdict_text.hpp -- the bits and codes of a record in words.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace steelyard {

// "live", or all that is wrong, separated by commas, in the words of the validity bits.
[[nodiscard]] std::string verdict_text(std::uint32_t validity);

// The one word that matters most: of several bits, the reason before its consequence.
[[nodiscard]] std::string_view verdict_word(std::uint32_t validity) noexcept;

// "spot", "linear", ...: what the directory's code says.
[[nodiscard]] std::string_view kind_text(std::uint8_t kind) noexcept;

// "ids,checksum", "whole", "unproven", ...: BookProof. Empty where it is not told.
[[nodiscard]] std::string proof_text(std::uint8_t proof);

// "snapshot", "delta", ...: EventKind.
[[nodiscard]] std::string_view event_text(std::uint8_t event) noexcept;

}  // namespace steelyard
