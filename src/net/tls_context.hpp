// src/net/tls_context.hpp -- what the two TLS clients share; for their .cpp files only.
#pragma once

#include <boost/asio/ssl.hpp>
#include <utility>

#include "net/ws_stream.hpp"

namespace steelyard {

struct TlsContext::Impl {
  boost::asio::ssl::context context{boost::asio::ssl::context::tls_client};
};

}  // namespace steelyard
