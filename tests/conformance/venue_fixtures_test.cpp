// Every registered venue and all its fixtures; names none.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <memory>
#include <set>

#include "core/sequence.hpp"
#include "support/allocation_count.hpp"
#include "support/fixtures.hpp"

namespace steelyard {
namespace {

std::string case_name(const testing::TestParamInfo<Fixture>& info) {
  std::string name = std::string{info.param.venue->name} + "_" + info.param.frame.stem().string();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); },
      '_');
  return name;
}

class VenueFixture : public testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    symbols_ = fixture_symbols(*GetParam().venue, names_);
    text_ = read_file(GetParam().frame);
    while (!text_.empty() && text_.back() == '\n') text_.pop_back();
    request_ = read_file(std::filesystem::path{GetParam().frame}.replace_extension(".url"));
    while (!request_.empty() && request_.back() == '\n') request_.pop_back();
  }
  DecodeStatus decode(std::string_view text) {
    const PaddedFrame frame{text, request_};
    batch_->clear();
    const DecodeStatus status = GetParam().venue->decode(*frame, symbols_, scratch_, *batch_);
    if (status != DecodeStatus::Ok) batch_->clear();
    return status;
  }

  std::vector<std::string> names_;
  SymbolTable symbols_;
  std::string text_;
  std::string request_;
  DecodeScratch scratch_;
  std::unique_ptr<MessageBatch> batch_ = std::make_unique<MessageBatch>();
};

TEST_P(VenueFixture, DecodesToTheExpectedMessages) {
  const DecodeStatus status = decode(text_);

  std::string result = to_text(*batch_, names_);
  if (status != DecodeStatus::Ok) result = "status " + std::string{to_text(status)} + "\n";
  EXPECT_EQ(result,
            read_file(std::filesystem::path{GetParam().frame}.replace_extension(".expected")));
}

TEST_P(VenueFixture, TruncatedFrameEmitsNothingOrAllOfIt) {
  const DecodeStatus whole_status = decode(text_);
  const std::string whole = to_text(*batch_, names_);
  for (std::size_t length = 0; length < text_.size(); ++length) {
    const DecodeStatus status = decode(std::string_view{text_}.substr(0, length));
    if (status == DecodeStatus::Ok) {
      EXPECT_EQ(to_text(*batch_, names_), whole) << "cut at " << length;
      EXPECT_EQ(whole_status, DecodeStatus::Ok) << "cut at " << length;
    } else {
      EXPECT_TRUE(batch_->messages().empty()) << "cut at " << length;
    }
  }
}

TEST_P(VenueFixture, RefusesWhatFollowsTheDocument) {
  const bool has_data = decode(text_) == DecodeStatus::Ok;
  for (const char* more : {"}", "{\"b\":2}"}) {
    const DecodeStatus status = decode(text_ + more);
    EXPECT_NE(status, DecodeStatus::Ok);
    if (has_data) EXPECT_TRUE(is_defect(status));
    EXPECT_TRUE(batch_->messages().empty());
  }
}

TEST_P(VenueFixture, DecodingAllocatesNothingOnceWarm) {
  const PaddedFrame frame{text_, request_};
  batch_->clear();
  (void)GetParam().venue->decode(*frame, symbols_, scratch_, *batch_);
  batch_->clear();

  const std::size_t before = allocation_count();
  (void)GetParam().venue->decode(*frame, symbols_, scratch_, *batch_);
  EXPECT_EQ(allocation_count(), before);
}

TEST_P(VenueFixture, FlippedBytesNeverGiveHalfAFrame) {
  // Whatever one byte becomes: a status, or messages whose levels are all
  // within the batch.
  for (std::size_t at = 0; at < text_.size(); ++at) {
    for (const char c : {'\0', '"', '}', '9', '-', 'x'}) {
      std::string text = text_;
      text[at] = c;
      if (decode(text) != DecodeStatus::Ok) continue;
      for (const Message& message : batch_->messages()) {
        ASSERT_LE(message.first_level + message.levels(), batch_->level_count());
        ASSERT_LT(message.instrument.raw(), names_.size());
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(AllVenues, VenueFixture, testing::ValuesIn(all_fixtures()), case_name);

class RegisteredVenue : public testing::TestWithParam<const Venue*> {};

TEST_P(RegisteredVenue, HasASnapshotADeltaATradeAndABboAmongItsFixtures) {
  std::set<MessageKind> kinds;
  std::vector<std::string> names;
  const SymbolTable symbols = fixture_symbols(*GetParam(), names);
  DecodeScratch scratch;
  const auto batch = std::make_unique<MessageBatch>();
  for (const Fixture& fixture : all_fixtures()) {
    if (fixture.venue != GetParam()) continue;
    const auto url = std::filesystem::path{fixture.frame}.replace_extension(".url");
    const PaddedFrame frame{read_file(fixture.frame), read_file(url)};
    batch->clear();
    if (GetParam()->decode(*frame, symbols, scratch, *batch) != DecodeStatus::Ok) continue;
    for (const Message& message : batch->messages()) kinds.insert(message.kind);
  }

  EXPECT_TRUE(kinds.contains(MessageKind::Snapshot));
  EXPECT_TRUE(kinds.contains(MessageKind::Delta));
  EXPECT_TRUE(kinds.contains(MessageKind::Trade));
  EXPECT_TRUE(kinds.contains(MessageKind::Bbo));
  EXPECT_EQ(kinds.contains(MessageKind::Liquidation), GetParam()->liquidations);
}

TEST_P(RegisteredVenue, AsksInValidJsonWithinItsLimits) {
  std::vector<Instrument> instruments(300);
  std::vector<Stream> streams;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    instruments[i].symbol = "SYM" + std::to_string(i) + "-USDT";
    for (const StreamKind kind : {StreamKind::Book, StreamKind::Trades, StreamKind::Bbo}) {
      streams.push_back({kind, &instruments[i]});
    }
  }

  simdjson::dom::parser parser;
  for (const auto make : {GetParam()->subscribe, GetParam()->unsubscribe}) {
    const std::vector<std::string> requests = make(streams, 7);
    EXPECT_FALSE(requests.empty());
    for (const std::string& request : requests) {
      EXPECT_EQ(parser.parse(request).error(), simdjson::SUCCESS) << request.substr(0, 200);
      EXPECT_LE(request.size(), GetParam()->limits.bytes_per_request);
    }
  }
}

TEST_P(RegisteredVenue, EveryRowSaysHowItIsKeptInStep) {
  ASSERT_FALSE(GetParam()->books.empty());
  for (const BookChannel& row : GetParam()->books) {
    EXPECT_FALSE(row.channel.empty());
    if (row.snapshot == SnapshotSource::OutOfBand) {
      EXPECT_EQ(row.resync, ResyncBy::Fetch);
      Instrument instrument;
      instrument.symbol = "BTC";
      EXPECT_NE(GetParam()->snapshot(instrument).target.find("BTC"), std::string::npos);
    }
  }
}

TEST_P(RegisteredVenue, KnowsItsOwnUrls) {
  for (const Socket& socket : GetParam()->sockets) {
    const std::string url = "wss://" + std::string{socket.endpoint.host} + ":" +
                            std::string{socket.endpoint.port} + std::string{socket.endpoint.path};
    EXPECT_EQ(venue_of_url(url), GetParam()) << url;
  }
  EXPECT_EQ(venue_of_url("https://" + std::string{GetParam()->rest.host} + "/x?y=1"), GetParam());
  EXPECT_EQ(venue_of_url("https://" + std::string{GetParam()->rest.host} + ".elsewhere.net/"),
            nullptr);
}

INSTANTIATE_TEST_SUITE_P(AllVenues, RegisteredVenue,
                         testing::ValuesIn(venue_registry().begin(), venue_registry().end()),
                         [](const auto& param_info) {
                           std::string name{param_info.param->name};
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace steelyard
