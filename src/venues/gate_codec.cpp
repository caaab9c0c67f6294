#include "venues/gate_codec.hpp"

#include "venues/gate_channels.hpp"
#include "venues/json_rows.hpp"

namespace steelyard::gate {
namespace {

using json::Token;
using json::Value;

static_assert(kBooks[kUpdatesRow].channel == "order_book_update@100ms");
static_assert(kBooks[kWholeRow].channel == "order_book");
constexpr std::uint8_t kNoRow = std::size(kBooks);

// {"time":..,"channel":"spot.obu","event":"update","result":{...}}; answers are such a result.
class Decoder {
 public:
  Decoder(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
          DecodeScratch& scratch, MessageBatch& out) noexcept
      : dialect_{dialect}, frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.kind == FrameKind::Answer) return run_answer();
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    for (int pass = 0; status == DecodeStatus::Ok && pass < 3; ++pass) {
      if (pass != 0) document.rewind();
      early_ = has_channel_ = has_result_ = false;
      status = json::walk(document, [&](std::string_view key, Value& value) noexcept {
        return read_root(key, value);
      });
      if (status != DecodeStatus::Ok) break;
      if (!json::at_end(document)) return DecodeStatus::Malformed;
      // The channel stood behind the result, or levels stood ahead of their symbol: once more.
      if (!early_ || !is_data() || is_answer_) break;
      knows_channel_ = true;
    }
    return status == DecodeStatus::Ok ? finish() : status;
  }

 private:
  [[nodiscard]] bool is_data() const noexcept {
    return feed_ >= Feed::Window && feed_ <= Feed::Forced;
  }

  [[nodiscard]] DecodeStatus run_answer() noexcept {
    const std::string_view request = frame_.request;
    if (request.find("/currency_pairs") != std::string_view::npos ||
        request.find("/contracts") != std::string_view::npos) {
      return DecodeStatus::Metadata;
    }
    if (request.find("/order_book") == std::string_view::npos) return DecodeStatus::Ignored;
    feed_ = Feed::Updates;
    // Only the query names the symbol.
    symbol_ = json::query_value(request, dialect_.futures ? "contract" : "currency_pair");
    if (symbol_.empty()) {
      entry_ = symbols_.only();
      if (entry_ == nullptr) return DecodeStatus::NoInstrument;
      wanted_ = entry_->channel == kUpdatesRow;
    } else {
      follow(symbol_);
    }
    scratch_.suspect = kNoInstrument;  // a refused answer is no doubt about the book
    json::Document document;
    DecodeStatus status = json::open(frame_, scratch_, document);
    if (status != DecodeStatus::Ok) return status;
    status = json::walk(document, [&](std::string_view key, Value& value) noexcept {
      if (key == "label") is_answer_ = true;
      return read_member(key, value);
    });
    if (status != DecodeStatus::Ok) return status;
    if (!json::at_end(document)) return DecodeStatus::Malformed;
    if (is_answer_) return DecodeStatus::Control;
    return finish_book();
  }

  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "channel") {
      if (has_channel_) return DecodeStatus::Malformed;
      has_channel_ = true;
      feed_ = feed_of(dialect_, json::token(value).text);
    } else if (key == "event") {
      const std::string_view event = json::token(value).text;
      is_answer_ = event == "subscribe" || event == "unsubscribe";
    } else if (key == "error") {
      refused_ = !json::is_null(value);
    } else if (key == "symbol" || key == "contract") {
      // Of snapshots that whoever made the recording put into it.
      if (feed_ == Feed::Updates && symbol_.empty()) follow(json::token(value).text);
    } else if (key == "result") {
      if (has_result_) return DecodeStatus::Malformed;
      has_result_ = true;
      if (is_answer_) return DecodeStatus::Ok;
      return read_result(value);
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_result(Value& value) noexcept {
    if (!has_channel_ && !knows_channel_) {
      early_ = true;
      return DecodeStatus::Ok;
    }
    if (!is_data() || json::is_null(value)) return DecodeStatus::Ok;
    simdjson::ondemand::json_type type{};
    if (const auto error = value.type().get(type)) return json::status_of(error);
    const bool list = type == simdjson::ondemand::json_type::array;
    if (feed_ == Feed::Trades || feed_ == Feed::Forced) {
      const auto read = [&](Value& print) noexcept {
        return read_print(dialect_, feed_ == Feed::Forced, print, symbols_, scratch_, out_,
                          result_);
      };
      return list ? json::each(value, read) : read(value);
    }
    if (list) {
      if (feed_ != Feed::Whole) return DecodeStatus::Malformed;
      one_by_one_ = true;
      return json::each(value, [&](Value& change) noexcept { return read_change(change); });
    }
    sides_ = {};
    if (!symbol_.empty()) follow(symbol_);
    return json::walk(value, [&](std::string_view key, Value& member) noexcept {
      return read_member(key, member);
    });
  }

  [[nodiscard]] DecodeStatus read_member(std::string_view key, Value& value) noexcept {
    if (feed_ != Feed::Best && (key == "b" || key == "a" || key == "bids" || key == "asks")) {
      return read_side(value, key[0] == 'b' ? sides_.bids : sides_.asks);
    }
    if (key == "s" || key == "contract") {
      const std::string_view text = json::token(value).text;
      const std::string_view symbol = feed_ == Feed::Window ? window_of(text) : text;
      if (!symbol_.empty() && symbol != symbol_) return DecodeStatus::Malformed;
      if (symbol_.empty()) follow(symbol);
      return DecodeStatus::Ok;
    }
    if (key == "full") {
      full_ = json::token(value).text == "true";
      return DecodeStatus::Ok;
    }
    Token* const token = key == "U"                             ? &first_
                         : key == "u"                           ? &last_
                         : key == "id" || key == "lastUpdateId" ? &id_
                         : key == "t" || key == "update"        ? &time_
                         : key == "b"                           ? &bid_
                         : key == "B"                           ? &bid_size_
                         : key == "a"                           ? &ask_
                         : key == "A"                           ? &ask_size_
                                                                : nullptr;
    if (token != nullptr) *token = json::token(value);
    return DecodeStatus::Ok;
  }

  // "ob.BTC_USDT.50"
  [[nodiscard]] std::string_view window_of(std::string_view stream) noexcept {
    const std::size_t first = stream.find('.');
    const std::size_t last = stream.rfind('.');
    row_ = kNoRow;
    if (first == std::string_view::npos || last == first) return {};
    if (stream.substr(0, first) == "ob") {
      row_ = stream.substr(last + 1) == "50" ? 0 : stream.substr(last + 1) == "400" ? 1 : kNoRow;
    }
    return stream.substr(first + 1, last - first - 1);
  }

  void follow(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
    if (feed_ == Feed::Updates) row_ = kUpdatesRow;
    if (feed_ == Feed::Whole) row_ = kWholeRow;
    wanted_ = entry_ != nullptr && (feed_ == Feed::Best || entry_->channel == row_);
    if (wanted_ && feed_ != Feed::Best) scratch_.suspect = entry_->id;
  }

  // Contracts have objects for rows, but in windows.
  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    early_ = early_ || (symbol_.empty() && entry_ == nullptr);
    if (early_ || !wanted_) return DecodeStatus::Ok;
    if (!dialect_.futures || feed_ == Feed::Window || json::is_null(value)) {
      return json::read_side(value, *entry_, scratch_, out_, side);
    }
    return json::read_object_rows(
        value, {"p", "s"}, out_, side,
        [&](std::string_view price, std::string_view size, Level& level) noexcept {
          return json::parse_level(price, size, *entry_, scratch_, level);
        });
  }

  [[nodiscard]] DecodeStatus finish() noexcept {
    if (is_answer_ || refused_) return DecodeStatus::Control;
    switch (feed_) {
      case Feed::None:
        return DecodeStatus::UnknownKind;
      case Feed::Other:
        return DecodeStatus::Ignored;
      case Feed::Control:
        return DecodeStatus::Control;
      case Feed::Trades:
      case Feed::Forced:
        return has_result_ && !early_ ? result_ : DecodeStatus::Malformed;
      default:
        break;
    }
    if (!has_result_ || early_) return DecodeStatus::Malformed;
    if (one_by_one_) return result_;
    if (symbol_.empty()) return DecodeStatus::Malformed;
    if (feed_ == Feed::Best) return finish_best();
    if (row_ == kNoRow) {
      scratch_.suspect = kNoInstrument;
      return DecodeStatus::Ignored;
    }
    return finish_book();
  }

  // A snapshot has one number, a change the first and the last of those that it holds. What has
  // no levels still counts; numbers of zero are those of a book that was never open.
  [[nodiscard]] DecodeStatus finish_book() noexcept {
    const bool whole = feed_ == Feed::Window ? full_ : id_.there() || feed_ == Feed::Whole;
    if (!wanted_) {
      if (symbol_.empty()) return DecodeStatus::Ignored;  // of the only one, which follows another
      return json::unwanted(scratch_, symbol_, whole ? MessageKind::Snapshot : MessageKind::Delta,
                            row_);
    }
    if (whole && !sides_.seen()) return DecodeStatus::Malformed;
    Message* const message = json::add_book(
        out_, sides_, whole ? MessageKind::Snapshot : MessageKind::Delta, *entry_, row_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    std::uint64_t first = 0, last = 0;
    const Token& number = whole && feed_ != Feed::Window ? id_ : last_;
    // Whole books of 2021 had none.
    const bool numbered = number.there() || feed_ != Feed::Whole;
    if (numbered && !json::parse_id(number.text, last)) return DecodeStatus::Malformed;
    if (last != 0) message->ids = kHasLast;
    message->last = SequenceNo{last};
    if (!whole) {
      if (!json::parse_id(first_.text, first) || first > last) return DecodeStatus::Malformed;
      message->ids = kHasFirst | kHasLast;
      message->first = SequenceNo{first};
    }
    return !time_.there() || parse_stamp(time_.text, message->venue_time) ? DecodeStatus::Ok
                                                                          : DecodeStatus::Malformed;
  }

  [[nodiscard]] DecodeStatus finish_best() noexcept {
    if (!wanted_) return json::unwanted(scratch_, symbol_, MessageKind::Bbo, 0);
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Bbo;
    message->instrument = entry_->id;
    std::uint64_t number = 0;
    if (!json::parse_id(last_.text, number) || !parse_stamp(time_.text, message->venue_time)) {
      return DecodeStatus::Malformed;
    }
    if (number != 0) message->ids = kHasLast;
    message->last = SequenceNo{number};
    return json::push_best({bid_, bid_size_, ask_, ask_size_}, *entry_, scratch_, out_, *message);
  }

  // Until 2021 whole books were followed by single changes, asks with a size below zero. What is
  // gone is gone from either side: it does not say from which.
  [[nodiscard]] DecodeStatus read_change(Value& value) noexcept {
    Token symbol, price, size, id;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "c"    ? &symbol
                               : key == "p"  ? &price
                               : key == "s"  ? &size
                               : key == "id" ? &id
                                             : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    std::uint64_t number = 0;
    if (!price.there() || size.text.empty() || !json::parse_id(id.text, number)) {
      return DecodeStatus::Malformed;
    }
    symbol_ = {};
    follow(symbol.text);
    if (!wanted_) {
      const DecodeStatus missed =
          json::unwanted(scratch_, symbol.text, MessageKind::Delta, kWholeRow);
      if (is_defect(missed)) return missed;
      if (out_.messages().empty()) result_ = missed;
      return DecodeStatus::Ok;
    }
    const bool ask = size.text[0] == '-';
    if (ask) size.text.remove_prefix(1);
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    const bool gone = level.qty == Qty{};
    Message* const message = out_.add();
    if (message == nullptr || !out_.push(level) || (gone && !out_.push(level))) {
      return DecodeStatus::TooLarge;
    }
    message->kind = MessageKind::Delta;
    message->channel = kWholeRow;
    message->instrument = entry_->id;
    message->ids = kHasLast;
    message->last = SequenceNo{number};
    message->bids = gone || !ask ? 1 : 0;
    message->asks = gone || ask ? 1 : 0;
    result_ = DecodeStatus::Ok;
    return DecodeStatus::Ok;
  }

  const Dialect& dialect_;
  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  Token first_, last_, id_, time_, bid_, bid_size_, ask_, ask_size_;
  json::BookSides sides_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  std::uint8_t row_ = kNoRow;
  bool full_ = false;
  bool wanted_ = false;
  bool has_channel_ = false;
  bool has_result_ = false;
  bool early_ = false;
  bool knows_channel_ = false;  // from the pass before
  bool is_answer_ = false;
  bool refused_ = false;
  bool one_by_one_ = false;
};

}  // namespace

DecodeStatus decode_any(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                        DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{dialect, frame, symbols, scratch, out}.run();
}

DecodeStatus decode(const Dialect& dialect, const Frame& frame, const SymbolTable& symbols,
                    DecodeScratch& scratch, MessageBatch& out) noexcept {
  scratch.forget();
  if (decode_quickly(dialect, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(dialect, frame, symbols, scratch, out);
}

}  // namespace steelyard::gate
