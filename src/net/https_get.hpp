// src/net/https_get.hpp -- one HTTPS request, verified, bounded, asynchronous.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "net/ws_stream.hpp"
#include "steelyard/types.hpp"

namespace steelyard {

struct HttpAnswer {
  std::string error;  // empty: there is an answer
  int status = 0;
  std::string body;  // followed by kFramePadding zero bytes that are not part of it
  std::size_t body_bytes = 0;
  std::int64_t retry_after_s = -1;  // Retry-After; -1: none
  std::int64_t used_weight = -1;    // X-MBX-USED-WEIGHT-1M; -1: none
  TimestampNs received;
};

// Of a POST: its body, as JSON, which may be empty.
struct HttpPost {
  std::string body;
};

// The handler runs on the io_context's thread, once. `post` unset: a GET.
void https_get(boost::asio::io_context& io, TlsContext& tls, const WsTarget& target,
               std::function<void(HttpAnswer)> handler, std::optional<HttpPost> post = {});

}  // namespace steelyard
