#include "web/guard.hpp"

#include <cstdint>

#include "web/web_server.hpp"

namespace steelyard {
namespace {

[[nodiscard]] std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

// "name=value" out of a list with this separator; empty if it is not there.
[[nodiscard]] std::string_view value_of(std::string_view list, std::string_view name,
                                        char separator) {
  while (!list.empty()) {
    const std::size_t end = list.find(separator);
    std::string_view pair = list.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
    if (end == std::string_view::npos) break;
    list.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace

bool same_secret(std::string_view a, std::string_view b) noexcept {
  std::uint32_t different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < b.size(); ++i) {
    const auto x = static_cast<unsigned char>(i < a.size() ? a[i] : 0);
    different |= static_cast<std::uint32_t>(x ^ static_cast<unsigned char>(b[i]));
  }
  return different == 0;
}

Admission admit(const Credentials& of, std::string_view token, bool is_upgrade) {
  if (token.empty() && !is_loopback(without_port(of.host))) return Admission::WrongHost;
  if (is_upgrade && !of.origin.empty()) {
    const std::size_t scheme = of.origin.find("://");
    if (scheme == std::string_view::npos || of.origin.substr(scheme + 3) != of.host) {
      return Admission::WrongOrigin;
    }
  }
  if (token.empty()) return Admission::Granted;
  constexpr std::string_view kBearer = "Bearer ";
  if (of.authorization.starts_with(kBearer) &&
      same_secret(of.authorization.substr(kBearer.size()), token)) {
    return Admission::Granted;
  }
  if (same_secret(value_of(of.cookie, kTokenCookie, ';'), token)) return Admission::Granted;
  const std::size_t query = of.target.find('?');
  if (query != std::string_view::npos &&
      same_secret(value_of(of.target.substr(query + 1), "token", '&'), token)) {
    return is_upgrade ? Admission::Granted : Admission::SetCookie;
  }
  return Admission::NoToken;
}

}  // namespace steelyard
