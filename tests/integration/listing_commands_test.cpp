// The listing commands as a user runs them, the venue simulated.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sim/simulator.hpp"

namespace steelyard {
namespace {

struct Outcome {
  int status = 0;
  std::string out;
};

[[nodiscard]] Outcome run(const std::string& arguments) {
  const std::string command = STEELYARD_BIN_DIR "/steelyard " + arguments + " 2>&1";
  Outcome outcome;
  std::FILE* const pipe = popen(command.c_str(), "r");
  std::array<char, 4096> bytes;
  for (std::size_t size; (size = std::fread(bytes.data(), 1, bytes.size(), pipe)) != 0;) {
    outcome.out.append(bytes.data(), size);
  }
  outcome.status = WEXITSTATUS(pclose(pipe));
  return outcome;
}

class ListingCommands : public testing::Test {
 protected:
  void SetUp() override {
    directory_ =
        std::filesystem::temp_directory_path() / ("steelyard-listing-" + std::to_string(getpid()));
    std::filesystem::create_directories(directory_);
    sim_ = std::make_unique<sim::Simulator>(sim::SimulatorOptions{});
    std::ofstream{directory_ / "ca.pem"} << sim_->authority_pem();
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string where(const std::string& venue) const {
    return " --rest localhost:" + std::to_string(sim_->port(venue)) + " --ca-file " +
           (directory_ / "ca.pem").string();
  }

  std::filesystem::path directory_;
  std::unique_ptr<sim::Simulator> sim_;
};

TEST_F(ListingCommands, InstrumentsAsksTheVenueAndFilters) {
  const Outcome all = run("instruments binance-spot" + where("binance-spot"));
  const Outcome one = run("instruments okx 'BTC-USD-PERP' --json" + where("okx"));

  EXPECT_EQ(all.status, 0) << all.out;
  EXPECT_NE(all.out.find("SYMBOL"), std::string::npos) << all.out;
  EXPECT_NE(all.out.find("BTCUSDT"), std::string::npos) << all.out;
  EXPECT_EQ(one.status, 0) << one.out;
  EXPECT_EQ(one.out.find("[{\"symbol\":\"BTC-USD-SWAP\",\"name\":\"BTC-USD-PERP\","
                         "\"kind\":\"inverse\""),
            0U)
      << one.out;
}

TEST_F(ListingCommands, InstrumentsSaysWhatIsWrongInOneLine) {
  const Outcome nothing = run("instruments binance-spot 'NOPE*'" + where("binance-spot"));
  const Outcome nobody = run("instruments binance-spot --rest localhost:1 --ca-file " +
                             (directory_ / "ca.pem").string());
  const Outcome unknown = run("instruments binance-sport");
  const Outcome bad = run("instruments okx --rest localhost:x");

  EXPECT_EQ(nothing.status, 1);
  EXPECT_NE(nothing.out.find("nothing that matches \"NOPE*\""), std::string::npos) << nothing.out;
  EXPECT_EQ(nobody.status, 1);
  EXPECT_NE(nobody.out.find("https://localhost:1/"), std::string::npos) << nobody.out;
  EXPECT_EQ(unknown.status, 2);
  EXPECT_NE(unknown.out.find("there are binance-spot"), std::string::npos) << unknown.out;
  EXPECT_EQ(bad.status, 2) << bad.out;
  EXPECT_NE(bad.out.find("localhost:x"), std::string::npos) << bad.out;
}

TEST_F(ListingCommands, VenuesListsAllOrOne) {
  const Outcome all = run("venues");
  const Outcome one = run("venues okx --json");

  EXPECT_EQ(all.status, 0);
  EXPECT_NE(all.out.find("binance-coinm"), std::string::npos) << all.out;
  EXPECT_EQ(one.status, 0);
  EXPECT_EQ(one.out.find("[{\"venue\":\"okx\""), 0U) << one.out;
  EXPECT_EQ(run("venues nobody").status, 2);
}

}  // namespace
}  // namespace steelyard
