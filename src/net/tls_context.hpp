// src/net/tls_context.hpp -- what the two TLS clients share; for their .cpp files only.
#pragma once

#include <boost/asio/ssl.hpp>
#include <string>
#include <string_view>

#include "net/ws_stream.hpp"

namespace steelyard {

struct TlsContext::Impl {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_client};
};

// Has the handshake announce this host (if it is a name), and refuse a certificate that is not its.
// False: no memory for it.
[[nodiscard]] bool expect_host(SSL* ssl, const std::string& host);

// Why a handshake failed: of a certificate what is wrong with it, else what the error says.
[[nodiscard]] std::string handshake_failure(SSL* ssl, const boost::system::error_code& error);

// Whether a proxy's answer to CONNECT lets us through.
[[nodiscard]] inline bool proxy_agrees(std::string_view answer) noexcept {
  return answer.starts_with("HTTP/1.") && answer.substr(8, 4) == " 200";
}

}  // namespace steelyard
