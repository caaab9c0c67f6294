#include "venues/coinbase_exchange.hpp"

#include "venues/coinbase_requests.hpp"
#include "venues/iso_time.hpp"
#include "venues/json_rows.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

// docs.cdp.coinbase.com, "Exchange WebSocket channels": the whole book, then changes that nothing
// numbers. The venue promises to deliver each; a new subscription brings a new book.
constexpr BookChannel kBooks[] = {
    {.channel = "level2_batch",
     .snapshot = SnapshotSource::InBand,
     .resync = ResyncBy::Resubscribe,
     .unproven = true,
     .cadence = "50 ms"},
    // For members only, who sign their requests; in recordings.
    {.channel = "level2",
     .snapshot = SnapshotSource::InBand,
     .resync = ResyncBy::Resubscribe,
     .unproven = true,
     .cadence = "each change; for signed connections"},
};

constexpr Socket kSockets[] = {
    {.name = "market",
     .endpoint = {.host = "ws-feed.exchange.coinbase.com"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades)},
};

constexpr std::string_view kUrls[] = {
    "ws-feed.exchange.coinbase.com",
    "ws-direct.exchange.coinbase.com",
    "ws-feed-public.sandbox.exchange.coinbase.com",
    "ws-feed.pro.coinbase.com",
    "ws-feed.gdax.com",
    "api.exchange.coinbase.com",
    "api-public.sandbox.exchange.coinbase.com",
    "api.pro.coinbase.com",
    "api.gdax.com",
};

enum class Feed : std::uint8_t { None, Snapshot, Changes, Trade, OldTrade, Control, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out}, changes_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.ends_with("/products") ? DecodeStatus::Metadata : DecodeStatus::Ignored;
    }
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    for (int pass = 0; status == DecodeStatus::Ok && pass < 2; ++pass) {
      if (pass == 1) {
        document.rewind();
        out_.clear();
        changes_.restart();
      }
      early_ = has_changes_ = false;
      sides_ = {};
      status = json::walk(document, [&](std::string_view key, Value& value) noexcept {
        return read_member(key, value);
      });
      if (status != DecodeStatus::Ok) break;
      if (!json::at_end(document)) return DecodeStatus::Malformed;
      // Levels stood before what they are of: once more.
      if (!early_ || symbol_.empty()) break;
    }
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] DecodeStatus read_member(std::string_view key, Value& value) noexcept {
    if (key == "bids") return read_side(value, sides_.bids);
    if (key == "asks") return read_side(value, sides_.asks);
    if (key == "changes") return read_changes(value);
    if (key == "type") {
      feed_ = feed_of(json::token(value).text);
    } else if (key == "product_id") {
      const std::string_view text = json::token(value).text;
      // Levels of one would become those of another.
      if ((sides_.seen() || has_changes_) && !early_ && text != symbol_) {
        return DecodeStatus::Malformed;
      }
      symbol_ = text;
      entry_ = symbols_.find(symbol_);
    } else {
      Token* const token = key == "price"      ? &price_
                           : key == "size"     ? &size_
                           : key == "side"     ? &side_
                           : key == "trade_id" ? &id_
                           : key == "time"     ? &stamp_
                                               : nullptr;
      if (token != nullptr) *token = json::token(value);
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] static Feed feed_of(std::string_view type) noexcept {
    if (type == "l2update") return Feed::Changes;
    if (type == "match") return Feed::Trade;
    if (type == "snapshot") return Feed::Snapshot;
    if (type == "last_match") return Feed::OldTrade;
    if (type == "heartbeat" || type == "subscriptions" || type == "error") return Feed::Control;
    for (const std::string_view known : {"ticker", "status", "received", "open", "done", "change",
                                         "activate", "auction", "rfq_match", "level3", "balance"}) {
      if (type == known) return Feed::Other;
    }
    return Feed::None;
  }

  // Whether levels can be read now: what they are of is known, and wanted.
  [[nodiscard]] bool admit() noexcept {
    if (symbol_.empty()) early_ = true;
    if (entry_ == nullptr) return false;
    scratch_.suspect = entry_->id;
    return true;
  }

  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (!admit()) {
      side.seen = true;
      return DecodeStatus::Ok;
    }
    return json::read_side(value, *entry_, scratch_, out_, side);
  }

  // ["buy", price, size]: sides come as they happened.
  [[nodiscard]] DecodeStatus read_changes(Value& value) noexcept {
    if (has_changes_) return DecodeStatus::Malformed;
    has_changes_ = true;
    if (!admit()) return DecodeStatus::Ok;
    return json::each(value, [&](Value& row) noexcept {
      Token cells[3];
      std::size_t found = 0;
      const DecodeStatus status = json::each(row, [&](Value& cell) noexcept {
        if (found < 3) cells[found++] = json::token(cell);
        return DecodeStatus::Ok;
      });
      if (status != DecodeStatus::Ok) return status;
      const bool bid = cells[0].text == "buy";
      if (found < 3 || (!bid && cells[0].text != "sell")) return DecodeStatus::Malformed;
      Level level;
      const DecodeStatus parsed =
          json::parse_level(cells[1].text, cells[2].text, *entry_, scratch_, level);
      if (parsed != DecodeStatus::Ok) return parsed;
      return changes_.push(bid, level) ? DecodeStatus::Ok : DecodeStatus::TooLarge;
    });
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    switch (feed_) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Control:
        return DecodeStatus::Control;
      case Feed::Other:
        return DecodeStatus::Ignored;
      case Feed::OldTrade:
        // Sent on subscription: history is no event.
        ++scratch_.not_events;
        return DecodeStatus::Ok;
      case Feed::Trade:
        return finish_trade();
      default:
        return finish_book();
    }
  }

  [[nodiscard]] DecodeStatus finish_book() noexcept {
    const bool whole = feed_ == Feed::Snapshot;
    const MessageKind kind = whole ? MessageKind::Snapshot : MessageKind::Delta;
    if (symbol_.empty() || early_) return DecodeStatus::Malformed;
    // One has sides and no changes, the other changes and no sides.
    if (whole ? !sides_.bids.seen || !sides_.asks.seen || has_changes_
              : !has_changes_ || sides_.seen()) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return json::unwanted(scratch_, symbol_, kind, 0);
    Message* const message =
        json::add_book(out_, whole ? sides_ : changes_.finish(), kind, *entry_, entry_->channel);
    if (message == nullptr) return DecodeStatus::TooLarge;
    // Snapshots had no time until 2022.
    return !stamp_.there() || parse_iso_time(stamp_.text, message->venue_time)
               ? DecodeStatus::Ok
               : DecodeStatus::Malformed;
  }

  // The side is that of the maker, as documented.
  [[nodiscard]] DecodeStatus finish_trade() noexcept {
    const bool maker_buys = side_.text == "buy";
    TimestampNs at;
    if (!price_.there() || !size_.there() || (!maker_buys && side_.text != "sell") ||
        !parse_iso_time(stamp_.text, at)) {
      return DecodeStatus::Malformed;
    }
    if (entry_ == nullptr) return json::unwanted(scratch_, symbol_, MessageKind::Trade, 0);
    Level level;
    const DecodeStatus status =
        json::parse_level(price_.text, size_.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           maker_buys ? Aggressor::Sell : Aggressor::Buy, id_.text, at);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  json::MixedSides changes_;
  json::BookSides sides_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  Token price_, size_, side_, id_, stamp_;
  Feed feed_ = Feed::None;
  bool has_changes_ = false;
  bool early_ = false;
};

DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace

constinit const Venue kCoinbaseExchange{
    .name = "coinbase-exchange",
    .sockets = kSockets,
    .rest = {.host = "api.exchange.coinbase.com"},
    .keepalive = {.silence_limit = 15s},    // heartbeats come every second
    .limits = {.requests_per_second = 8.0,  // 100 of one address; by another page 10
               .requests_of_address = true,
               .streams_per_connection = 100,
               .args_per_request = 50,
               .connections_per_second = 4.0,  // 8
               .rest_weight_per_minute = 300},
    .books = kBooks,
    .known_urls = kUrls,
    .numbers_trades = true,
    .decode = decode,
    .control = coinbase::control,
    .subscribe = coinbase::subscribe_to_exchange,
    .unsubscribe = coinbase::unsubscribe_from_exchange,
    .instrument_lists = coinbase::exchange_lists,
    .instruments = coinbase::exchange_instruments,
};

}  // namespace steelyard
