// src/venues/venue.hpp -- a venue as a value: rows of data and pure functions, nothing to inherit.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/channel_rules.hpp"
#include "core/frame.hpp"
#include "core/instrument.hpp"
#include "core/messages.hpp"
#include "core/sequence.hpp"
#include "core/symbol_table.hpp"
#include "venues/channel_table.hpp"

namespace steelyard {

// One book channel of a venue and how to keep a book in step with it.
struct BookChannel {
  std::string_view channel{};  // as named on the wire, e.g. "depth@100ms", "books"
  LinkRule link{};
  SnapshotSource snapshot = SnapshotSource::InBand;
  ResyncBy resync = ResyncBy::Resubscribe;
  ChecksumId checksum = ChecksumId::None;
  std::uint32_t depth = 0;  // levels a side that a snapshot covers; 0: the whole book
  RowNote note = RowNote::None;
  // The venue sends no removal of what falls out of `depth`: it is cut off after each message.
  bool truncate = false;
  // Its connection counts its frames (DecodeScratch::count): a hole makes every book of it
  // doubtful.
  bool counted = false;
  // Nothing on the wire proves that no change was lost: only the connection itself, and the audit.
  bool unproven = false;
  std::chrono::seconds renew{0};  // unproven and fetched: fetched anew so often
  // A snapshot asked for comes within so long; then it is asked for again.
  std::chrono::seconds snapshot_within{5};
  std::string_view cadence{};  // as documented or measured, for people: "100 ms", "each change"
  std::string_view socket{};   // the socket that carries it; empty: the one that serves books
};

// HOT or cold. What would tell that a change of such a book was lost; BookProof bits.
[[nodiscard]] constexpr std::uint8_t proof_of(const BookChannel& row) noexcept {
  if (row.snapshot == SnapshotSource::Replace) return kProofWhole;
  unsigned proof = 0;
  if (row.link.link != Link::None) proof |= kProofIds;
  if (row.checksum != ChecksumId::None) proof |= kProofChecksum;
  if (row.counted) proof |= kProofCount;
  return static_cast<std::uint8_t>(proof != 0 ? proof : unsigned{kUnproven});
}

struct Endpoint {
  std::string_view host{};
  std::string_view port = "443";
  std::string_view path{};
};

// The duties of a client towards the connection (venues/README.md section 3). Pings of the
// WebSocket protocol are always answered.
struct Keepalive {
  std::string_view client_text{};    // sent by us, e.g. "ping"; empty: a ping of the protocol
  std::string_view expected_text{};  // the answer that is no data, e.g. "pong"
  std::chrono::seconds interval{0};  // 0: nothing is sent
  bool only_if_idle = true;          // false: at each interval, data or not
  std::chrono::seconds server_ping_every{0};  // 0: unknown
  std::chrono::seconds silence_limit{30};     // no frame for so long: the connection is dead
};

struct Limits {
  double requests_per_second = 5.0;  // text frames that we may send on one connection
  // ... or on all connections from one address together.
  bool requests_of_address = false;
  std::uint32_t streams_per_connection = 200;
  std::uint32_t args_per_request = 50;
  std::size_t bytes_per_request = 32 * 1024;
  double connections_per_second = 1.0;          // new connections from one address
  std::chrono::seconds max_age{0};              // venue cuts connections of this age; 0: never
  std::uint32_t rest_weight_per_minute = 1200;  // budget of one address, shared by all connections
};

// What one instrument is subscribed to.
enum class StreamKind : std::uint8_t { Book, Trades, Bbo, Liquidations };

[[nodiscard]] constexpr std::uint8_t kind_bit(StreamKind kind) noexcept {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
}

// One WebSocket path of a venue and the streams that it serves. Binance futures need two.
struct Socket {
  std::string_view name;  // e.g. "public", "market"
  Endpoint endpoint{};
  std::uint8_t kinds = 0;  // kind_bit()s
  [[nodiscard]] constexpr bool serves(StreamKind kind) const noexcept {
    return (kinds & kind_bit(kind)) != 0;
  }
};

struct Stream {
  StreamKind kind;
  const Instrument* instrument;  // its `symbol` and `channel`
};

// A REST request: what to ask, and what it costs of the host's budget.
struct RestRequest {
  std::string target{};  // path and query
  std::uint32_t weight = 1;
  bool post = false;
  std::string body{};  // of a POST
};

// Where a connection goes that must be asked for first (KuCoin's token).
struct Ticket {
  std::string host, port, path;
};

enum class DecodeStatus : std::uint8_t {
  Ok,            // `out` holds the frame's messages (perhaps none: a bare id that changes nothing)
  Ignored,       // a data frame of a kind nobody asked for (kline, ticker, ...)
  Unwanted,      // of an instrument or channel nobody asked for
  Control,       // acknowledgement, error, notice, heartbeat: `Venue::control` tells
  Metadata,      // an instrument list: `Venue::instruments` reads it
  NoInstrument,  // names no instrument where several are possible
  Malformed,     // not what the documented format allows
  Truncated,     // ends before its end
  BadNumber,     // a price or size that is no number, negative, or a price of zero
  OutOfRange,    // a number beyond 64 bits at the instrument's exponent
  TooPrecise,    // more digits than the instrument's exponents hold: scratch.needed_* say
  TooLarge,      // more messages or levels than a batch holds
  UnknownKind,   // a kind of frame that the documents do not name
};
[[nodiscard]] constexpr bool is_defect(DecodeStatus status) noexcept {
  return status >= DecodeStatus::NoInstrument;
}
[[nodiscard]] std::string_view to_text(DecodeStatus status) noexcept;
inline constexpr std::size_t kDecodeStatuses = 13;

// What a decoder may keep between frames: a parser's memory, nothing about frames. After a status
// that is not Ok it tells what is known of the cause. One per decoding thread.
struct DecodeScratch {
  DecodeScratch();
  ~DecodeScratch();
  DecodeScratch(const DecodeScratch&) = delete;
  DecodeScratch& operator=(const DecodeScratch&) = delete;

  struct Parsers;  // simdjson's, behind the wall
  std::unique_ptr<Parsers> parsers;

  // A defect in a frame of this instrument's book: its book is doubtful. Otherwise kNoInstrument.
  InstrumentId suspect{kNoInstrument};
  // TooPrecise: the instrument, and the exponents that would hold the digits just met.
  InstrumentId imprecise{kNoInstrument};
  std::int8_t needed_price_exponent = 0;
  std::int8_t needed_wire_qty_exponent = 0;
  // Discovery (replay without a configuration): the symbol and kind that was Unwanted; a view into
  // the frame or into the scratch, valid until the next decode.
  std::string_view unknown_symbol;
  MessageKind unknown_kind = MessageKind::Delta;
  std::uint8_t unknown_channel = 0;
  // Messages counted but not passed on (insurance fund and ADL trades of Binance futures).
  std::uint32_t not_events = 0;
  // Numbers of the frame that no exponent holds, and that are the nearest that one does.
  std::uint32_t rounded = 0;
  // The frame's place in its connection's own count, whatever the frame is; where the venue counts.
  bool counted = false;
  std::uint64_t count = 0;

  // The one thing kept between frames, and written by acknowledgements only: what a connection's
  // channel numbers stand for (Bitfinex).
  ChannelTable channels;

  // HOT. All that is about one frame.
  void forget() noexcept {
    suspect = kNoInstrument;
    imprecise = kNoInstrument;
    needed_price_exponent = 0;
    needed_wire_qty_exponent = 0;
    unknown_symbol = {};
    unknown_kind = MessageKind::Delta;
    unknown_channel = 0;
    not_events = 0;
    rounded = 0;
    counted = false;
  }
};

// What a frame that is not data says.
struct Control {
  enum class Kind : std::uint8_t {
    Acknowledged,     // a subscription was accepted
    Rejected,         // ... or refused: `text` has the venue's reason
    Pong,             // answer to our keepalive
    Probe,            // the venue wants `answer` sent back
    Welcome,          // the venue is ready for subscriptions: see Venue::welcomes
    PleaseReconnect,  // the connection will be closed soon
    Other,            // known, and of no consequence
    Unknown,
  };
  Kind kind = Kind::Unknown;
  std::string text;    // one line for the log
  std::string answer;  // Probe: what to send
};

// Metadata of one instrument as the venue lists it.
struct InstrumentInfo {
  std::string symbol;
  std::string name;  // normalised: BTC-USDT, BTC-USDT-PERP, BTC-USD-260925
  ContractKind kind = ContractKind::Spot;
  std::string tick_size;  // decimal text
  std::string lot_size;  // decimal text, in the venue's own units (contracts where it counts those)
  std::string multiplier;  // Linear: base units a contract ("1" where sizes are base units already)
  double contract_size = 0.0;  // Inverse: quote units a contract
  // How many decimals the venue always writes, where that matters (a checksum over its text): the
  // exponents are at least as fine.
  int price_places = 0;
  int qty_places = 0;
  // Other symbols by which this very book may be asked for; what arrives has `symbol`.
  std::vector<std::string> aliases;
  bool trading = true;
};

struct Venue {
  std::string_view name{};  // also the name of its fixture folder
  std::span<const Socket> sockets{};
  Endpoint rest{};
  Keepalive keepalive{};
  Limits limits{};
  std::span<const BookChannel> books{};  // the first is the default
  // Hosts (and path prefixes) by which a recorded URL is known to be this venue's: old ones too.
  // Matched as prefixes of the URL after "scheme://". The longest match of all venues wins.
  std::span<const std::string_view> known_urls{};
  bool liquidations = false;  // whether the venue publishes any
  // For people: which of them, how often, at which price and size.
  std::string_view liquidation_note{};
  // Ids are the same on every connection, so that two may carry one stream and the first wins.
  bool shares_ids = false;
  bool numbers_trades = false;  // every trade has an id (Message::last), as wide or a hash of it
  // Its BBO channel is conflated and leaves states out: only one with the very id of a book says
  // anything of that book.
  bool bbo_skips = false;
  bool welcomes = false;  // nothing may be sent before its Control::Welcome

  // HOT. Appends to `out`, which the caller has cleared. After anything but Ok the caller clears it
  // and counts the status. All or nothing; remembers nothing of the frame.
  DecodeStatus (*decode)(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                         MessageBatch& out) noexcept = nullptr;

  // HOT. The careful half of `decode`, where that has a quick one: any frame, the same messages.
  // What the quick half is held against, in tests and under the fuzzer. Null: decode has no halves.
  DecodeStatus (*decode_any)(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                             MessageBatch& out) noexcept = nullptr;

  // Cold: may allocate and throw.
  Control (*control)(std::string_view payload) = nullptr;
  // Requests that (un)subscribe, each within the venue's limits. `id` numbers the first of them.
  std::vector<std::string> (*subscribe)(std::span<const Stream> streams,
                                        std::uint64_t id) = nullptr;
  std::vector<std::string> (*unsubscribe)(std::span<const Stream> streams,
                                          std::uint64_t id) = nullptr;
  // OutOfBand channels: the request for a snapshot of this book.
  RestRequest (*snapshot)(const Instrument& instrument) = nullptr;
  // ResyncBy::Request: the message that asks for a snapshot on the connection.
  std::string (*snapshot_message)(const Instrument& instrument, std::uint64_t id) = nullptr;
  // What is sent first on a new connection, before any subscription; null: nothing.
  std::vector<std::string> (*greeting)() = nullptr;
  // Where connections must be asked for: the request, and what its answer says. Null: they need
  // not.
  RestRequest (*ticket_request)() = nullptr;
  Ticket (*ticket)(std::string_view answer) = nullptr;
  // Requests that list the venue's instruments, and what an answer to one of them says.
  std::vector<RestRequest> (*instrument_lists)() = nullptr;
  std::vector<InstrumentInfo> (*instruments)(std::string_view answer) = nullptr;
  // Venues that share their URLs (markets of one venue whose symbols have the same text): whose
  // frame or answer this is; this one's if it does not say. Null: nobody shares.
  const Venue* (*sibling)(std::string_view payload, std::string_view request) = nullptr;
};

// Whether streams of this kind of the instrument go over this socket.
[[nodiscard]] inline bool carries(const Venue& venue, const Socket& socket, StreamKind kind,
                                  const Instrument& instrument) noexcept {
  if (kind == StreamKind::Book && instrument.channel < venue.books.size()) {
    const std::string_view named = venue.books[instrument.channel].socket;
    if (!named.empty()) return socket.name == named;
  }
  return socket.serves(kind);
}

// Every venue, in a fixed order; an index into it is a venue's number in this process.
[[nodiscard]] std::span<const Venue* const> venue_registry() noexcept;
[[nodiscard]] const Venue* find_venue(std::string_view name) noexcept;
// The venue whose traffic this URL carried, or nullptr.
[[nodiscard]] const Venue* venue_of_url(std::string_view url) noexcept;
// The same, where siblings share it, by what the frame says.
[[nodiscard]] inline const Venue* venue_of_frame(const Venue* by_url, std::string_view payload,
                                                 std::string_view request) {
  return by_url == nullptr || by_url->sibling == nullptr ? by_url
                                                         : by_url->sibling(payload, request);
}
[[nodiscard]] std::uint32_t venue_index(const Venue& venue) noexcept;

}  // namespace steelyard
