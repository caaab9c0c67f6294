#include "venues/kraken_futures.hpp"

#include <algorithm>

#include "venues/json_rows.hpp"
#include "venues/kraken_futures_quick.hpp"
#include "venues/kraken_futures_requests.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

// docs.kraken.com, "futures-websocket/book": one level a message, numbered per product without a
// hole from the snapshot on. Between the messages of one match a book may stand crossed.
constexpr BookChannel kBooks[] = {
    {.channel = "book",
     .link = {.link = Link::Step},
     .snapshot = SnapshotSource::InBand,
     .resync = ResyncBy::Resubscribe,
     .cadence = "each change"},
};

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "futures.kraken.com", .path = "/ws/v1"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
              kind_bit(StreamKind::Bbo) | kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kUrls[] = {"futures.kraken.com", "demo-futures.kraken.com",
                                      "www.cryptofacilities.com",
                                      "conformance.cryptofacilities.com"};

enum class Feed : std::uint8_t { None, Snapshot, Delta, Trade, OldTrades, Ticker, Control, Other };

// The members of a message, in any order.
struct Members {
  Token product, side, sequence, price, size, time, stamp, type;
  Token bid, bid_size, ask, ask_size;
};

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.ends_with("/instruments") ? DecodeStatus::Metadata
                                                      : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_,
        [&]() noexcept {
          early_ = false;
          old_trades_ = 0;
          sides_ = {};
        },
        [&](std::string_view key, Value& value) noexcept { return read_member(key, value); },
        // Levels stood before what they are of: once more.
        [&]() noexcept { return early_ && !members_.product.text.empty(); });
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] DecodeStatus read_member(std::string_view key, Value& value) noexcept {
    if (key == "bids") return read_side(value, sides_.bids);
    if (key == "asks") return read_side(value, sides_.asks);
    if (key == "trades") {
      return json::each(value, [&](Value&) noexcept {
        ++old_trades_;
        return DecodeStatus::Ok;
      });
    }
    if (key == "feed") {
      feed_ = feed_of(json::token(value).text);
    } else if (key == "event") {
      answers_ = true;
    } else if (Token* const token = member(key); token != nullptr) {
      const std::string_view before = token->text;
      *token = json::token(value);
      if (key == "product_id") {
        // Levels of one would become those of another.
        if (sides_.seen() && token->text != before) return DecodeStatus::Malformed;
        name(token->text);
      }
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] Token* member(std::string_view key) noexcept {
    return key == "product_id"  ? &members_.product
           : key == "side"      ? &members_.side
           : key == "seq"       ? &members_.sequence
           : key == "price"     ? &members_.price
           : key == "qty"       ? &members_.size
           : key == "time"      ? &members_.time
           : key == "timestamp" ? &members_.stamp
           : key == "type"      ? &members_.type
           : key == "bid"       ? &members_.bid
           : key == "bid_size"  ? &members_.bid_size
           : key == "ask"       ? &members_.ask
           : key == "ask_size"  ? &members_.ask_size
                                : nullptr;
  }

  [[nodiscard]] static Feed feed_of(std::string_view feed) noexcept {
    if (feed == "book") return Feed::Delta;
    if (feed == "trade") return Feed::Trade;
    if (feed == "ticker") return Feed::Ticker;
    if (feed == "book_snapshot") return Feed::Snapshot;
    if (feed == "trade_snapshot") return Feed::OldTrades;
    if (feed == "heartbeat") return Feed::Control;
    for (const std::string_view known :
         {"ticker_lite", "fills", "fills_snapshot", "open_orders", "open_orders_snapshot",
          "open_orders_verbose", "open_positions", "balances", "balances_snapshot", "account_log",
          "account_log_snapshot", "notifications_auth"}) {
      if (feed == known) return Feed::Other;
    }
    return Feed::None;
  }

  // Requests may name a product in lower case, messages write it in upper case.
  void name(std::string_view product) noexcept {
    entry_ = symbols_.find(product);
    if (entry_ == nullptr) entry_ = symbols_.find_ignoring_case(product);
  }

  // What is to be removed may have a size below zero.
  [[nodiscard]] DecodeStatus parse(std::string_view price, std::string_view size,
                                   Level& level) noexcept {
    const bool below_zero = size.size() > 1 && size[0] == '-' && size[1] >= '0' && size[1] <= '9';
    return json::parse_level(price, below_zero ? "0" : size, *entry_, scratch_, level);
  }

  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (members_.product.text.empty()) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    if (entry_ == nullptr) return DecodeStatus::Ok;
    scratch_.suspect = entry_->id;
    return json::read_object_rows(value, {"price", "qty"}, out_, side,
                                  [&](std::string_view price, std::string_view size,
                                      Level& level) noexcept { return parse(price, size, level); });
  }

  [[nodiscard]] DecodeStatus unwanted(MessageKind kind) noexcept {
    const std::string_view product = members_.product.text;
    if (product.size() > SymbolTable::kMaxSymbolBytes) return DecodeStatus::Malformed;
    auto& text = scratch_.parsers->symbol;
    std::transform(product.begin(), product.end(), text.begin(), [](char c) noexcept {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    return json::unwanted(scratch_, {text.data(), product.size()}, kind, 0);
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (answers_) return DecodeStatus::Control;
    switch (feed_) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Control:
        return DecodeStatus::Control;
      case Feed::Other:
        return DecodeStatus::Ignored;
      case Feed::OldTrades:
        // Sent on subscription: history is no event.
        scratch_.not_events = old_trades_;
        return DecodeStatus::Ok;
      default:
        break;
    }
    if (members_.product.text.empty()) return DecodeStatus::Malformed;
    switch (feed_) {
      case Feed::Snapshot:
        return finish_snapshot();
      case Feed::Delta:
        return finish_delta();
      case Feed::Trade:
        return finish_trade();
      default:
        return finish_ticker();
    }
  }

  [[nodiscard]] DecodeStatus number(Message& message) noexcept {
    std::uint64_t id = 0;
    if (!json::parse_id(members_.sequence.text, id)) return DecodeStatus::Malformed;
    message.ids = kHasFirst | kHasLast;
    message.first = message.last = SequenceNo{id};
    // Messages of 2019 have no time.
    return !members_.stamp.there() || json::parse_time(members_.stamp.text, message.venue_time)
               ? DecodeStatus::Ok
               : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus finish_snapshot() noexcept {
    if (entry_ == nullptr) return unwanted(MessageKind::Snapshot);
    scratch_.suspect = entry_->id;
    if (!sides_.bids.seen || !sides_.asks.seen) return DecodeStatus::Malformed;
    Message* const message =
        json::add_book(out_, sides_, MessageKind::Snapshot, *entry_, entry_->channel);
    return message == nullptr ? DecodeStatus::TooLarge : number(*message);
  }

  [[nodiscard]] DecodeStatus finish_delta() noexcept {
    if (entry_ == nullptr) return unwanted(MessageKind::Delta);
    scratch_.suspect = entry_->id;
    const bool bid = members_.side.text == "buy";
    if (!members_.price.there() || !members_.size.there() ||
        (!bid && members_.side.text != "sell")) {
      return DecodeStatus::Malformed;
    }
    Level level;
    const DecodeStatus status = parse(members_.price.text, members_.size.text, level);
    if (status != DecodeStatus::Ok) return status;
    Message* const message = out_.add();
    if (message == nullptr || !out_.push(level)) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Delta;
    message->channel = entry_->channel;
    message->instrument = entry_->id;
    (bid ? message->bids : message->asks) = 1;
    return number(*message);
  }

  // A liquidation is a trade that is marked as one: the taker is the order that was forced.
  [[nodiscard]] DecodeStatus finish_trade() noexcept {
    const bool buy = members_.side.text == "buy";
    if (!members_.price.there() || !members_.size.there() ||
        (!buy && members_.side.text != "sell")) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return unwanted(MessageKind::Trade);
    Level level;
    DecodeStatus status =
        json::parse_level(members_.price.text, members_.size.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    const Aggressor taker = buy ? Aggressor::Buy : Aggressor::Sell;
    status = json::add_print(out_, MessageKind::Trade, *entry_, level, taker,
                             members_.sequence.text, members_.time.text);
    if (status != DecodeStatus::Ok || members_.type.text != "liquidation") return status;
    return json::add_print(out_, MessageKind::Liquidation, *entry_, level, taker,
                           members_.sequence.text, members_.time.text);
  }

  // About once a second, and numbered by nothing that the book knows.
  [[nodiscard]] DecodeStatus finish_ticker() noexcept {
    if (entry_ == nullptr) return unwanted(MessageKind::Bbo);
    TimestampNs time;
    if (!json::parse_time(members_.time.text, time)) return DecodeStatus::Malformed;
    const Members& m = members_;
    return json::add_best(out_, *entry_, {m.bid, m.bid_size, m.ask, m.ask_size}, time, scratch_);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  Members members_;
  json::BookSides sides_;
  const SymbolEntry* entry_ = nullptr;
  std::uint32_t old_trades_ = 0;
  Feed feed_ = Feed::None;
  bool answers_ = false;
  bool early_ = false;
};

DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  scratch.forget();
  if (kraken_futures::decode_quickly(frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace

constinit const Venue kKrakenFutures{
    .name = "kraken-futures",
    .sockets = kSockets,
    .rest = {.host = "futures.kraken.com"},
    // A ping of the protocol is due every 60 s, whatever is received.
    .keepalive = {.interval = 30s, .only_if_idle = false, .silence_limit = 60s},
    .limits = {.requests_per_second = 20.0,  // 100
               .streams_per_connection = 300,
               .args_per_request = 50,
               .connections_per_second = 1.0,
               .rest_weight_per_minute = 300},
    .books = kBooks,
    .known_urls = kUrls,
    .liquidations = true,
    .liquidation_note = "trades marked as such, at the trade's price and size; side: the taker's",
    .decode = decode,
    .decode_any = decode_any,
    .control = kraken_futures::control,
    .subscribe = kraken_futures::subscribe,
    .unsubscribe = kraken_futures::unsubscribe,
    .instrument_lists = kraken_futures::instrument_lists,
    .instruments = kraken_futures::instruments,
};

}  // namespace steelyard
