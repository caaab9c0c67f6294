// src/venues/mexc_futures.cpp -- MEXC's contracts: JSON with numbers, some in exponent form.
#include "venues/json_walk.hpp"
#include "venues/mexc_codec.hpp"

namespace steelyard::mexc {
namespace {

using json::Token;
using json::Value;

enum class Feed : std::uint8_t { None, Changes, Whole, Snapshot, Trades, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    const bool answer = frame_.kind == FrameKind::Answer;
    if (answer) {
      if (frame_.request.find("/contract/detail") != std::string_view::npos) {
        return DecodeStatus::Metadata;
      }
      if (!read_request()) return DecodeStatus::Ignored;
    }
    const DecodeStatus status = json::walk_twice(
        frame_, scratch_, [&]() noexcept { early_ = has_data_ = false; },
        [&](std::string_view key, Value& value) noexcept { return read_root(key, value); },

        [&]() noexcept { return !control_ && early_ && feed_ != Feed::None && !symbol_.empty(); });
    if (status == DecodeStatus::Ok && control_) return DecodeStatus::Control;
    if (status != DecodeStatus::Ok) return status;
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    if (feed_ == Feed::Other) return DecodeStatus::Ignored;
    if (!has_data_ || early_)
      return answer && failed_ ? DecodeStatus::Control : DecodeStatus::Malformed;
    for (Message& message : out_.messages()) {
      if (message.venue_time == TimestampNs{}) {
        (void)json::parse_time(time_.text, message.venue_time);
      }
    }
    return result_;
  }

 private:
  // ".../api/v1/contract/depth/BTC_USDT?limit=1000"; depth_commits are changes of the past.
  [[nodiscard]] bool read_request() noexcept {
    constexpr std::string_view kPath = "/contract/depth/";
    const std::size_t at = frame_.request.find(kPath);
    if (at == std::string_view::npos) return false;
    const std::string_view rest = frame_.request.substr(at + kPath.size());
    follow(rest.substr(0, rest.find('?')));
    feed_ = Feed::Snapshot;
    return true;
  }

  void follow(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus read_root(std::string_view key, Value& value) noexcept {
    if (key == "channel") {
      resolve(json::token(value).text);
    } else if (key == "symbol") {
      follow(json::token(value).text);
    } else if (key == "ts") {
      time_ = json::token(value);
    } else if (key == "success") {
      failed_ = json::token(value).text == "false";
    } else if (key == "data") {
      if (has_data_) return DecodeStatus::Malformed;
      has_data_ = true;
      if (feed_ == Feed::Other) return DecodeStatus::Ok;
      if (feed_ != Feed::None && !symbol_.empty()) return read_data(value);
      early_ = true;
    }
    return DecodeStatus::Ok;
  }

  void resolve(std::string_view channel) noexcept {
    feed_ = Feed::None;
    if (channel == "push.depth") {
      feed_ = Feed::Changes;
    } else if (channel == "push.depth.full") {
      feed_ = Feed::Whole;
    } else if (channel == "push.depth.snapshot") {
      feed_ = Feed::Snapshot;  // put into recordings by whoever made them
    } else if (channel == "push.deal") {
      feed_ = Feed::Trades;
    } else if (channel.starts_with("rs.") || channel == "pong") {
      control_ = true;
    } else {
      for (const std::string_view known :
           {"push.ticker", "push.kline", "push.fair.price", "push.index.price", "push.funding.rate",
            "push.contract", "push.event.contract", "push.depth.step", "push.liquidate"}) {
        if (channel.starts_with(known)) feed_ = Feed::Other;
      }
    }
  }

  [[nodiscard]] DecodeStatus miss(MessageKind kind, std::uint8_t channel) noexcept {
    result_ = json::unwanted(scratch_, symbol_, kind, channel);
    return is_defect(result_) ? result_ : DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    if (feed_ == Feed::Trades) {
      if (entry_ == nullptr) return miss(MessageKind::Trade, 0);
      simdjson::ondemand::json_type type{};
      if (const auto error = value.type().get(type)) return json::status_of(error);
      if (type != simdjson::ondemand::json_type::array) return read_deal(value);
      return json::each(value, [&](Value& deal) noexcept { return read_deal(deal); });
    }
    // One name for all depths of whole books: whichever is followed.
    const bool whole = feed_ == Feed::Whole;
    const bool follows = entry_ != nullptr && (entry_->channel != 0) == whole;
    if (!follows) {
      return miss(feed_ == Feed::Changes ? MessageKind::Delta : MessageKind::Snapshot,
                  whole ? std::uint8_t{1} : std::uint8_t{0});
    }
    if (frame_.kind != FrameKind::Answer) scratch_.suspect = entry_->id;
    return read_book(value);
  }

  [[nodiscard]] DecodeStatus read_book(Value& value) noexcept {
    json::BookSides sides;
    Token version, begin, end, time;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          if (key == "bids") return json::read_side(member, *entry_, scratch_, out_, sides.bids);
          if (key == "asks") return json::read_side(member, *entry_, scratch_, out_, sides.asks);
          Token* const token = key == "version"     ? &version
                               : key == "begin"     ? &begin
                               : key == "end"       ? &end
                               : key == "cts"       ? &time
                               : key == "timestamp" ? &time
                                                    : nullptr;
          if (token != nullptr && !json::is_null(member)) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!sides.seen()) return DecodeStatus::Malformed;
    const bool changes = feed_ == Feed::Changes;
    Message* const message =
        json::add_book(out_, sides, changes ? MessageKind::Delta : MessageKind::Snapshot, *entry_,
                       entry_->channel);
    if (message == nullptr) return DecodeStatus::TooLarge;
    (void)json::parse_time(time.text, message->venue_time);
    // Merged changes hold the versions from "begin" to "end"; others one.
    std::uint64_t first = 0, last = 0;
    const bool merged = begin.there() || end.there();
    if (!json::parse_id(merged ? end.text : version.text, last) ||
        !json::parse_id(merged ? begin.text : version.text, first) || last < first) {
      return DecodeStatus::Malformed;
    }
    message->ids = kHasLast;
    message->last = SequenceNo{last};
    if (!changes) return DecodeStatus::Ok;
    message->ids |= kHasFirst;
    message->first = SequenceNo{first};
    return DecodeStatus::Ok;
  }

  // T: what the taker did, 1 bought, 2 sold.
  [[nodiscard]] DecodeStatus read_deal(Value& value) noexcept {
    Token price, size, side, time, id;
    const DecodeStatus status =
        json::walk(value, [&](std::string_view key, Value& member) noexcept {
          Token* const token = key == "p"   ? &price
                               : key == "v" ? &size
                               : key == "T" ? &side
                               : key == "t" ? &time
                               : key == "i" ? &id
                                            : nullptr;
          if (token != nullptr) *token = json::token(member);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!price.there() || !size.there() || (side.text != "1" && side.text != "2")) {
      return DecodeStatus::Malformed;
    }
    Level level;
    const DecodeStatus parsed = json::parse_level(price.text, size.text, *entry_, scratch_, level);
    if (parsed != DecodeStatus::Ok) return parsed;
    return json::add_print(out_, MessageKind::Trade, *entry_, level,
                           side.text == "1" ? Aggressor::Buy : Aggressor::Sell, id.text, time.text);
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  std::string_view symbol_;
  const SymbolEntry* entry_ = nullptr;
  Token time_;
  DecodeStatus result_ = DecodeStatus::Ok;
  Feed feed_ = Feed::None;
  bool control_ = false;
  bool failed_ = false;
  bool has_data_ = false;
  bool early_ = false;
};

}  // namespace

DecodeStatus decode_futures(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                            MessageBatch& out) noexcept {
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace steelyard::mexc
