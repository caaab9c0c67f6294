#include "venues/hyperliquid.hpp"

#include <algorithm>

#include "venues/hyperliquid_quick.hpp"
#include "venues/hyperliquid_requests.hpp"
#include "venues/json_rows.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

// Every message is a whole book, of the block whose time it has. Both kinds look the same on the
// wire: which it is, the subscription said.
constexpr BookChannel kBooks[] = {
    {.channel = "fast", .snapshot = SnapshotSource::Replace, .depth = 5, .cadence = "0.54 s"},
    {.channel = "l2Book",
     .snapshot = SnapshotSource::Replace,
     .depth = 20,
     .snapshot_within = 15s,
     .cadence = "5.4 s"},
};
constexpr std::uint8_t kFast = 0;
constexpr std::uint8_t kSlow = 1;

// The first trades after a subscription are of before it, by up to a minute; others arrive within
// a second of their block.
constexpr std::int64_t kHistoryNs = 10'000'000'000;

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "api.hyperliquid.xyz", .path = "/ws"},
     .kinds =
         kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo)},
};

constexpr std::string_view kUrls[] = {"api.hyperliquid.xyz", "api.hyperliquid-testnet.xyz"};

enum class Feed : std::uint8_t { None, Book, Trades, Bbo, Control, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/info") != std::string_view::npos ? DecodeStatus::Metadata
                                                                    : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && feed_ != Feed::None; });
    if (status != DecodeStatus::Ok) return status;
    switch (feed_) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Control:
        return DecodeStatus::Control;
      case Feed::Other:
        return DecodeStatus::Ignored;
      default:
        return has_data_ && !early_ ? result_ : DecodeStatus::Malformed;
    }
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "channel") {
      feed_ = feed_of(json::token(value).text);
      return DecodeStatus::Ok;
    }
    if (key != "data") return DecodeStatus::Ok;
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    switch (feed_) {
      case Feed::None:
        early_ = true;
        return DecodeStatus::Ok;
      case Feed::Book:
        return read_book(value);
      case Feed::Trades:
        return json::each(value, [&](Value& trade) noexcept { return read_trade(trade); });
      case Feed::Bbo:
        return read_quote(value);
      default:
        return DecodeStatus::Ok;
    }
  }

  [[nodiscard]] static Feed feed_of(std::string_view channel) noexcept {
    if (channel == "l2Book") return Feed::Book;
    if (channel == "trades") return Feed::Trades;
    if (channel == "bbo") return Feed::Bbo;
    if (channel == "subscriptionResponse" || channel == "error" || channel == "pong") {
      return Feed::Control;
    }
    for (const std::string_view known : {"allMids", "activeAssetCtx", "activeSpotAssetCtx",
                                         "candle", "notification", "webData2", "post"}) {
      if (channel == known) return Feed::Other;
    }
    return Feed::None;
  }

  void name(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    const DecodeStatus status = json::unwanted(scratch_, symbol_, kind, channel);
    if (is_defect(status)) return status;
    if (out_.messages().empty()) result_ = status;
    return DecodeStatus::Ok;
  }

  // A side of a coin that nobody follows is walked for its depth alone.
  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (entry_ != nullptr) {
      return json::read_object_rows(
          value, {"px", "sz"}, out_, side,
          [&](std::string_view price, std::string_view size, Level& level) noexcept {
            return json::parse_level(price, size, *entry_, scratch_, level);
          });
    }
    side.seen = true;
    return json::each(value, [&](Value&) noexcept {
      ++side.count;
      return DecodeStatus::Ok;
    });
  }

  // [bids, asks]
  [[nodiscard]] DecodeStatus read_levels(Value& value, json::BookSides& sides) noexcept {
    int at = 0;
    const DecodeStatus status = json::each(value, [&](Value& side) noexcept {
      if (at == 2) return DecodeStatus::Malformed;
      return read_side(side, at++ == 0 ? sides.bids : sides.asks);
    });
    return status == DecodeStatus::Ok && at != 2 ? DecodeStatus::Malformed : status;
  }

  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    json::Object object;
    if (const auto error = value.get_object().get(object)) return json::status_of(error);
    json::BookSides sides;
    Token time;
    bool waits = false;
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1 && object.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
      waits = false;
      const DecodeStatus status =
          json::walk(object, [&](std::string_view key, Value& member) noexcept {
            if (key == "coin") {
              const std::string_view text = json::token(member).text;
              // Levels of one would become those of another.
              if (sides.seen() && text != symbol_) return DecodeStatus::Malformed;
              name(text);
              if (entry_ != nullptr) scratch_.suspect = entry_->id;
            } else if (key == "time") {
              time = json::token(member);
            } else if (key == "levels") {
              if (sides.seen()) return DecodeStatus::Malformed;
              waits = symbol_.empty();
              if (!waits) return read_levels(member, sides);
            }
            return DecodeStatus::Ok;
          });
      if (status != DecodeStatus::Ok) return status;
      if (!waits || symbol_.empty()) break;
    }
    if (!sides.seen()) return DecodeStatus::Malformed;
    if (entry_ == nullptr) {
      const std::uint32_t deepest = std::max(sides.bids.count, sides.asks.count);
      return miss(MessageKind::Snapshot, deepest > kBooks[kFast].depth ? kSlow : kFast);
    }
    Message* const message =
        json::add_book(out_, sides, MessageKind::Snapshot, *entry_, entry_->channel);
    if (message == nullptr) return DecodeStatus::TooLarge;
    // Blocks have no number here, but their times do not go back: what is older is late.
    std::uint64_t id = 0;
    if (!json::parse_id(time.text, id) || !json::parse_time(time.text, message->venue_time)) {
      return DecodeStatus::Malformed;
    }
    message->ids = kHasLast;
    message->last = SequenceNo{id};
    return DecodeStatus::Ok;
  }

  // "B": the taker bought, "A": the taker sold.
  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    Token symbol, price, size, side, id, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "coin"   ? &symbol
                               : key == "px"   ? &price
                               : key == "sz"   ? &size
                               : key == "side" ? &side
                               : key == "tid"  ? &id
                               : key == "time" ? &time
                                               : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool buy = side.text == "B";
    TimestampNs at;
    if (!price.there() || !size.there() || (!buy && side.text != "A") ||
        !json::parse_time(time.text, at)) {
      return DecodeStatus::Malformed;
    }
    name(symbol.text);
    if (entry_ == nullptr) return miss(MessageKind::Trade, kFast);
    result_ = DecodeStatus::Ok;
    if (frame_.received.raw() - at.raw() > kHistoryNs) {
      ++scratch_.not_events;
      return DecodeStatus::Ok;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           buy ? Aggressor::Buy : Aggressor::Sell, id.text, at);
  }

  [[nodiscard]] static DecodeStatus read_best(Value& value, Token& price, Token& size) noexcept {
    if (json::is_null(value)) return DecodeStatus::Ok;
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      if (key == "px") price = json::token(member);
      if (key == "sz") size = json::token(member);
      return DecodeStatus::Ok;
    });
  }

  // {"bbo": [bid or null, ask or null]}
  [[nodiscard]] DecodeStatus read_quote(Value& value) noexcept {
    Token symbol, time, price[2], size[2];
    int at = 0;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          if (key == "coin") symbol = json::token(member);
          if (key == "time") time = json::token(member);
          if (key != "bbo") return DecodeStatus::Ok;
          return json::each(member, [&](Value& best) noexcept {
            if (at == 2) return DecodeStatus::Malformed;
            const DecodeStatus read = read_best(best, price[at], size[at]);
            ++at;
            return read;
          });
        });
    if (status != DecodeStatus::Ok) return status;
    name(symbol.text);
    if (entry_ == nullptr) return miss(MessageKind::Bbo, kFast);
    TimestampNs sent;
    if (at == 0 || !json::parse_time(time.text, sent)) return DecodeStatus::Malformed;
    return json::add_best(out_, *entry_, {price[0], size[0], price[1], size[1]}, sent, scratch_);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  bool has_data_ = false;
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
  if (hyperliquid::decode_quickly(frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(frame, symbols, scratch, out);
}

}  // namespace

constinit const Venue kHyperliquid{
    .name = "hyperliquid",
    .sockets = kSockets,
    .rest = {.host = "api.hyperliquid.xyz"},
    // It closes what it has sent nothing to for 60 s.
    .keepalive = {.client_text = R"({"method":"ping"})",
                  .interval = 25s,
                  .only_if_idle = false,
                  .silence_limit = 55s},
    // Of one address: 2000 messages a minute, 1000 subscriptions, 10 connections, 30 new ones a
    // minute.
    .limits = {.requests_per_second = 30.0,
               .requests_of_address = true,
               .streams_per_connection = 400,
               .args_per_request = 1,
               .connections_per_second = 0.4,
               .rest_weight_per_minute = 1200},
    .books = kBooks,
    .known_urls = kUrls,
    .shares_ids = true,
    .numbers_trades = true,
    .bbo_skips = true,
    .decode = decode,
    .decode_any = decode_any,
    .control = hyperliquid::control,
    .subscribe = hyperliquid::subscribe,
    .unsubscribe = hyperliquid::unsubscribe,
    .instrument_lists = hyperliquid::instrument_lists,
    .instruments = hyperliquid::instruments,
};

}  // namespace steelyard
