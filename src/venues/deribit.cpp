#include "venues/deribit.hpp"

#include <algorithm>

#include "venues/deribit_quick.hpp"
#include "venues/deribit_requests.hpp"
#include "venues/json_rows.hpp"

namespace steelyard {
namespace {

using namespace std::chrono_literals;
using json::Token;
using json::Value;

// docs.deribit.com, "book.{instrument_name}.{interval}": the whole book, then changes that name
// their predecessor. Subscribing once more brings no new book; a new connection does.
[[nodiscard]] constexpr BookChannel chained(std::string_view channel, std::string_view cadence) {
  return {.channel = channel,
          .link = {.link = Link::Prev},
          .snapshot = SnapshotSource::InBand,
          .resync = ResyncBy::Reconnect,
          .cadence = cadence};
}
[[nodiscard]] constexpr BookChannel whole(std::string_view channel, std::uint32_t depth) {
  return {.channel = channel,
          .snapshot = SnapshotSource::Replace,
          .resync = ResyncBy::Reconnect,
          .depth = depth,
          .cadence = "100 ms"};
}

// On the wire the instrument stands behind "book.".
constexpr BookChannel kBooks[] = {
    chained("book.100ms", "100 ms"), chained("book.raw", "each change; for signed connections"),
    chained("book.agg2", "1 s"),     whole("book.none.20.100ms", 20),
    whole("book.none.10.100ms", 10), whole("book.none.1.100ms", 1),
};
constexpr std::uint8_t kNoChannel = std::size(kBooks);

constexpr Socket kSockets[] = {
    {.name = "public",
     .endpoint = {.host = "www.deribit.com", .path = "/ws/api/v2"},
     .kinds = kind_bit(StreamKind::Book) | kind_bit(StreamKind::Trades) |
              kind_bit(StreamKind::Bbo) | kind_bit(StreamKind::Liquidations)},
};

constexpr std::string_view kUrls[] = {"www.deribit.com", "test.deribit.com", "streams.deribit.com",
                                      "history.deribit.com"};

enum class Feed : std::uint8_t { None, Book, Trades, Quote, Other };

// A notification's "data", members in any order.
struct BookData {
  Token type, change, previous, time;
  json::BookSides sides;
};

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/get_instruments") != std::string_view::npos
                 ? DecodeStatus::Metadata
                 : DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && has_channel_; });
    if (status != DecodeStatus::Ok) return status;
    if (has_channel_ && feed_ == Feed::None) return DecodeStatus::UnknownKind;
    if (has_channel_) return has_data_ && !early_ ? result_ : DecodeStatus::Malformed;
    return answers_ ? DecodeStatus::Control : DecodeStatus::UnknownKind;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "result" || key == "error") {
      answers_ = true;
    } else if (key == "method") {
      answers_ = answers_ || json::token(value).text == "heartbeat";
    } else if (key == "params") {
      return json::walk(value, [&](std::string_view name, Value& member) noexcept {
        if (name == "channel") return resolve(json::token(member).text);
        return name == "data" ? read_data(member) : DecodeStatus::Ok;
      });
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus resolve(std::string_view channel) noexcept {
    // What was read as one channel's would become another's.
    if (has_channel_ && channel != resolved_) return DecodeStatus::Malformed;
    resolved_ = channel;
    has_channel_ = true;
    const std::size_t dot = channel.find('.');
    const std::string_view name = channel.substr(0, dot);
    const std::string_view rest =
        dot == std::string_view::npos ? std::string_view{} : channel.substr(dot + 1);
    feed_ = Feed::None;
    if (name == "book") {
      const std::size_t end = std::min(rest.find('.'), rest.size());
      name_instrument(rest.substr(0, end));
      feed_ = Feed::Other;  // another grouping or depth than the rows have
      channel_ = kNoChannel;
      for (std::uint8_t i = 0; i < kNoChannel; ++i) {
        if (kBooks[i].channel.substr(name.size()) != rest.substr(end)) continue;
        feed_ = Feed::Book;
        channel_ = i;
      }
    } else if (name == "trades") {
      feed_ = Feed::Trades;
    } else if (name == "quote") {
      name_instrument(rest);
      feed_ = Feed::Quote;
    } else {
      for (const std::string_view known :
           {"ticker", "incremental_ticker", "chart", "platform_state", "announcements",
            "deribit_price_index", "deribit_price_ranking", "deribit_price_statistics",
            "deribit_volatility_index", "estimated_expiration_price", "instrument", "markprice",
            "perpetual", "rfq", "block_rfq", "block_trade_confirmations", "user"}) {
        if (name == known) feed_ = Feed::Other;
      }
    }
    if (feed_ == Feed::Other) result_ = DecodeStatus::Ignored;
    return DecodeStatus::Ok;
  }

  void name_instrument(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    if (!has_channel_) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    switch (feed_) {
      case Feed::Book:
        return read_book(value);
      case Feed::Trades:
        return json::each(value, [&](Value& trade) noexcept { return read_trade(trade); });
      case Feed::Quote:
        return read_quote(value);
      default:
        return DecodeStatus::Ok;
    }
  }

  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    const bool wanted = entry_ != nullptr && entry_->channel == channel_;
    if (wanted) scratch_.suspect = entry_->id;
    BookData data;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          // The channel has said whose it is.
          if (key == "instrument_name" && json::token(member).text != symbol_) {
            return DecodeStatus::Malformed;
          }
          if (key == "bids" || key == "asks") {
            json::SideRange& side = key == "bids" ? data.sides.bids : data.sides.asks;
            if (wanted) return read_side(member, side);
            side.seen = true;
          }
          Token* const token = key == "type"             ? &data.type
                               : key == "change_id"      ? &data.change
                               : key == "prev_change_id" ? &data.previous
                               : key == "timestamp"      ? &data.time
                                                         : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!data.sides.bids.seen || !data.sides.asks.seen) return DecodeStatus::Malformed;
    return finish_book(data, wanted);
  }

  // [action, price, amount] where books change, [price, amount] where each message is all of it.
  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (side.seen) return DecodeStatus::Malformed;
    side.seen = true;
    side.first = static_cast<std::uint32_t>(out_.level_count());
    const std::size_t words = kBooks[channel_].snapshot == SnapshotSource::Replace ? 0 : 1;
    return json::each(value, [&](Value& row) noexcept {
      Token cells[3];
      std::size_t found = 0;
      const DecodeStatus status = json::each(row, [&](Value& cell) noexcept {
        if (found < 3) cells[found++] = json::token(cell);
        return DecodeStatus::Ok;
      });
      if (status != DecodeStatus::Ok) return status;
      if (found < words + 2) return DecodeStatus::Malformed;
      std::string_view amount = cells[words + 1].text;
      if (words != 0) {
        const std::string_view action = cells[0].text;
        if (action == "delete") {
          amount = "0";
        } else if (action != "new" && action != "change") {
          return DecodeStatus::Malformed;
        }
      }
      Level level;
      const DecodeStatus parsed =
          json::parse_level(cells[words].text, amount, *entry_, scratch_, level);
      if (parsed != DecodeStatus::Ok) return parsed;
      if (!out_.push(level)) return DecodeStatus::TooLarge;
      ++side.count;
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] DecodeStatus finish_book(const BookData& data, bool wanted) noexcept {
    // Until 2020 nothing said which it is but whether it has a predecessor.
    const bool has_previous = data.previous.there() && data.previous.text != "null";
    const bool snapshot = kBooks[channel_].snapshot == SnapshotSource::Replace ||
                          (data.type.there() ? data.type.text == "snapshot" : !has_previous);
    const MessageKind kind = snapshot ? MessageKind::Snapshot : MessageKind::Delta;
    if (!wanted) {
      result_ = json::unwanted(scratch_, symbol_, kind, channel_);
      return is_defect(result_) ? result_ : DecodeStatus::Ok;
    }
    Message* const message = json::add_book(out_, data.sides, kind, *entry_, channel_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    std::uint64_t id = 0;
    if (!json::parse_time(data.time.text, message->venue_time) ||
        !json::parse_id(data.change.text, id)) {
      return DecodeStatus::Malformed;
    }
    message->ids = kHasLast;
    message->last = SequenceNo{id};
    if (snapshot) return DecodeStatus::Ok;
    // A change that names no predecessor proves nothing: it cannot be one.
    if ((data.type.there() && data.type.text != "change") ||
        !json::parse_id(data.previous.text, id)) {
      return DecodeStatus::Malformed;
    }
    message->ids |= kHasPrev;
    message->prev = SequenceNo{id};
    return DecodeStatus::Ok;
  }

  // The direction is the taker's. "liquidation" says whose order was forced: of the maker, the
  // taker, or both.
  [[nodiscard]] DecodeStatus read_trade(Value& value) noexcept {
    Token symbol, price, size, side, id, time, forced;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "instrument_name" ? &symbol
                               : key == "price"         ? &price
                               : key == "amount"        ? &size
                               : key == "direction"     ? &side
                               : key == "trade_id"      ? &id
                               : key == "timestamp"     ? &time
                               : key == "liquidation"   ? &forced
                                                        : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    const bool buy = side.text == "buy";
    if (!price.there() || !size.there() || (!buy && side.text != "sell")) {
      return DecodeStatus::Malformed;
    }
    name_instrument(symbol.text);
    if (entry_ == nullptr) {
      const DecodeStatus missed = json::unwanted(scratch_, symbol_, MessageKind::Trade, 0);
      if (is_defect(missed)) return missed;
      if (out_.messages().empty()) result_ = missed;
      return DecodeStatus::Ok;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    result_ = DecodeStatus::Ok;
    const auto add = [&](MessageKind kind, bool buys) noexcept {
      return json::add_print(out_, kind, *entry_, level, buys ? Aggressor::Buy : Aggressor::Sell,
                             id.text, time.text);
    };
    DecodeStatus added = add(MessageKind::Trade, buy);
    const std::string_view whose = forced.text == "null" ? std::string_view{} : forced.text;
    if (added == DecodeStatus::Ok && whose.find('T') != std::string_view::npos) {
      added = add(MessageKind::Liquidation, buy);
    }
    if (added == DecodeStatus::Ok && whose.find('M') != std::string_view::npos) {
      added = add(MessageKind::Liquidation, !buy);
    }
    return added;
  }

  [[nodiscard]] DecodeStatus read_quote(Value& value) noexcept {
    if (entry_ == nullptr) {
      result_ = json::unwanted(scratch_, symbol_, MessageKind::Bbo, 0);
      return is_defect(result_) ? result_ : DecodeStatus::Ok;
    }
    Token bid, bid_size, ask, ask_size, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "best_bid_price"    ? &bid
                               : key == "best_bid_amount" ? &bid_size
                               : key == "best_ask_price"  ? &ask
                               : key == "best_ask_amount" ? &ask_size
                               : key == "timestamp"       ? &time
                                                          : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    TimestampNs at;
    if (!json::parse_time(time.text, at)) return DecodeStatus::Malformed;
    return json::add_best(out_, *entry_, {bid, bid_size, ask, ask_size}, at, scratch_);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_, resolved_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint8_t channel_ = kNoChannel;
  bool has_channel_ = false;
  bool answers_ = false;
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
  if (deribit::decode_quickly(kBooks, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace

constinit const Venue kDeribit{
    .name = "deribit",
    .sockets = kSockets,
    .rest = {.host = "www.deribit.com"},
    // Kept alive by answers to the heartbeat that the greeting asks for.
    .keepalive = {.server_ping_every = 10s, .silence_limit = 30s},
    .limits = {.requests_per_second = 3.0,  // 3.3, by their credits
               .requests_of_address = true,
               .streams_per_connection = 1000,
               .args_per_request = 250,        // 500 suggested
               .connections_per_second = 1.0,  // 32 at once
               .rest_weight_per_minute = 120},
    .books = kBooks,
    .known_urls = kUrls,
    .liquidations = true,
    .liquidation_note =
        "trades marked as such, at the trade's price and size; side: of the maker, taker, or both",
    .shares_ids = true,
    .decode = decode,
    .decode_any = decode_any,
    .control = deribit::control,
    .subscribe = deribit::subscribe,
    .unsubscribe = deribit::unsubscribe,
    .greeting = deribit::greeting,
    .instrument_lists = deribit::instrument_lists,
    .instruments = deribit::instruments,
};

}  // namespace steelyard
