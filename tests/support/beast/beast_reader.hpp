// tests/support/beast/beast_reader.hpp -- what Boost.Beast, as a client, hears in a server's bytes.
#pragma once

#include <string>
#include <string_view>

#include "support/ws_frames.hpp"

namespace steelyard {

struct BeastHeard {
  WsHeard heard;          // `end`: the error that ended it
  bool not_utf8 = false;  // it ended for that, which WsDecoder leaves to others
};

[[nodiscard]] BeastHeard beast_hears(std::string_view bytes, std::size_t max_message);

// Empty, or how the two differ on these bytes.
[[nodiscard]] std::string difference_from_beast(std::string_view bytes, std::size_t piece);

}  // namespace steelyard
