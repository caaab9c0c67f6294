// src/dashboard/assets.hpp -- the page's files, inside the binary.
#pragma once

#include <span>
#include <string_view>

namespace steelyard {

struct Asset {
  std::string_view path;  // "/app.js"; the page itself is "/"
  std::string_view content_type;
  std::string_view body;
};

// Made from src/dashboard/assets when the program is built.
[[nodiscard]] std::span<const Asset> dashboard_assets() noexcept;

}  // namespace steelyard
