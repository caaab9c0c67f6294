// tests/support/recorded_book.hpp -- messages of one connection replayed from a recording, and the
// book that they leave behind.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/replay.hpp"
#include "support/capture_files.hpp"
#include "support/recorded_line.hpp"
#include "support/temporary_folder.hpp"

namespace steelyard {

// One instrument, whose venue is known by the url.
class RecordedBook : public testing::Test {
 protected:
  explicit RecordedBook(std::string url) : url_{std::move(url)} {}

  // One message a second.
  void replay(const std::vector<std::string>& messages) {
    std::string text;
    int second = 0;
    for (const std::string& message : messages) {
      text += recorded_line(++second, url_.c_str(), message) + '\n';
    }
    write_file(folder_ / "in.ndjson", text);
    ReplayOptions options;
    options.files = {folder_ / "in.ndjson"};
    replay_ = std::make_unique<Replay>(options);
    (void)replay_->run();
    ASSERT_EQ(replay_->shard().slots().size(), 1U);
  }
  [[nodiscard]] const InstrumentSlot& slot() const { return replay_->shard().slots()[0]; }

  // Prices and sizes of a side, best first.
  [[nodiscard]] std::vector<std::pair<double, double>> side(Side side) const {
    std::vector<std::pair<double, double>> levels;
    const Scale& scale = slot().instrument.scale;
    slot().book.walk(side, [&](Level level) {
      levels.emplace_back(to_double(level.price.raw(), scale.price_exponent),
                          to_double(level.qty.raw(), scale.qty_exponent));
      return true;
    });
    return levels;
  }
  static auto level(double price, double qty) { return std::pair{price, qty}; }

 private:
  std::string url_;
  TemporaryFolder folder_;
  std::unique_ptr<Replay> replay_;
};

}  // namespace steelyard
