// src/web/guard.hpp -- who may ask: pure functions over what a request says of itself.
#pragma once

#include <string>
#include <string_view>

namespace steelyard {

// As the request has them; empty where it has none.
struct Credentials {
  std::string_view host;           // Host
  std::string_view origin;         // Origin
  std::string_view authorization;  // Authorization
  std::string_view cookie;         // Cookie
  std::string_view target;         // with its query
};

enum class Admission : std::uint8_t {
  Granted,
  SetCookie,    // the token came in the query: store it, and send the client to the page without
  WrongHost,    // a name that is not of this machine: another site's page, through rebound DNS
  WrongOrigin,  // a WebSocket that another site's page opened
  NoToken,
};

// `token` empty: the server is on loopback and asks for none. `is_upgrade`: a WebSocket.
[[nodiscard]] Admission admit(const Credentials& of, std::string_view token, bool is_upgrade);

// Takes as long whichever byte differs.
[[nodiscard]] bool same_secret(std::string_view a, std::string_view b) noexcept;

inline constexpr std::string_view kTokenCookie = "steelyard_token";

}  // namespace steelyard
