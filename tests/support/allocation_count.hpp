// tests/support/allocation_count.hpp -- how often the test program has called operator new so far.
#pragma once

#include <cstddef>

namespace steelyard {

[[nodiscard]] std::size_t allocation_count() noexcept;

}  // namespace steelyard
