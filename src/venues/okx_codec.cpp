#include "venues/okx_codec.hpp"

#include <algorithm>

#include "venues/json_walk.hpp"
#include "venues/okx_prints.hpp"
#include "venues/okx_quick.hpp"

namespace steelyard::okx {
namespace {

using json::Token;
using json::Value;

constexpr std::uint8_t kBboChannel = 4;
constexpr std::uint8_t kNoChannel = 5;
static_assert(std::size(kBooks) == kNoChannel && kBooks[kBboChannel].channel == "bbo-tbt");

// One book of "data", members in any order.
struct Element {
  Token time, sequence, previous, checksum;
  json::BookSides sides;
};

enum class Feed : std::uint8_t { None, Book, Trades, Liquidations, Other };

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.payload == "pong") return DecodeStatus::Control;
    if (frame_.payload.size() > kMaxFrameBytes - kFramePadding) return DecodeStatus::TooLarge;
    if (frame_.kind == FrameKind::Answer) {
      if (frame_.request.find("/public/instruments") != std::string_view::npos) {
        return DecodeStatus::Metadata;
      }
      if (frame_.request.find("/market/books") == std::string_view::npos) {
        return DecodeStatus::Ignored;
      }
      name(json::query_value(frame_.request, "instId"));
      if (symbol_.empty()) entry_ = symbols_.only();
      if (symbol_.empty() && entry_ == nullptr) return DecodeStatus::NoInstrument;
      feed_ = Feed::Book;
      channel_ = entry_ == nullptr ? std::uint8_t{0} : entry_->channel;
      snapshot_ = true;
    }
    json::Document document;
    if (const auto error = scratch_.parsers->on_demand
                               .iterate(frame_.payload.data(), frame_.payload.size(),
                                        frame_.payload.size() + kFramePadding)
                               .get(document)) {
      return json::status_of(error);
    }
    DecodeStatus status = read_root(document);
    if (status != DecodeStatus::Ok) return status;
    if (!json::at_end(document)) return DecodeStatus::Malformed;
    if (control_) return DecodeStatus::Control;
    if (early_data_ && feed_ != Feed::None) {
      // "data" stood before what it is about: read once more.
      early_data_ = false;
      out_.clear();
      document.rewind();
      status = read_root(document);
      if (status != DecodeStatus::Ok) return status;
    }
    if (feed_ == Feed::None) return DecodeStatus::UnknownKind;
    if (!has_data_) return DecodeStatus::Malformed;
    return result_;
  }

 private:
  [[nodiscard]] DecodeStatus read_root(json::Document& document) noexcept {
    return json::walk(document, [&](std::string_view key, Value& value) noexcept {
      if (key == "arg") return read_arg(value);
      if (key == "action") return read_action(value);
      if (key == "data") return read_data(value);
      if (key == "event") {
        control_ = true;
      } else if (key == "code" && frame_.kind == FrameKind::Answer) {
        control_ = json::token(value).text != "0";
      }
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] DecodeStatus read_arg(Value& value) noexcept {
    std::string_view channel;
    const DecodeStatus status = json::walk(value, [&](std::string_view key, Value& text) noexcept {
      if (key == "channel") channel = json::token(text).text;
      if (key == "instId") name(json::token(text).text);
      return DecodeStatus::Ok;
    });
    if (status == DecodeStatus::Ok) resolve_channel(channel);
    return status;
  }

  void resolve_channel(std::string_view channel) noexcept {
    channel_ = kNoChannel;
    for (std::uint8_t i = 0; i < kNoChannel; ++i) {
      if (kBooks[i].channel == channel) channel_ = i;
    }
    if (channel_ != kNoChannel) {
      feed_ = Feed::Book;
      // What has no action is a whole book each time.
      snapshot_ = snapshot_ || kBooks[channel_].snapshot == SnapshotSource::Replace;
    } else if (channel == "trades" || channel == "trades-all") {
      feed_ = Feed::Trades;
    } else if (channel == "liquidation-orders") {
      feed_ = Feed::Liquidations;
    } else {
      feed_ = is_known(channel) ? Feed::Other : Feed::None;
      if (feed_ == Feed::Other) result_ = DecodeStatus::Ignored;
    }
  }

  [[nodiscard]] static bool is_known(std::string_view channel) noexcept {
    for (const std::string_view known : {"tickers",
                                         "funding-rate",
                                         "mark-price",
                                         "price-limit",
                                         "open-interest",
                                         "instruments",
                                         "status",
                                         "opt-summary",
                                         "estimated-price",
                                         "index-tickers",
                                         "books-elp",
                                         "books-rpi",
                                         "option-trades",
                                         "adl-warning",
                                         "public-struc-block-trades",
                                         "public-block-trades",
                                         "block-tickers",
                                         "call-auction-details",
                                         "economic-calendar",
                                         "opt-trades",
                                         "taker-volume"}) {
      if (channel == known) return true;
    }
    return channel.starts_with("candle") || channel.starts_with("mark-price-candle") ||
           channel.starts_with("index-candle") || channel.starts_with("sprd-");
  }

  [[nodiscard]] DecodeStatus read_action(Value& value) noexcept {
    const std::string_view action = json::token_of(value.raw_json_token()).text;
    if (action == "snapshot") {
      snapshot_ = true;
    } else if (action == "update") {
      snapshot_ = false;
    } else {
      return DecodeStatus::UnknownKind;
    }
    has_action_ = true;
    return DecodeStatus::Ok;
  }

  void name(std::string_view symbol) noexcept {
    symbol_ = symbol;
    entry_ = symbol.empty() ? nullptr : symbols_.find(symbol);
  }

  [[nodiscard]] DecodeStatus read_data(Value& value) noexcept {
    has_data_ = true;
    if (feed_ == Feed::None) {
      early_data_ = true;
      return DecodeStatus::Ok;
    }
    if (feed_ == Feed::Other) return DecodeStatus::Ok;
    if (feed_ == Feed::Book) {
      const DecodeStatus status = admit_book();
      if (status != DecodeStatus::Ok || early_data_) return status;
    }
    PrintReader prints{symbols_, scratch_, out_, symbol_, entry_};
    json::Array elements;
    if (const auto error = value.get_array().get(elements)) return json::status_of(error);
    for (auto element : elements) {
      json::Object object;
      if (const auto error = element.get_object().get(object)) return json::status_of(error);
      DecodeStatus status{};
      switch (feed_) {
        case Feed::Book:
          status = read_book(object);
          break;
        case Feed::Trades:
          status = prints.read_trade(object);
          break;
        default:
          status = prints.read_liquidations(object);
          break;
      }
      if (is_defect(status)) return status;
      if (status != DecodeStatus::Ok) result_ = status;
    }
    return DecodeStatus::Ok;
  }

  // Whether this is the channel that the instrument's book follows. A BBO is wanted in any case.
  [[nodiscard]] DecodeStatus admit_book() noexcept {
    const bool whole = kBooks[channel_].snapshot == SnapshotSource::Replace;
    if (!whole && !has_action_ && frame_.kind != FrameKind::Answer) {
      early_data_ = true;
      return DecodeStatus::Ok;
    }
    bbo_ = channel_ == kBboChannel && (entry_ == nullptr || entry_->channel != kBboChannel);
    if (entry_ == nullptr || (!bbo_ && entry_->channel != channel_)) {
      if (symbol_.empty()) return DecodeStatus::NoInstrument;
      const MessageKind kind = bbo_        ? MessageKind::Bbo
                               : snapshot_ ? MessageKind::Snapshot
                                           : MessageKind::Delta;
      return json::unwanted(scratch_, symbol_, kind, bbo_ ? std::uint8_t{0} : channel_);
    }
    if (!bbo_ && frame_.kind != FrameKind::Answer) scratch_.suspect = entry_->id;
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_book(json::Object& object) noexcept {
    Element element;
    const DecodeStatus status =
        json::walk(object, [&](std::string_view key, Value& value) noexcept {
          if (key == "asks") return read_side(value, element.sides.asks);
          if (key == "bids") return read_side(value, element.sides.bids);
          Token* const token = key == "ts"          ? &element.time
                               : key == "checksum"  ? &element.checksum
                               : key == "seqId"     ? &element.sequence
                               : key == "prevSeqId" ? &element.previous
                                                    : nullptr;
          if (token != nullptr) *token = json::token(value);
          return DecodeStatus::Ok;
        });
    if (status != DecodeStatus::Ok) return status;
    if (!element.sides.asks.seen || !element.sides.bids.seen) return DecodeStatus::Malformed;
    return bbo_ ? finish_bbo(element) : finish_book(element);
  }

  // A side is there, be it empty: null is none.
  [[nodiscard]] DecodeStatus read_side(Value& value, json::SideRange& side) noexcept {
    if (json::is_null(value)) return DecodeStatus::Malformed;
    return json::read_side(value, *entry_, scratch_, out_, side);
  }

  [[nodiscard]] DecodeStatus finish_book(const Element& element) noexcept {
    const BookChannel& row = kBooks[channel_];
    Message* const message =
        json::add_book(out_, element.sides, snapshot_ ? MessageKind::Snapshot : MessageKind::Delta,
                       *entry_, channel_);
    if (message == nullptr) return DecodeStatus::TooLarge;
    if (!json::parse_time(element.time.text, message->venue_time)) return DecodeStatus::Malformed;
    std::uint64_t id = 0;
    if (element.sequence.there()) {
      if (!json::parse_id(element.sequence.text, id)) return DecodeStatus::Malformed;
      message->ids |= kHasLast;
      message->last = SequenceNo{id};
    }
    if (element.previous.there() && element.previous.text != "-1") {
      if (!json::parse_id(element.previous.text, id)) return DecodeStatus::Malformed;
      message->ids |= kHasPrev;
      message->prev = SequenceNo{id};
    }
    // An update that is numbered but names no predecessor proves nothing: it cannot be one.
    if (!snapshot_ && row.link.link == Link::Prev && (message->ids & kHasLast) != 0 &&
        (message->ids & kHasPrev) == 0) {
      return DecodeStatus::Malformed;
    }
    if (element.checksum.there() && !json::parse_checksum(element.checksum.text, *message)) {
      return DecodeStatus::Malformed;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus finish_bbo(const Element& element) noexcept {
    Message* message = nullptr;
    const DecodeStatus status =
        json::add_bbo(out_, element.sides, *entry_, channel_, element.sequence.text, message);
    if (status != DecodeStatus::Ok) return status;
    (void)json::parse_time(element.time.text, message->venue_time);
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
  bool snapshot_ = false;
  bool has_action_ = false;
  bool bbo_ = false;
  bool control_ = false;
  bool has_data_ = false;
  bool early_data_ = false;
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
  if (decode_quickly(kBooks, frame, symbols, scratch, out)) return DecodeStatus::Ok;
  return decode_any(frame, symbols, scratch, out);
}

}  // namespace steelyard::okx
