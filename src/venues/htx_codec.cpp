#include "venues/htx_codec.hpp"

#include "venues/htx_prints.hpp"
#include "venues/json_walk.hpp"

namespace steelyard::htx {
namespace {

using json::Token;
using json::Value;

enum class Feed : std::uint8_t { None, Book, Trades, Bbo, Liquidations, Other };

// "tick" or the "data" of an answer, members in any order.
struct Tick {
  json::BookSides sides;
  Token sequence, previous, version, order_id, event, time;
};

class Decoder {
 public:
  Decoder(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
          DecodeScratch& scratch, MessageBatch& out) noexcept
      : dialect_{dialect}, frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      for (const std::string_view list : {"/common/symbols", "contract_info"}) {
        if (frame_.request.find(list) != std::string_view::npos) return DecodeStatus::Metadata;
      }
      if (frame_.request.find("/market/depth") == std::string_view::npos) {
        return DecodeStatus::Ignored;
      }
    }
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    for (int pass = 0; status == DecodeStatus::Ok && pass < 2; ++pass) {
      if (pass == 1) {
        document.rewind();
        second_ = true;
        out_.clear();
        scratch_.not_events = scratch_.rounded = 0;
      }
      early_ = has_content_ = false;
      status = json::walk(document, [&](std::string_view key, Value& value) noexcept {
        return read_root(key, value);
      });
      if (status != DecodeStatus::Ok) break;
      if (!json::at_end(document)) return DecodeStatus::Malformed;
      if (control_) return DecodeStatus::Control;
      // The content stood before what it is about: once more.
      if (!early_ || feed_ == Feed::None) break;
    }
    if (status != DecodeStatus::Ok) return status;
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    if (!has_content_ || early_) return DecodeStatus::Malformed;
    // Where the content has no time of its own, the time of sending.
    for (Message& message : out_.messages()) {
      if (message.venue_time == TimestampNs{}) {
        (void)json::parse_time(time_.text, message.venue_time);
      }
    }
    return result_;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "ch" || key == "rep") {
      answer_ = key == "rep";
      resolve_channel(json::token(value).text);
    } else if (key == "topic") {
      resolve_topic(json::token(value).text);
    } else if (key == "tick") {
      return read_content(value, false);
    } else if (key == "data") {
      return read_content(value, true);
    } else if (key == "update") {
      // Changes only, on a channel of whole books: as it was until 2020.
      changes_ = json::token(value).text == "true";
      early_ = early_ || (changes_ && has_content_ && !second_);
    } else if (key == "ts") {
      time_ = json::token(value);
    } else if (key == "op") {
      control_ = control_ || json::token(value).text != "notify";
    } else if (key == "ping" || key == "subbed" || key == "unsubbed" || key == "err-code" ||
               key == "err-msg") {
      control_ = true;
    }
    return DecodeStatus::Ok;
  }

  // "market.btcusdt.mbp.150": the symbol has no dots.
  void resolve_channel(std::string_view name) noexcept {
    feed_ = Feed::None;
    if (!name.starts_with("market.")) return;
    name.remove_prefix(7);
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return;
    follow(name.substr(0, dot));
    const std::string_view channel = name.substr(dot + 1);
    for (std::uint8_t i = 0; i < dialect_.books.size(); ++i) {
      if (dialect_.books[i].channel != channel) continue;
      feed_ = Feed::Book;
      channel_ = i;
      return;
    }
    if (channel == "trade.detail") {
      feed_ = Feed::Trades;
    } else if (channel == "bbo") {
      feed_ = Feed::Bbo;
    } else {
      for (const std::string_view known :
           {"kline.", "detail", "ticker", "depth.", "mbp.", "basis.", "open_interest", "etp",
            "estimated_rate.", "premium_index.", "mark_price.", "index.", "option_"}) {
        if (!channel.starts_with(known)) continue;
        feed_ = Feed::Other;
        result_ = DecodeStatus::Ignored;
      }
    }
  }

  void resolve_topic(std::string_view topic) noexcept {
    feed_ = topic.ends_with(".liquidation_orders") ? Feed::Liquidations
            : topic.starts_with("public.")         ? Feed::Other
                                                   : Feed::None;
    result_ = DecodeStatus::Ignored;
  }

  void follow(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus read_content(Value& value, bool data) noexcept {
    if (has_content_) return DecodeStatus::Malformed;
    if (feed_ == Feed::None) {
      has_content_ = early_ = true;
      return DecodeStatus::Ok;
    }
    has_content_ = true;
    switch (feed_) {
      case Feed::Book:
        return data && !answer_ ? DecodeStatus::Malformed : read_book(value);
      case Feed::Trades:
        return read_trades(value, data);
      case Feed::Bbo:
        return entry_ == nullptr ? miss(MessageKind::Bbo, 0)
                                 : read_best(dialect_, value, *entry_, scratch_, out_);
      case Feed::Liquidations:
        return json::each(value, [&](Value& order) noexcept {
          return read_liquidation(order, symbols_, scratch_, out_, result_);
        });
      default:
        return DecodeStatus::Ok;
    }
  }

  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    result_ = json::unwanted(scratch_, symbol_, kind, channel);
    return is_defect(result_) ? result_ : DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    const bool counts = dialect_.books[channel_].link.link != Link::None;
    if (entry_ == nullptr || entry_->channel != channel_) {
      return miss(answer_ || !counts ? MessageKind::Snapshot : MessageKind::Delta, channel_);
    }
    // A bad answer harms no book: it is asked for again.
    if (!answer_ && frame_.kind != FrameKind::Answer) scratch_.suspect = entry_->id;
    Tick tick;
    const DecodeStatus status = read_tick(value, tick);
    if (status != DecodeStatus::Ok) return status;
    if (dialect_.spot && counts) return finish_incremental(tick);
    return counts ? finish_versioned(tick) : finish_whole(tick);
  }

  [[nodiscard]] DecodeStatus read_tick(Value& value, Tick& tick) noexcept {
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      if (key == "bids") {
        return json::read_side(member, *entry_, scratch_, out_, tick.sides.bids, kFinestSize);
      }
      if (key == "asks") {
        return json::read_side(member, *entry_, scratch_, out_, tick.sides.asks, kFinestSize);
      }
      Token* const token = key == "seqNum"       ? &tick.sequence
                           : key == "prevSeqNum" ? &tick.previous
                           : key == "version"    ? &tick.version
                           : key == "mrid"       ? &tick.order_id
                           : key == "event"      ? &tick.event
                           : key == "ts"         ? &tick.time
                                                 : nullptr;
      if (token != nullptr) *token = json::token(member);
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] Message* add(const Tick& tick, MessageKind kind) noexcept {
    Message* const message = json::add_book(out_, tick.sides, kind, *entry_, channel_);
    if (message == nullptr) return nullptr;
    (void)json::parse_time(tick.time.text, message->venue_time);
    return message;
  }

  // Spot: each update names the one before; a snapshot is the answer to a request on the socket.
  [[nodiscard]] DecodeStatus finish_incremental(const Tick& tick) noexcept {
    Message* const message = add(tick, answer_ ? MessageKind::Snapshot : MessageKind::Delta);
    if (message == nullptr) return DecodeStatus::TooLarge;
    std::uint64_t last = 0, prev = 0;
    if (!json::parse_id(tick.sequence.text, last)) return DecodeStatus::Malformed;
    message->ids = kHasLast;
    message->last = SequenceNo{last};
    if (answer_) return tick.sides.seen() ? DecodeStatus::Ok : DecodeStatus::Malformed;
    if (!json::parse_id(tick.previous.text, prev)) return DecodeStatus::Malformed;
    message->ids |= kHasPrev;
    message->prev = SequenceNo{prev};
    return DecodeStatus::Ok;
  }

  // Contracts: versions of one stream on one connection count on, snapshots among them. A side
  // without levels may be missing or null.
  [[nodiscard]] DecodeStatus finish_versioned(const Tick& tick) noexcept {
    const bool snapshot = tick.event.text == "snapshot";
    if (!snapshot && tick.event.text != "update") return DecodeStatus::Malformed;
    Message* const message = add(tick, snapshot ? MessageKind::Snapshot : MessageKind::Delta);
    if (message == nullptr) return DecodeStatus::TooLarge;
    std::uint64_t version = 0;
    if (!json::parse_id(tick.version.text, version)) return DecodeStatus::Malformed;
    message->ids = kHasFirst | kHasLast;
    message->first = message->last = SequenceNo{version};
    return DecodeStatus::Ok;
  }

  // A book that is whole each time; a contract that is no longer listed has neither side.
  [[nodiscard]] DecodeStatus finish_whole(const Tick& tick) noexcept {
    if (!tick.sides.seen()) return DecodeStatus::Ok;
    Message* const message = add(tick, changes_ ? MessageKind::Delta : MessageKind::Snapshot);
    if (message == nullptr) return DecodeStatus::TooLarge;
    if (changes_) return DecodeStatus::Ok;
    // Of contracts "version" is the second, and "mrid" numbers the orders.
    const Token& id = !dialect_.spot          ? tick.order_id
                      : tick.sequence.there() ? tick.sequence
                                              : tick.version;
    std::uint64_t last = 0;
    if (json::parse_id(id.text, last)) {
      message->ids = kHasLast;
      message->last = SequenceNo{last};
    }
    return DecodeStatus::Ok;
  }

  // "data" of an answer holds trades of the past: no events.
  [[nodiscard]] DecodeStatus read_trades(Value& value, bool data) noexcept {
    if (entry_ == nullptr) return miss(MessageKind::Trade, 0);
    const auto read = [&](Value& trade) noexcept {
      return read_trade(trade, answer_, *entry_, scratch_, out_);
    };
    if (data) return json::each(value, read);
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      return key == "data" ? json::each(member, read) : DecodeStatus::Ok;
    });
  }

  const Dialect& dialect_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  Token time_;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint8_t channel_ = 0;
  bool answer_ = false;
  bool changes_ = false;
  bool control_ = false;
  bool has_content_ = false;
  bool early_ = false;
  bool second_ = false;
};

}  // namespace

DecodeStatus decode(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                    DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  if (!is_gzip(frame.payload)) return Decoder{dialect, frame, symbols, scratch, out}.run();
  Frame inner = frame;
  const DecodeStatus status = scratch.parsers->inflater.inflate(frame.payload, inner.payload);
  return status == DecodeStatus::Ok ? Decoder{dialect, inner, symbols, scratch, out}.run() : status;
}

}  // namespace steelyard::htx
