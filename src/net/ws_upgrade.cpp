#include "net/ws_upgrade.hpp"

#include "net/ws_encode.hpp"

namespace steelyard {

namespace http = boost::beast::http;

WsUpgrade::WsUpgrade(const WsTarget& target) {
  const std::string key = ws_key();
  proof = ws_accept(key);
  request.version(11);
  request.method(http::verb::get);
  // A venue's address without a path asks for the root, as HTTP has it.
  request.target(target.path.empty() ? "/" : target.path);
  // As browsers and venues have it: the port only where it is not the usual one.
  request.set(http::field::host,
              target.port == "443" ? target.host : target.host + ':' + target.port);
  request.set(http::field::upgrade, "websocket");
  request.set(http::field::connection, "Upgrade");
  request.set(http::field::sec_websocket_key, key);
  request.set(http::field::sec_websocket_version, "13");
  request.set(http::field::user_agent, "steelyard/" STEELYARD_VERSION);
}

std::string WsUpgrade::refusal() const {
  const auto& said = answer.get();
  if (said.result() != http::status::switching_protocols) {
    return "the server answers " + std::to_string(said.result_int()) + ' ' +
           std::string{said.reason()};
  }
  const auto says = [&said](http::field field, const char* word) {
    return http::token_list{said[field]}.exists(word);
  };
  if (!says(http::field::upgrade, "websocket") || !says(http::field::connection, "upgrade")) {
    return "the server switches to another protocol";
  }
  if (said[http::field::sec_websocket_accept] != proof) {
    return "the server does not prove that it speaks WebSocket";
  }
  if (said.count(http::field::sec_websocket_extensions) != 0 ||
      said.count(http::field::sec_websocket_protocol) != 0) {
    return "the server agrees to an extension that was not asked for";
  }
  return {};
}

}  // namespace steelyard
