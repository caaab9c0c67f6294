#include "support/beast/beast_reader.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace steelyard {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

BeastHeard beast_hears(std::string_view bytes, std::size_t max_message) {
  boost::asio::io_context io;
  websocket::stream<beast::test::stream> client{io};
  websocket::stream<beast::test::stream> server{io};
  client.next_layer().connect(server.next_layer());
  client.set_option(websocket::stream_base::timeout{websocket::stream_base::none(),
                                                    websocket::stream_base::none(), false});
  client.read_message_max(max_message);
  client.async_handshake("localhost", "/", [](beast::error_code) {});
  server.async_accept([](beast::error_code) {});
  io.run();
  BeastHeard result;
  WsHeard& heard = result.heard;
  client.control_callback([&heard](websocket::frame_type kind, beast::string_view payload) {
    if (kind == websocket::frame_type::ping) heard.pings.emplace_back(payload);
    if (kind == websocket::frame_type::pong) heard.pongs.emplace_back(payload);
  });
  client.next_layer().append({bytes.data(), bytes.size()});
  beast::flat_buffer buffer;
  for (;;) {
    bool done = false;
    beast::error_code error;
    client.async_read(buffer, [&](beast::error_code e, std::size_t) {
      error = e;
      done = true;
    });
    io.restart();
    io.poll();
    if (!done) break;  // it wants more
    if (error) {
      result.not_utf8 = error == websocket::error::bad_frame_payload;
      heard.end = error.message();
      break;
    }
    heard.messages.push_back((client.got_binary() ? "binary " : "text ") +
                             beast::buffers_to_string(buffer.data()));
    buffer.consume(buffer.size());
  }
  return result;
}

std::string difference_from_beast(std::string_view bytes, std::size_t piece) {
  constexpr std::size_t kMost = 100'000;
  WsDecoder decoder{kMost, 0, 64};
  const WsHeard ours = hear(decoder, bytes, piece);
  const BeastHeard beasts = beast_hears(bytes, kMost);
  const auto differ = [&beasts](const auto& our, const auto& its) {
    // Beast ends at text that is no UTF-8; what it heard until then must be the same.
    if (beasts.not_utf8 && its.size() <= our.size()) {
      return !std::equal(its.begin(), its.end(), our.begin());
    }
    return our != its;
  };
  if (differ(ours.messages, beasts.heard.messages)) return "messages";
  if (differ(ours.pings, beasts.heard.pings)) return "pings";
  if (differ(ours.pongs, beasts.heard.pongs)) return "pongs";
  // The other way round is no difference: we refuse a frame by its first two bytes.
  if (!beasts.not_utf8 && !beasts.heard.end.empty() && ours.end.empty()) return beasts.heard.end;
  return {};
}

}  // namespace steelyard
