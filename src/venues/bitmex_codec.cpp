#include "venues/bitmex_codec.hpp"

#include "venues/bitmex_quick.hpp"
#include "venues/iso_time.hpp"
#include "venues/json_rows.hpp"

namespace steelyard::bitmex {
namespace {

using json::Token;
using json::Value;

constexpr std::uint8_t kTop = 2;
static_assert(kBooks[kTop].channel == "orderBook10");

enum class Table : std::uint8_t { None, Levels, Top, Trades, Quotes, Liquidations, Other };
enum class Action : std::uint8_t { None, Partial, Insert, Update, Delete };

// Members of a row, in any order.
struct Row {
  Token symbol, id, side, size, price, time, bid, bid_size, ask, ask_size, left;
};

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out}, levels_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) {
      return frame_.request.find("/instrument/active") != std::string_view::npos
                 ? DecodeStatus::Metadata
                 : DecodeStatus::Ignored;
    }
    if (frame_.payload == "pong") return DecodeStatus::Control;
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },
        // "data" stood before what it is of: once more.
        [&]() noexcept { return early_ && has_table_ && action_ != Action::None; });
    if (status != DecodeStatus::Ok) return status;
    if (!has_table_) return answers_ ? DecodeStatus::Control : DecodeStatus::UnknownKind;
    if (table_ == Table::None) return DecodeStatus::UnknownKind;
    if (table_ == Table::Other) return DecodeStatus::Ignored;
    if (!has_data_ || early_) return DecodeStatus::Malformed;
    return finish();
  }

 private:
  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "table") {
      resolve(json::token(value).text);
    } else if (key == "action") {
      const std::string_view word = json::token(value).text;
      action_ = word == "partial"  ? Action::Partial
                : word == "insert" ? Action::Insert
                : word == "update" ? Action::Update
                : word == "delete" ? Action::Delete
                                   : Action::None;
      if (action_ == Action::None) return DecodeStatus::Malformed;
    } else if (key == "data") {
      return read_data(value);
    } else if (key == "filter") {
      // Of a book without rows it alone says whose it is.
      return json::walk(value, [&](std::string_view name, Value& member) noexcept {
        if (name == "symbol") filter_ = json::token(member).text;
        return DecodeStatus::Ok;
      });
    } else if (key == "success" || key == "subscribe" || key == "unsubscribe" || key == "error" ||
               key == "info") {
      answers_ = true;
    }
    return DecodeStatus::Ok;
  }

  void resolve(std::string_view name) noexcept {
    has_table_ = true;
    table_ = Table::None;
    for (std::uint8_t row = 0; row < std::size(kBooks); ++row) {
      if (kBooks[row].channel != name) continue;
      channel_ = row;
      table_ = row == kTop ? Table::Top : Table::Levels;
    }
    if (name == "trade") table_ = Table::Trades;
    if (name == "quote") table_ = Table::Quotes;
    if (name == "liquidation") table_ = Table::Liquidations;
    for (const std::string_view known :
         {"announcement", "chat", "connected", "funding", "instrument", "insurance",
          "publicNotifications", "settlement", "tradeBin1m", "tradeBin5m", "tradeBin1h",
          "tradeBin1d", "quoteBin1m", "quoteBin5m", "quoteBin1h", "quoteBin1d"}) {
      if (name == known) table_ = Table::Other;
    }
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (has_data_) return DecodeStatus::Malformed;
    has_data_ = true;
    if (!has_table_ || action_ == Action::None) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    switch (table_) {
      case Table::Levels:
        return json::each(value, [&](Value& row) noexcept { return read_level(row); });
      case Table::Top:
        return json::each(value, [&](Value& row) noexcept { return read_top(row); });
      case Table::Trades:
      case Table::Quotes:
      case Table::Liquidations:
        return json::each(value, [&](Value& row) noexcept { return read_print(row); });
      default:
        return DecodeStatus::Ok;
    }
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (table_ == Table::Levels) {
      // A book without a row is one all the same.
      if (symbol_.empty() && action_ == Action::Partial && !filter_.empty()) name(filter_);
      const DecodeStatus status = end_book();
      if (status != DecodeStatus::Ok) return status;
    }
    return out_.messages().empty() ? result_ : DecodeStatus::Ok;
  }

  void name(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbols_.find(symbol);
  }

  // A row of an instrument that nobody follows. Others of the frame may be wanted.
  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    const DecodeStatus status = json::unwanted(scratch_, symbol_, kind, channel);
    if (is_defect(status)) return status;
    result_ = status;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] static DecodeStatus read_row(Value& value, Row& row) noexcept {
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      Token* const token = key == "symbol"      ? &row.symbol
                           : key == "id"        ? &row.id
                           : key == "side"      ? &row.side
                           : key == "size"      ? &row.size
                           : key == "price"     ? &row.price
                           : key == "timestamp" ? &row.time
                           : key == "bidPrice"  ? &row.bid
                           : key == "bidSize"   ? &row.bid_size
                           : key == "askPrice"  ? &row.ask
                           : key == "askSize"   ? &row.ask_size
                           : key == "leavesQty" ? &row.left
                                                : nullptr;
      if (token != nullptr) *token = json::token(member);
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] bool wanted() const noexcept {
    return entry_ != nullptr && entry_->channel == channel_;
  }

  // Rows of one instrument stand together, and are a message.
  [[nodiscard]] DecodeStatus end_book() noexcept {
    if (symbol_.empty()) return DecodeStatus::Malformed;
    const MessageKind kind =
        action_ == Action::Partial ? MessageKind::Snapshot : MessageKind::Delta;
    if (!wanted()) return miss(kind, channel_);
    Message* const message = json::add_book(out_, levels_.finish(), kind, *entry_, channel_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->ids = kHasNotes;
    message->venue_time = time_;
    levels_.restart();
    time_ = {};
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_level(Value& value) noexcept {
    Row row;
    const DecodeStatus status = read_row(value, row);
    if (status != DecodeStatus::Ok) return status;
    if (row.symbol.text.empty()) return DecodeStatus::Malformed;
    if (row.symbol.text != symbol_) {
      if (!symbol_.empty()) {
        const DecodeStatus ended = end_book();
        if (ended != DecodeStatus::Ok) return ended;
      }
      name(row.symbol.text);
      if (wanted()) scratch_.suspect = entry_->id;
    }
    if (!wanted()) return DecodeStatus::Ok;
    const bool bid = row.side.text == "Buy";
    std::uint64_t id = 0;
    if ((!bid && row.side.text != "Sell") || !json::parse_id(row.id.text, id) ||
        id > static_cast<std::uint64_t>(INT64_MAX) / 2) {
      return DecodeStatus::Malformed;
    }
    if (row.time.there() && !parse_iso_time(row.time.text, time_)) return DecodeStatus::Malformed;
    const bool tells_price = action_ == Action::Partial || action_ == Action::Insert;
    const bool removes = action_ == Action::Delete;
    if ((tells_price && !row.price.there()) || (!removes && !row.size.there())) {
      return DecodeStatus::Malformed;
    }
    // What an update says of the price beside the id is what the book holds already.
    Level level;
    const DecodeStatus parsed = json::parse_level(tells_price ? row.price.text : "1",
                                                  removes ? std::string_view{"0"} : row.size.text,
                                                  *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    if (!tells_price) level.price = Price{};
    // The same id may stand on both sides while one is being deleted.
    const Level note{Price{static_cast<std::int64_t>(2 * id + (bid ? 0U : 1U))}, Qty{}};
    return levels_.push(bid, note) && levels_.push(bid, level) ? DecodeStatus::Ok
                                                               : DecodeStatus::TooLarge;
  }

  // Ten levels a side, all of them each time.
  [[nodiscard]] DecodeStatus read_top(Value& value) noexcept {
    json::Object object;
    if (const auto error = value.get_object().get(object)) return json::status_of(error);
    json::BookSides sides;
    Token time;
    symbol_ = {};
    entry_ = nullptr;
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1 && object.reset().error() != simdjson::SUCCESS) return DecodeStatus::Malformed;
      bool waits = false;
      const DecodeStatus status =
          json::walk(object, [&](std::string_view key, Value& member) noexcept {
            if (key == "symbol") {
              const std::string_view text = json::token(member).text;
              // Levels of one would become those of another.
              if (sides.seen() && text != symbol_) return DecodeStatus::Malformed;
              name(text);
              if (wanted()) scratch_.suspect = entry_->id;
            } else if (key == "timestamp") {
              time = json::token(member);
            } else if (key == "bids" || key == "asks") {
              json::SideRange& side = key == "bids" ? sides.bids : sides.asks;
              waits = waits || symbol_.empty();
              if (!waits && wanted()) {
                return json::read_side(member, *entry_, scratch_, out_, side);
              }
              if (!waits) side.seen = true;
            }
            return DecodeStatus::Ok;
          });
      if (status != DecodeStatus::Ok) return status;
      if (!waits) break;
      if (symbol_.empty() || sides.seen()) return DecodeStatus::Malformed;
    }
    // One of a contract that nobody sells, or buys, is left out.
    if (symbol_.empty() || !sides.seen()) return DecodeStatus::Malformed;
    if (!wanted()) return miss(MessageKind::Snapshot, channel_);
    Message* const message = json::add_book(out_, sides, MessageKind::Snapshot, *entry_, channel_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    return parse_iso_time(time.text, message->venue_time) ? DecodeStatus::Ok
                                                          : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus read_print(Value& value) noexcept {
    Row row;
    const DecodeStatus status = read_row(value, row);
    if (status != DecodeStatus::Ok) return status;
    if (row.symbol.text.empty()) return DecodeStatus::Malformed;
    name(row.symbol.text);
    if (table_ == Table::Quotes) return read_quote(row);
    const bool trade = table_ == Table::Trades;
    // What there was at subscription, and what becomes of a forced order, is no event.
    if (action_ != Action::Insert) {
      if (action_ != Action::Delete) ++scratch_.not_events;
      return DecodeStatus::Ok;
    }
    if (entry_ == nullptr) {
      return miss(trade ? MessageKind::Trade : MessageKind::Liquidation, 0);
    }
    const Token& size = trade ? row.size : row.left;
    // A settlement has no taker, and met no order of the book.
    if (trade && (row.side.text.empty() || row.side.text == "null")) {
      ++scratch_.not_events;
      return DecodeStatus::Ok;
    }
    const bool buy = row.side.text == "Buy";
    if (!row.price.there() || !size.there() || (!buy && row.side.text != "Sell")) {
      return DecodeStatus::Malformed;
    }
    TimestampNs time;
    if (trade ? !parse_iso_time(row.time.text, time)
              : row.time.there() && !parse_iso_time(row.time.text, time)) {
      return DecodeStatus::Malformed;
    }
    Level level;
    const DecodeStatus parsed =
        json::parse_level(row.price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    return json::add_print(out_, trade ? MessageKind::Trade : MessageKind::Liquidation, *entry_,
                           level, buy ? Aggressor::Buy : Aggressor::Sell, {}, time);
  }

  [[nodiscard]] DecodeStatus read_quote(const Row& row) noexcept {
    if (entry_ == nullptr) return miss(MessageKind::Bbo, 0);
    TimestampNs time;
    if (!parse_iso_time(row.time.text, time)) return DecodeStatus::Malformed;
    return json::add_best(out_, *entry_, {row.bid, row.bid_size, row.ask, row.ask_size}, time,
                          scratch_);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  json::MixedSides levels_;
  std::string_view symbol_;
  std::string_view filter_;
  const SymbolEntry* entry_ = nullptr;
  TimestampNs time_{};
  DecodeStatus result_ = DecodeStatus::Ok;
  Table table_ = Table::None;
  Action action_ = Action::None;
  std::uint8_t channel_ = 0;
  bool has_table_ = false;
  bool answers_ = false;
  bool has_data_ = false;
  bool early_ = false;
};

}  // namespace

DecodeStatus decode_any(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                        MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

DecodeStatus decode(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                    MessageBatch& out) noexcept {
  scratch.forget();
  if (decode_quickly(frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(frame, symbols, scratch, out);
}

}  // namespace steelyard::bitmex
