// src/observe/number_text.hpp -- numbers as people read them on a screen: short, and with their
// unit.
#pragma once

#include <cstdint>
#include <string>

namespace steelyard {

// "850ns", "12.3µs", "4.98ms", "1.20s"; "-" for 0, which no latency is.
[[nodiscard]] std::string duration_text(std::uint64_t ns);
// "12ms", "3.1s", "45s", "3m", "2h", "5d"; "-" if not known. Never more than 5 columns.
[[nodiscard]] std::string age_text(double seconds);
// "up" times: "12s", "3m12s", "2h03m", "5d04h".
[[nodiscard]] std::string uptime_text(double seconds);
// "0", "8.5", "120", "1.2k", "3.4M"; "-" if not known.
[[nodiscard]] std::string rate_text(double per_second);
// With so many decimals; "-" if not known.
[[nodiscard]] std::string decimal_text(double value, int decimals);
// At most `columns` characters (5 or more): as many decimals as fit, then k, M, G.
[[nodiscard]] std::string compact_text(double value, int columns);
// With separators: 1,234,567.
[[nodiscard]] std::string count_text(std::uint64_t count);

}  // namespace steelyard
