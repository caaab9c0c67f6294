// src/core/int128.hpp -- 128-bit integers, which ISO C++ does not name.
#pragma once

namespace steelyard {

__extension__ using Int128 = __int128;
__extension__ using UInt128 = unsigned __int128;

}  // namespace steelyard
