// src/measure/book_frames.hpp -- frames of one book as OKX sends them: ten levels each, made here.
#pragma once

#include <cstdint>
#include <string>

namespace steelyard::measure {

// Each frame is in sequence after the one before. Stamps are what the caller gives, in ns where the
// venue has ms: so that what arrives tells when it was sent.
class BookFrames {
 public:
  static constexpr const char* kVenue = "okx";
  static constexpr const char* kSymbol = "BTC-USDT";

  // What the venue answers when asked for its instruments of a kind.
  [[nodiscard]] static std::string instruments(bool spot) {
    return std::string{"{\"code\":\"0\",\"data\":["} +
           (spot ? R"({"instType":"SPOT","instId":"BTC-USDT","tickSz":"0.1","lotSz":"0.00000001",)"
                   R"("state":"live","ctType":"","ctVal":"","ctMult":"","ctValCcy":""})"
                 : "") +
           "],\"msg\":\"\"}";
  }

  // 400 levels a side.
  [[nodiscard]] std::string snapshot(std::int64_t stamp) {
    std::string asks, bids;
    for (int i = 0; i < 400; ++i) {
      asks += (i == 0 ? "[\"" : ",[\"") + price(610'001 + i) + "\",\"1.5\",\"0\",\"1\"]";
      bids += (i == 0 ? "[\"" : ",[\"") + price(610'000 - i) + "\",\"1.5\",\"0\",\"1\"]";
    }
    return frame("snapshot", asks, bids, -1, stamp);
  }

  // Five levels a side, within 200 ticks of the best.
  [[nodiscard]] std::string update(std::int64_t stamp) {
    std::string asks, bids;
    for (int i = 0; i < 5; ++i) {
      const auto step = static_cast<int>((id_ * 7 + static_cast<std::uint64_t>(i) * 31) % 200);
      const std::string qty = std::to_string(1 + id_ % 9) + ".25" + std::to_string(1000 + step);
      asks += (i == 0 ? "[\"" : ",[\"") + price(610'001 + step) + "\",\"" + qty + "\",\"0\",\"3\"]";
      bids += (i == 0 ? "[\"" : ",[\"") + price(610'000 - step) + "\",\"" + qty + "\",\"0\",\"3\"]";
    }
    return frame("update", asks, bids, static_cast<std::int64_t>(id_ - 1), stamp);
  }

 private:
  [[nodiscard]] static std::string price(int tenths) {
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
  }
  [[nodiscard]] std::string frame(const char* action, const std::string& asks,
                                  const std::string& bids, std::int64_t previous,
                                  std::int64_t stamp) {
    return std::string{R"({"arg":{"channel":"books","instId":"BTC-USDT"},"action":")"} + action +
           "\",\"data\":[{\"asks\":[" + asks + "],\"bids\":[" + bids + "],\"ts\":\"" +
           std::to_string(stamp) + "\",\"checksum\":0,\"prevSeqId\":" + std::to_string(previous) +
           ",\"seqId\":" + std::to_string(id_++) + "}]}";
  }
  std::uint64_t id_ = 1'000;
};

}  // namespace steelyard::measure
