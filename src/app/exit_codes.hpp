// src/app/exit_codes.hpp -- what both programs return to the shell (docs/operations.md).
#pragma once

namespace steelyard {

inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;  // it ran, and the outcome is bad
inline constexpr int kExitUsage = 2;   // unusable arguments, configuration or input

}  // namespace steelyard
