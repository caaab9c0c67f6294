// src/venues/mexc_spot.cpp -- MEXC spot's protocol buffers (PushDataV3ApiWrapper and its bodies).
#include "venues/json_walk.hpp"
#include "venues/mexc_codec.hpp"
#include "venues/protobuf.hpp"

namespace steelyard::mexc {
namespace {

using protobuf::Field;
using protobuf::Wire;

// Numbers of the wrapper's bodies. Others between 301 and 399 are of streams nobody asked for.
constexpr std::uint32_t kLimitDepths = 303;
constexpr std::uint32_t kAggreDepths = 313;
constexpr std::uint32_t kAggreDeals = 314;
constexpr std::uint32_t kAggreBookTicker = 315;

struct Wrapper {
  std::string_view channel, symbol, body;
  std::uint64_t create_time = 0;
  std::uint64_t send_time = 0;
  std::uint32_t kind = 0;
};

// Price and size, at whichever numbers they have in their message.
struct Pair {
  std::string_view price, size;
};

class Decoder {
 public:
  Decoder(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
          MessageBatch& out) noexcept
      : frame_{frame}, symbols_{symbols}, scratch_{scratch}, out_{out} {}

  [[nodiscard]] DecodeStatus run() noexcept {
    if (frame_.payload.size() > kMaxFrameBytes - kFramePadding) return DecodeStatus::TooLarge;
    const DecodeStatus status = protobuf::walk(
        frame_.payload, [&](const Field& field) noexcept { return read_wrapper(field); });
    if (status != DecodeStatus::Ok) return status;
    // Without a body there is nothing to tell: sent for symbols that are quiet.
    if (wrapper_.kind == 0) {
      return wrapper_.channel.empty() ? DecodeStatus::UnknownKind : DecodeStatus::Ignored;
    }
    if (wrapper_.symbol.empty()) return DecodeStatus::Malformed;
    entry_ = symbols_.find(wrapper_.symbol);
    switch (wrapper_.kind) {
      case kAggreDepths:
      case kLimitDepths:
        return read_book();
      case kAggreDeals:
        return read_deals();
      case kAggreBookTicker:
        return read_ticker();
      default:
        return DecodeStatus::Ignored;
    }
  }

 private:
  [[nodiscard]] DecodeStatus read_wrapper(const Field& field) noexcept {
    if (field.wire == Wire::Varint) {
      if (field.number == 5) wrapper_.create_time = field.value;
      if (field.number == 6) wrapper_.send_time = field.value;
      return DecodeStatus::Ok;
    }
    if (field.wire != Wire::Bytes) return DecodeStatus::Ok;
    if (field.number == 1) wrapper_.channel = field.bytes;
    if (field.number == 3) wrapper_.symbol = field.bytes;
    if (field.number > 300 && field.number < 400) {
      wrapper_.kind = field.number;
      wrapper_.body = field.bytes;
    }
    return DecodeStatus::Ok;
  }

  [[nodiscard]] bool set_time(Message& message) const noexcept {
    const std::uint64_t ms = wrapper_.send_time != 0 ? wrapper_.send_time : wrapper_.create_time;
    return time_of_ms(ms, message.venue_time);
  }
  [[nodiscard]] static bool time_of_ms(std::uint64_t ms, TimestampNs& time) noexcept {
    if (ms > static_cast<std::uint64_t>(INT64_MAX) / 1'000'000U) return false;
    time = TimestampNs{static_cast<std::int64_t>(ms * 1'000'000U)};
    return true;
  }

  [[nodiscard]] DecodeStatus read_book() noexcept {
    const bool whole = wrapper_.kind == kLimitDepths;
    const std::uint8_t row = spot_row_of(wrapper_.channel);
    if (row == std::size(kSpotBooks) ||
        (kSpotBooks[row].snapshot == SnapshotSource::Replace) != whole) {
      return DecodeStatus::Ignored;
    }
    if (entry_ == nullptr || !follows(*entry_, row)) {
      return json::unwanted(scratch_, wrapper_.symbol,
                            whole ? MessageKind::Snapshot : MessageKind::Delta, row);
    }
    scratch_.suspect = entry_->id;
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = whole ? MessageKind::Snapshot : MessageKind::Delta;
    message->channel = entry_->channel;
    message->instrument = entry_->id;
    if (!set_time(*message)) return DecodeStatus::Malformed;
    // The batch has bids first, the wire asks: each side by a walk of its own.
    DecodeStatus status = read_side(2, message->bids);
    if (status == DecodeStatus::Ok) status = read_side(1, message->asks);
    if (status != DecodeStatus::Ok) return status;
    return read_versions(whole, *message);
  }

  [[nodiscard]] DecodeStatus read_side(std::uint32_t side, std::uint32_t& count) noexcept {
    return protobuf::walk(wrapper_.body, [&](const Field& field) noexcept {
      if (field.number != side) return DecodeStatus::Ok;
      if (field.wire != Wire::Bytes) return DecodeStatus::Malformed;
      Pair pair;
      const DecodeStatus status = read_pair(field.bytes, 1, 2, pair);
      return status == DecodeStatus::Ok ? push(pair, count) : status;
    });
  }

  [[nodiscard]] static DecodeStatus read_pair(std::string_view message, std::uint32_t price,
                                              std::uint32_t size, Pair& pair) noexcept {
    return protobuf::walk(message, [&](const Field& field) noexcept {
      if (field.wire != Wire::Bytes) return DecodeStatus::Ok;
      if (field.number == price) pair.price = field.bytes;
      if (field.number == size) pair.size = field.bytes;
      return DecodeStatus::Ok;
    });
  }

  [[nodiscard]] DecodeStatus push(const Pair& pair, std::uint32_t& count) noexcept {
    Level level;
    const DecodeStatus status = json::parse_level(pair.price, pair.size, *entry_, scratch_, level);
    if (status != DecodeStatus::Ok) return status;
    if (!out_.push(level)) return DecodeStatus::TooLarge;
    ++count;
    return DecodeStatus::Ok;
  }

  // Changes hold the versions from one to another; a whole book has one.
  [[nodiscard]] DecodeStatus read_versions(bool whole, Message& message) noexcept {
    std::string_view from, to;
    const DecodeStatus status = protobuf::walk(wrapper_.body, [&](const Field& field) noexcept {
      if (field.wire != Wire::Bytes) return DecodeStatus::Ok;
      if (field.number == 4) from = field.bytes;
      if (field.number == 5) to = field.bytes;
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    std::uint64_t first = 0, last = 0;
    if (whole) {
      if (!json::parse_id(from, last))
        return from.empty() ? DecodeStatus::Ok : DecodeStatus::Malformed;
      message.ids = kHasLast;
      message.last = SequenceNo{last};
      return DecodeStatus::Ok;
    }
    if (!json::parse_id(from, first) || !json::parse_id(to, last) || last < first) {
      return DecodeStatus::Malformed;
    }
    message.ids = kHasFirst | kHasLast;
    message.first = SequenceNo{first};
    message.last = SequenceNo{last};
    return DecodeStatus::Ok;
  }

  [[nodiscard]] DecodeStatus read_deals() noexcept {
    if (entry_ == nullptr) {
      return json::unwanted(scratch_, wrapper_.symbol, MessageKind::Trade, 0);
    }
    return protobuf::walk(wrapper_.body, [&](const Field& field) noexcept {
      if (field.number != 1) return DecodeStatus::Ok;
      return field.wire == Wire::Bytes ? read_deal(field.bytes) : DecodeStatus::Malformed;
    });
  }

  // tradeType: what the taker did, 1 bought, 2 sold. tradeId is no number.
  [[nodiscard]] DecodeStatus read_deal(std::string_view deal) noexcept {
    Pair pair;
    std::uint64_t side = 0, ms = 0;
    const DecodeStatus status = protobuf::walk(deal, [&](const Field& field) noexcept {
      if (field.wire == Wire::Bytes && field.number == 1) pair.price = field.bytes;
      if (field.wire == Wire::Bytes && field.number == 2) pair.size = field.bytes;
      if (field.wire == Wire::Varint && field.number == 3) side = field.value;
      if (field.wire == Wire::Varint && field.number == 4) ms = field.value;
      return DecodeStatus::Ok;
    });
    if (status != DecodeStatus::Ok) return status;
    if (side != 1 && side != 2) return DecodeStatus::Malformed;
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Trade;
    message->instrument = entry_->id;
    message->aggressor = side == 1 ? Aggressor::Buy : Aggressor::Sell;
    if (!time_of_ms(ms, message->venue_time)) return DecodeStatus::Malformed;
    return push(pair, message->bids);
  }

  // A side without levels is empty or missing.
  [[nodiscard]] DecodeStatus read_ticker() noexcept {
    if (entry_ == nullptr) return json::unwanted(scratch_, wrapper_.symbol, MessageKind::Bbo, 0);
    Pair bid, ask;
    DecodeStatus status = read_pair(wrapper_.body, 1, 2, bid);
    if (status == DecodeStatus::Ok) status = read_pair(wrapper_.body, 3, 4, ask);
    if (status != DecodeStatus::Ok) return status;
    Message* const message = out_.add();
    if (message == nullptr) return DecodeStatus::TooLarge;
    message->kind = MessageKind::Bbo;
    message->instrument = entry_->id;
    if (!set_time(*message)) return DecodeStatus::Malformed;
    if (!bid.price.empty()) status = push(bid, message->bids);
    if (status == DecodeStatus::Ok && !ask.price.empty()) status = push(ask, message->asks);
    return status;
  }

  const Frame& frame_;
  const SymbolTable& symbols_;
  DecodeScratch& scratch_;
  MessageBatch& out_;
  Wrapper wrapper_;
  const SymbolEntry* entry_ = nullptr;
};

}  // namespace

std::uint8_t spot_row_of(std::string_view channel) noexcept {
  const std::size_t last = channel.rfind('@');
  const std::string_view end =
      last == std::string_view::npos ? std::string_view{} : channel.substr(last);
  const bool limit = channel.find("limit.depth") != std::string_view::npos;
  if (limit) return end == "@20" ? 2 : end == "@10" ? 3 : end == "@5" ? 4 : 5;
  if (channel.find("aggre.depth") == std::string_view::npos) return 5;
  return channel.find("@100ms") != std::string_view::npos ? 1 : 0;
}

DecodeStatus decode_spot(const Frame& frame, const SymbolTable& symbols, DecodeScratch& scratch,
                         MessageBatch& out) noexcept {
  // No message of ours begins with '{' or '[' (fields 15 and 11, as groups): that is text.
  const char first = frame.payload.empty() ? '{' : frame.payload.front();
  if (frame.kind == FrameKind::Answer || first == '{' || first == '[') {
    return decode_spot_text(frame, symbols, scratch, out);
  }
  scratch.forget();
  return Decoder{frame, symbols, scratch, out}.run();
}

}  // namespace steelyard::mexc
