// src/net/ws_upgrade.hpp -- the HTTP exchange that a WebSocket begins with (RFC 6455, 4.1). For
// ws_stream.cpp only.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <string>

#include "net/ws_stream.hpp"

namespace steelyard {

struct WsUpgrade {
  // What is to be sent to this target.
  explicit WsUpgrade(const WsTarget& target);

  // Why `answer` is none that a WebSocket begins with; empty: it is one.
  [[nodiscard]] std::string refusal() const;

  boost::beast::http::request<boost::beast::http::empty_body> request;
  boost::beast::http::response_parser<boost::beast::http::empty_body> answer;
  boost::beast::flat_buffer bytes{64U << 10};  // read for the answer; frames may have come with it
  std::string proof;                           // that the answer must have
};

}  // namespace steelyard
