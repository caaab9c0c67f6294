#include "venues/cryptocom.hpp"

#include "venues/cryptocom_requests.hpp"
#include "venues/json_walk.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

constexpr LinkRule kChain{.link = Link::Prev};

// exchange-docs.crypto.com, "book.{instrument_name}.{depth}": a snapshot, then changes that name
// their predecessor in "pu". An empty change with pu == u is sent while nothing happens. "cs" is
// documented nowhere and ignored.
constexpr BookChannel kBooks[] = {
    {.channel = "book.50", .link = kChain, .depth = 50, .cadence = "10 ms"},
    {.channel = "book.10", .link = kChain, .depth = 10, .cadence = "10 ms"},
    {.channel = "book.150", .snapshot = SnapshotSource::Replace, .depth = 150, .cadence = "500 ms"},
};
constexpr std::uint8_t kNoChannel = 3;

constexpr Socket kSockets[] = {
    {.name = "market",
     .endpoint = {.host = "stream.crypto.com", .path = "/exchange/v1/market"},
     .kinds =
         kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) | kind_bit(StreamKind::Bbo)},
};

constexpr std::string_view kUrls[] = {"stream.crypto.com", "uat-stream.3ona.co", "api.crypto.com",
                                      "uat-api.3ona.co", "deriv-stream.crypto.com"};

enum class Feed : std::uint8_t { None, Book, Trades, Ticker, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/get-instruments") != std::string_view::npos
                 ? DecodeStatus::Metadata
                 : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && feed_ != Feed::None; });
    if (status != DecodeStatus::Ok) return status;
    // Data frames are answers to the subscription, too: what has no result is an answer only.
    if (!has_result_) return method_ ? DecodeStatus::Control : DecodeStatus::UnknownKind;
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    return has_data_ && !early_ ? result_ : DecodeStatus::Malformed;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "method") method_ = true;
    if (key != "result") return DecodeStatus::Ok;
    has_result_ = true;
    return json::walk(value, [&](std::string_view name, Value& member) noexcept {
      if (name == "channel") {
        resolve_channel(json::token(member).text);
      } else if (name == "subscription") {
        resolve_depth(json::token(member).text);
      } else if (name == "instrument_name") {
        symbol_ = json::token(member).text;
        entry_ = symbols_.find(symbol_);
      } else if (name == "data") {
        return read_data(member);
      }
      return DecodeStatus::Ok;
    });
  }

  void resolve_channel(std::string_view channel) noexcept {
    update_ = channel == "book.update";
    feed_ = Feed::None;
    if (update_ || channel == "book") {
      feed_ = Feed::Book;
    } else if (channel == "trade") {
      feed_ = Feed::Trades;
    } else if (channel == "ticker") {
      feed_ = Feed::Ticker;
    } else {
      for (const std::string_view known : {"candlestick", "index", "mark", "settlement", "funding",
                                           "estimatedfunding", "otc_book", "system"}) {
        if (!channel.starts_with(known)) continue;
        feed_ = Feed::Other;
        result_ = DecodeStatus::Ignored;
      }
    }
  }

  // "book.BTCUSD-PERP.50": the depth is said nowhere else for certain.
  void resolve_depth(std::string_view subscription) noexcept {
    channel_ = kNoChannel;
    subscribed_ = true;
    const std::size_t dot = subscription.rfind('.');
    if (dot == std::string_view::npos) return;
    for (std::uint8_t i = 0; i < kNoChannel; ++i) {
      if (kBooks[i].channel.substr(4) == subscription.substr(dot)) channel_ = i;
    }
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    const bool known = feed_ != Feed::None && !symbol_.empty() && subscribed_;
    if (!known && feed_ != Feed::Other) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    switch (feed_) {
      case Feed::Book: {
        if (channel_ == kNoChannel) {
          result_ = DecodeStatus::Ignored;  // a depth that no row has
          return DecodeStatus::Ok;
        }
        if (entry_ == nullptr || entry_->channel != channel_) {
          return miss(update_ ? MessageKind::Delta : MessageKind::Snapshot, channel_);
        }
        scratch_.suspect = entry_->id;
        return json::each(value, [&](Value& book) noexcept { return read_book(book); });
      }
      case Feed::Trades:
        if (entry_ == nullptr) return miss(MessageKind::Trade, 0);
        return json::each(value, [&](Value& trade) noexcept { return read_trade(trade); });
      case Feed::Ticker:
        if (entry_ == nullptr) return miss(MessageKind::Bbo, 0);
        return json::each(value, [&](Value& ticker) noexcept { return read_ticker(ticker); });
      default:
        return DecodeStatus::Ok;
    }
  }

  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    result_ = json::unwanted(scratch_, symbol_, kind, channel);
    return is_defect(result_) ? result_ : DecodeStatus::Ok;
  }

  // A snapshot has its sides at hand, a change has them in "update".
  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    json::BookSides sides;
    Token last, prev, time;
    const auto side = [&](std::string_view key, Value& rows) noexcept {
      if (key == "bids") return json::read_side(rows, *entry_, scratch_, out_, sides.bids);
      if (key == "asks") return json::read_side(rows, *entry_, scratch_, out_, sides.asks);
      return DecodeStatus::Ok;
    };
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          if (key == "update" && update_) return json::walk(member, side);
          if (key == "u") last = json::token(member);
          if (key == "pu") prev = json::token(member);
          if (key == "t") time = json::token(member);
          return update_ ? DecodeStatus::Ok : side(key, member);
        });
    if (status != DecodeStatus::Ok) return status;
    if (!sides.seen()) return DecodeStatus::Malformed;
    Message* const message = json::add_book(
        out_, sides, update_ ? MessageKind::Delta : MessageKind::Snapshot, *entry_, channel_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    if (!json::parse_time(time.text, message->venue_time)) return DecodeStatus::Malformed;
    if (!last.there()) return DecodeStatus::Ok;  // v2, until 2022: no numbers
    std::uint64_t id = 0;
    if (!json::parse_id(last.text, id)) return DecodeStatus::Malformed;
    message->ids = kHasLast;
    message->last = SequenceNo{id};
    if (!update_) return DecodeStatus::Ok;
    // A change that is numbered but names no predecessor proves nothing: it cannot be one.
    if (!json::parse_id(prev.text, id)) return DecodeStatus::Malformed;
    message->ids |= kHasPrev;
    message->prev = SequenceNo{id};
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    Token price, size, side, time, id;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "p"   ? &price
                               : key == "q" ? &size
                               : key == "s" ? &side
                               : key == "t" ? &time
                               : key == "d" ? &id
                                            : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool buy = side.text == "BUY";
    if (!price.there() || !size.there() || (!buy && side.text != "SELL")) {
      return DecodeStatus::Malformed;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           buy ? Aggressor::Buy : Aggressor::Sell, id.text, time.text);
  }

  // b, bs and k, ks are the best of both sides; "a" is the last price. v2 had no sizes.
  [[nodiscard]] DecodeStatus read_ticker(Value& value) noexcept {
    Token bid, bid_size, ask, ask_size, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "b"    ? &bid
                               : key == "bs" ? &bid_size
                               : key == "k"  ? &ask
                               : key == "ks" ? &ask_size
                               : key == "t"  ? &time
                                             : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!bid_size.there() && !ask_size.there()) {
      result_ = DecodeStatus::Ignored;
      return DecodeStatus::Ok;
    }
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Bbo;
    message->instrument = entry_->id;
    if (!json::parse_time(time.text, message->venue_time)) return DecodeStatus::Malformed;
    const DecodeStatus pushed = push_quote(bid, bid_size, message->bids);
    return pushed == DecodeStatus::Ok ? push_quote(ask, ask_size, message->asks) : pushed;
  }

  [[nodiscard]] DecodeStatus push_quote(const Token& price, const Token& size,
                                        std::uint32_t& count) noexcept {
    if (!price.there() || !size.there() || price.text == "null" || size.text == "null" ||
        price.text == "0" || price.text.empty()) {
      return DecodeStatus::Ok;
    }
    Level level;
    const DecodeStatus status = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    if (!out_.push(level)) return DecodeStatus::TooLarge;
    ++count;
    return DecodeStatus::Ok;
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint8_t channel_ = kNoChannel;
  bool update_ = false;
  bool subscribed_ = false;
  bool method_ = false;
  bool has_result_ = false;
  bool has_data_ = false;
  bool early_ = false;
};

DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace

constinit const Venue kCryptocom{
    .name = "cryptocom",
    .sockets = kSockets,
    .rest = {.host = "api.crypto.com"},
    .keepalive = {.server_ping_every = 30s, .silence_limit = 30s},
    .limits = {.requests_per_second = 10.0,    // 100, less in the second of the connection
               .streams_per_connection = 390,  // 400; the 401st is refused
               .args_per_request = 100,
               .connections_per_second = 1.0,
               .rest_weight_per_minute = 600},
    .books = kBooks,
    .known_urls = kUrls,
    .decode = decode,
    .control = cryptocom::control,
    .subscribe = cryptocom::subscribe,
    .unsubscribe = cryptocom::unsubscribe,
    .instrument_lists = cryptocom::instrument_lists,
    .instruments = cryptocom::instruments,
};

}  // namespace steelyard
