#include "venues/bitstamp.hpp"

#include "venues/bitstamp_quick.hpp"
#include "venues/bitstamp_requests.hpp"
#include "venues/json_walk.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

// bitstamp.net/websocket/v2: changes carry no number. Their times in microseconds grow, which tells
// what a fetched book contains, and proves nothing of what is missing: it is fetched anew, and
// order_book, all of the best hundred levels each time, is there for whoever wants no doubt.
constexpr BookChannel kBooks[] = {
    {.channel = "diff_order_book",
     .link = {.link = Link::None, .splice_by_time = true},
     .snapshot = SnapshotSource::OutOfBand,
     .resync = ResyncBy::Fetch,
     .unproven = true,
     .renew = 60s,
     .cadence = "100 ms"},
    {.channel = "order_book",
     .snapshot = SnapshotSource::Replace,
     .depth = 100,
     .cadence = "100 ms"},
};
constexpr std::uint8_t kChangesRow = 0;
constexpr std::uint8_t kWholeRow = 1;

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "ws.bitstamp.net", .path = "/"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades)},
};

constexpr std::string_view kUrls[] = {"ws.bitstamp.net", "www.bitstamp.net", "bitstamp.net"};

enum class Feed : std::uint8_t { None, Book, Trades, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) return run_answer();
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && feed_ != Feed::None && has_event_; });
    if (status != DecodeStatus::Ok) return status;
    if (control_) return DecodeStatus::Control;
    if (!has_event_ || feed_ == Feed::None) return DecodeStatus::UnknownKind;
    return has_data_ && !early_ ? result_ : DecodeStatus::Malformed;
  }

 private:
  // The fetched book names its pair in the path only.
  [[nodiscard]] DecodeStatus run_answer() noexcept {
    const std::string_view url = frame_.request;
    constexpr std::string_view kBook = "/api/v2/order_book/";
    const std::size_t at = url.find(kBook);
    if (at == std::string_view::npos) {
      return url.find("/api/v2/markets/") != std::string_view::npos ||
                     url.find("/api/v2/trading-pairs-info/") != std::string_view::npos
                 ? DecodeStatus::Metadata
                 : DecodeStatus::Ignored;
    }
    const std::string_view group = json::query_value(url, "group");
    if (!group.empty() && group != "1") return DecodeStatus::Ignored;  // rows are orders
    symbol_ = url.substr(at + kBook.size());
    symbol_ = symbol_.substr(0, symbol_.find_first_of("/?"));
    entry_ = symbols_.find(symbol_);
    if (symbol_.empty()) return DecodeStatus::NoInstrument;
    if (entry_ == nullptr || entry_->channel != kChangesRow) {
      return json::unwanted(scratch_, symbol_, MessageKind::Snapshot, kChangesRow);
    }
    row_ = kChangesRow;
    snapshot_ = true;
    scratch_.suspect = entry_->id;
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    if (status != DecodeStatus::Ok) return status;
    json::Object root;
    if (const auto error = document.get_object().get(root)) return json::status_of(error);
    status = read_book([&](auto&& visit) noexcept { return json::walk(root, visit); });
    if (status != DecodeStatus::Ok) return status;
    return json::at_end(document) ? DecodeStatus::Ok : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "event") {
      const std::string_view event = json::token(value).text;
      has_event_ = true;
      control_ = event.starts_with("bts:");
      snapshot_ = event == "snapshot";  // recordings of others have the fetched book in the stream
      is_data_ = snapshot_ || event == "data" || event == "trade";
    } else if (key == "channel") {
      resolve(json::token(value).text);
    } else if (key == "data") {
      return read_data(value);
    }
    return DecodeStatus::Ok;
  }

  // "diff_order_book_btcusd".
  void resolve(std::string_view channel) noexcept {
    const std::size_t mark = channel.rfind('_');
    feed_ = Feed::None;
    if (mark == std::string_view::npos) return;
    const std::string_view name = channel.substr(0, mark);
    symbol_ = channel.substr(mark + 1);
    entry_ = symbols_.find(symbol_);
    if (name == kBooks[kChangesRow].channel || name == kBooks[kWholeRow].channel) {
      feed_ = Feed::Book;
      row_ = name == kBooks[kChangesRow].channel ? kChangesRow : kWholeRow;
    } else if (name == "live_trades") {
      feed_ = Feed::Trades;
    } else if (name == "live_orders" || name == "detail_order_book" || name == "funding_rate") {
      feed_ = Feed::Other;
    }
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    if (control_) return DecodeStatus::Ok;
    if (!has_event_ || feed_ == Feed::None) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    if (feed_ == Feed::Other || !is_data_) {
      result_ = feed_ == Feed::Other ? DecodeStatus::Ignored : DecodeStatus::UnknownKind;
      return DecodeStatus::Ok;
    }
    if (feed_ == Feed::Trades) {
      return entry_ == nullptr ? miss(MessageKind::Trade, 0) : read_trade(value);
    }
    snapshot_ = snapshot_ || row_ == kWholeRow;
    if (entry_ == nullptr || entry_->channel != row_) {
      return miss(snapshot_ ? MessageKind::Snapshot : MessageKind::Delta, row_);
    }
    scratch_.suspect = entry_->id;
    return read_book([&](auto&& visit) noexcept { return json::walk(value, visit); });
  }

  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    result_ = json::unwanted(scratch_, symbol_, kind, channel);
    return is_defect(result_) ? result_ : DecodeStatus::Ok;
  }

  // `walk_members` visits the members of the object that holds the sides and the time.
  template <typename Walk>
  [[nodiscard]] DecodeStatus read_book(Walk&& walk_members) noexcept {
    json::BookSides sides;
    Token micros, seconds;
    const DecodeStatus status = walk_members([&](std::string_view key, Value& member) noexcept {
      if (key == "bids") return json::read_side(member, *entry_, scratch_, out_, sides.bids);
      if (key == "asks") return json::read_side(member, *entry_, scratch_, out_, sides.asks);
      if (key == "microtimestamp") micros = json::token(member);
      if (key == "timestamp") seconds = json::token(member);
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    if (!sides.bids.seen || !sides.asks.seen) return DecodeStatus::Malformed;
    Message* const message = json::add_book(
        out_, sides, snapshot_ ? MessageKind::Snapshot : MessageKind::Delta, *entry_, row_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    std::uint64_t time = 0;
    if (micros.there()) {
      if (!json::parse_id(micros.text, time)) return DecodeStatus::Malformed;
    } else {
      // Fetched books of 2019 say the second only. It began before they were made: whatever is
      // newer than that is applied, and changes are absolute.
      if (!snapshot_ || !json::parse_id(seconds.text, time)) return DecodeStatus::Malformed;
      if (time > kLargestSecond) return DecodeStatus::Malformed;
      time *= 1'000'000;
    }
    if (time > kLargestSecond * 1'000'000) return DecodeStatus::Malformed;
    message->ids = kHasLast;
    message->last = SequenceNo{time};
    message->venue_time = TimestampNs{static_cast<std::int64_t>(time) * 1'000};
    return DecodeStatus::Ok;
  }

  // Numbers have gone through a double; "price_str" and "amount_str" have not. "type" is the
  // taker's: 0 bought.
  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    Token price, size, type, time, id;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "price_str"        ? &price
                               : key == "amount_str"     ? &size
                               : key == "type"           ? &type
                               : key == "microtimestamp" ? &time
                               : key == "id"             ? &id
                                                         : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool buy = type.text == "0";
    if (!price.there() || !size.there() || (!buy && type.text != "1")) {
      return DecodeStatus::Malformed;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           buy ? Aggressor::Buy : Aggressor::Sell, id.text, time.text);
  }

  static constexpr std::uint64_t kLargestSecond = 9'000'000'000;  // fits 64 bits in ns

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint8_t row_ = kChangesRow;
  bool snapshot_ = false;
  bool is_data_ = false;
  bool has_event_ = false;
  bool has_data_ = false;
  bool control_ = false;
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
  if (bitstamp::decode_quickly(kBooks, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace

constinit const Venue kBitstamp{
    .name = "bitstamp",
    .sockets = kSockets,
    .rest = {.host = "www.bitstamp.net"},
    .keepalive = {.client_text = R"({"event":"bts:heartbeat"})",
                  .interval = 20s,
                  .silence_limit = 45s},
    .limits = {.requests_per_second = 10.0,  // undocumented
               .streams_per_connection = 200,
               .args_per_request = 1,
               .connections_per_second = 1.0,
               .max_age = 90 * 24h,
               .rest_weight_per_minute = 600},  // 10,000 in ten minutes
    .books = kBooks,
    .known_urls = kUrls,
    .numbers_trades = true,
    .decode = decode,
    .decode_any = decode_any,
    .control = bitstamp::control,
    .subscribe = bitstamp::subscribe,
    .unsubscribe = bitstamp::unsubscribe,
    .snapshot = bitstamp::snapshot,
    .instrument_lists = bitstamp::instrument_lists,
    .instruments = bitstamp::instruments,
};

}  // namespace steelyard
