#include "venues/coinbase.hpp"

#include "venues/coinbase_quick.hpp"
#include "venues/coinbase_requests.hpp"
#include "venues/iso_time.hpp"
#include "venues/json_rows.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

// docs.cdp.coinbase.com, "Advanced Trade WebSocket channels": books have no numbers of their own,
// but every message of a connection, of whatever channel, counts on in sequence_num.
constexpr BookChannel kBooks[] = {
    {.channel = "level2",
     .snapshot = SnapshotSource::InBand,
     .resync = ResyncBy::Reconnect,
     .counted = true,
     .cadence = "each change"},
};

constexpr Socket kSockets[] = {
    {.name = "market",
     .endpoint = {.host = "advanced-trade-ws.coinbase.com"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades)},
};

constexpr std::string_view kUrls[] = {"advanced-trade-ws.coinbase.com",
                                      "advanced-trade-ws-sandbox.coinbase.com", "api.coinbase.com"};

constexpr std::string_view kList = "/brokerage/market/products";

enum class Feed : std::uint8_t { None, Book, Trades, Control, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      const std::size_t path = frame_.request.find(kList);
      const bool list = path != std::string_view::npos &&
                        !frame_.request.substr(path + kList.size()).starts_with('/');
      return list ? DecodeStatus::Metadata : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_events_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "events" stood before what they are of: once more.
        [&]() noexcept { return early_ && feed_ != Feed::None; });
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "channel") {
      feed_ = feed_of(json::token(value).text);
    } else if (key == "sequence_num") {
      scratch_.counted = json::parse_id(json::token(value).text, scratch_.count);
    } else if (key == "timestamp") {
      timed_ = parse_iso_time(json::token(value).text, time_);
    } else if (key == "events") {
      return read_events(value);
    } else if (key == "type") {
      if (json::token(value).text == "error") feed_ = Feed::Control;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] static Feed feed_of(std::string_view channel) noexcept {
    if (channel == "l2_data") return Feed::Book;
    if (channel == "market_trades") return Feed::Trades;
    if (channel == "heartbeats" || channel == "subscriptions") return Feed::Control;
    for (const std::string_view known :
         {"ticker", "ticker_batch", "candles", "status", "user", "futures_balance_summary"}) {
      if (channel == known) return Feed::Other;
    }
    return Feed::None;
  }

  [[nodiscard]] DecodeStatus read_events(Value& value) noexcept {
    if (has_events_) return DecodeStatus::Malformed;
    has_events_ = true;
    if (feed_ == Feed::None) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    if (feed_ != Feed::Book && feed_ != Feed::Trades) return DecodeStatus::Ok;
    return json::each(value, [&](Value& event) noexcept {
      json::Object object;
      if (const auto error = event.get_object().get(object)) return json::status_of(error);
      return feed_ == Feed::Book ? read_book(object) : read_trades(object);
    });
  }

  // An element of an instrument that nobody follows. Others of the frame may be wanted.
  [[nodiscard]] DecodeStatus miss(std::string_view symbol, MessageKind kind) noexcept {
    const DecodeStatus status = json::unwanted(scratch_, symbol, kind, 0);
    if (is_defect(status)) return status;
    if (out_.messages().empty()) result_ = status;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_book(json::Object& event) noexcept {
    std::string_view type, symbol;
    const SymbolEntry* entry = nullptr;
    json::MixedSides sides{out_};
    bool waits = false;
    bool has_rows = false;
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1 && event.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
      waits = has_rows = false;
      const DecodeStatus status =
          json::walk(event, [&](std::string_view key, Value& member) noexcept {
            if (key == "type") {
              type = json::token(member).text;
            } else if (key == "product_id") {
              const std::string_view text = json::token(member).text;
              // Levels of one would become those of another.
              if (has_rows && !waits && text != symbol) return DecodeStatus::Malformed;
              symbol = text;
              entry = symbols_.find(symbol);
              if (entry != nullptr) scratch_.suspect = entry->id;
            } else if (key == "updates") {
              if (has_rows) return DecodeStatus::Malformed;
              has_rows = true;
              waits = symbol.empty();
              if (entry != nullptr) return read_rows(member, *entry, sides);
            }
            return DecodeStatus::Ok;
          });
      if (status != DecodeStatus::Ok) return status;
      if (!waits || symbol.empty()) break;
    }
    const bool snapshot = type == "snapshot";
    if (symbol.empty() || !has_rows || (!snapshot && type != "update")) {
      return DecodeStatus::Malformed;
    }
    const MessageKind kind = snapshot ? MessageKind::Snapshot : MessageKind::Delta;
    if (entry == nullptr) return miss(symbol, kind);
    if (json::add_book(out_, sides.finish(), kind, *entry, entry->channel) == nullptr) {
      return DecodeStatus::TooLarge;
    }
    result_ = DecodeStatus::Ok;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_rows(Value& rows, const SymbolEntry& entry,
                                       json::MixedSides& sides) noexcept {
    return json::each(rows, [&](Value& row) noexcept {
      Token side, price, size;
      const DecodeStatus status = json::walk(row, [&](std::string_view key, Value& cell) noexcept {
        if (key == "side") side = json::token(cell);
        if (key == "price_level") price = json::token(cell);
        if (key == "new_quantity") size = json::token(cell);
        return DecodeStatus::Ok;
      });
      if (status != DecodeStatus::Ok) return status;
      const bool bid = side.text == "bid";
      if (!price.there() || !size.there() || (!bid && side.text != "offer")) {
        return DecodeStatus::Malformed;
      }
      Level level;
      const DecodeStatus parsed = json::parse_level(price.text, size.text, entry, scratch_, level);
      if (parsed != DecodeStatus::Ok) return parsed;
      return sides.push(bid, level) ? DecodeStatus::Ok : DecodeStatus::TooLarge;
    });
  }

  // A snapshot holds trades of the past: history is no event.
  [[nodiscard]] DecodeStatus read_trades(json::Object& event) noexcept {
    std::string_view type;
    bool waits = false;
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1 && event.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
      waits = false;
      const DecodeStatus status =
          json::walk(event, [&](std::string_view key, Value& member) noexcept {
            if (key == "type") type = json::token(member).text;
            if (key != "trades") return DecodeStatus::Ok;
            waits = type.empty();
            if (waits) return DecodeStatus::Ok;
            return json::each(member, [&](Value& trade) noexcept {
              if (type == "update") return read_trade(trade);
              ++scratch_.not_events;
              return DecodeStatus::Ok;
            });
          });
      if (status != DecodeStatus::Ok) return status;
      if (!waits || type.empty()) break;
    }
    return type == "update" || type == "snapshot" ? DecodeStatus::Ok : DecodeStatus::Malformed;
  }

  // The side is that of the maker (measured: taken as it is, trades lie on the wrong side of the
  // book).
  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    Token symbol, price, size, side, id, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "product_id" ? &symbol
                               : key == "price"    ? &price
                               : key == "size"     ? &size
                               : key == "side"     ? &side
                               : key == "trade_id" ? &id
                               : key == "time"     ? &time
                                                   : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool maker_buys = side.text == "BUY";
    TimestampNs at;
    if (!price.there() || !size.there() || (!maker_buys && side.text != "SELL") ||
        !parse_iso_time(time.text, at)) {
      return DecodeStatus::Malformed;
    }
    const SymbolEntry* const entry = symbols_.find(symbol.text);
    if (entry == nullptr) return miss(symbol.text, MessageKind::Trade);
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    result_ = DecodeStatus::Ok;
    return json::add_print(out_, MessageKind::Trade, *entry, level,
                           maker_buys ? Aggressor::Sell : Aggressor::Buy, id.text, at);
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    switch (feed_) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Control:
        return DecodeStatus::Control;
      case Feed::Other:
        return DecodeStatus::Ignored;
      default:
        break;
    }
    if (!has_events_ || early_ || !timed_) return DecodeStatus::Malformed;
    if (feed_ == Feed::Book) {
      for (Message& message : out_.messages()) message.venue_time = time_;
    }
    return result_;
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  TimestampNs time_;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  bool timed_ = false;
  bool has_events_ = false;
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
  if (coinbase::decode_quickly(frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace

constinit const Venue kCoinbase{
    .name = "coinbase",
    .sockets = kSockets,
    .rest = {.host = "api.coinbase.com"},
    .keepalive = {.silence_limit = 15s},    // heartbeats come every second
    .limits = {.requests_per_second = 7.0,  // 8
               .requests_of_address = true,
               .streams_per_connection = 100,
               .args_per_request = 50,
               .connections_per_second = 4.0,  // 8
               .rest_weight_per_minute = 300},
    .books = kBooks,
    .known_urls = kUrls,
    .numbers_trades = true,
    .decode = decode,
    .decode_any = decode_any,
    .control = coinbase::control,
    .subscribe = coinbase::subscribe,
    .unsubscribe = coinbase::unsubscribe,
    .greeting = coinbase::greeting,
    .instrument_lists = coinbase::instrument_lists,
    .instruments = coinbase::instruments,
};

}  // namespace steelyard
