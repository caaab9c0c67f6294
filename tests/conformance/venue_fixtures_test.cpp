// Every registered venue and all its fixtures; names none.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <memory>
#include <set>

#include "core/sequence.hpp"
#include "support/allocation_count.hpp"
#include "support/fixtures.hpp"

namespace steelyard {
namespace {

std::string case_name(const testing::TestParamInfo<Fixture>& info) { return test_name(info.param); }

class VenueFixture : public testing::TestWithParam<Fixture> {
 protected:
  void SetUp() override {
    symbols_ = fixture_symbols(*GetParam().venue, names_);
    text_ = read_frame(GetParam().frame);
    for (const std::string& before : frames_before(*GetParam().venue)) (void)decode(before);
    request_ = read_file(std::filesystem::path{GetParam().frame}.replace_extension(".url"));
    while (!request_.empty() && request_.back() == '\n') request_.pop_back();
  }
  DecodeStatus decode(std::string_view text) {
    const PaddedFrame frame{text, request_, is_binary()};
    batch_->clear();
    const DecodeStatus status = GetParam().venue->decode(*frame, symbols_, scratch_, *batch_);
    if (status != DecodeStatus::Ok) batch_->clear();
    return status;
  }

  [[nodiscard]] static bool is_binary() { return GetParam().frame.extension() == ".hex"; }

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
  const PaddedFrame frame{text_, request_, is_binary()};
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
  for (const std::string& before : frames_before(*GetParam())) {
    const PaddedFrame frame{before, {}};
    (void)GetParam()->decode(*frame, symbols, scratch, *batch);
  }
  for (const Fixture& fixture : all_fixtures()) {
    if (fixture.venue != GetParam()) continue;
    const auto url = std::filesystem::path{fixture.frame}.replace_extension(".url");
    const PaddedFrame frame{read_frame(fixture.frame), read_file(url),
                            fixture.frame.extension() == ".hex"};
    batch->clear();
    if (GetParam()->decode(*frame, symbols, scratch, *batch) != DecodeStatus::Ok) continue;
    for (const Message& message : batch->messages()) kinds.insert(message.kind);
  }

  const auto sends_deltas = [](const BookChannel& row) {
    return row.snapshot != SnapshotSource::Replace;
  };
  const bool has_bbo =
      std::any_of(GetParam()->sockets.begin(), GetParam()->sockets.end(),
                  [](const Socket& socket) { return socket.serves(StreamKind::Bbo); });
  EXPECT_TRUE(kinds.contains(MessageKind::Snapshot));
  EXPECT_EQ(kinds.contains(MessageKind::Delta),
            std::any_of(GetParam()->books.begin(), GetParam()->books.end(), sends_deltas));
  EXPECT_TRUE(kinds.contains(MessageKind::Trade));
  EXPECT_EQ(kinds.contains(MessageKind::Bbo), has_bbo);
  EXPECT_EQ(kinds.contains(MessageKind::Liquidation), GetParam()->liquidations);
}

TEST_P(RegisteredVenue, AsksInValidJsonWithinItsLimits) {
  std::vector<Instrument> instruments(300);
  std::vector<Stream> streams;
  for (std::size_t i = 0; i < instruments.size(); ++i) {
    instruments[i].symbol = "SYM" + std::to_string(i) + "-USDT";
    for (const StreamKind kind : {StreamKind::Book, StreamKind::Trades, StreamKind::Bbo}) {
      const bool served = std::any_of(GetParam()->sockets.begin(), GetParam()->sockets.end(),
                                      [kind](const Socket& socket) { return socket.serves(kind); });
      if (served) streams.push_back({kind, &instruments[i]});
    }
  }

  const bool resubscribes =
      std::any_of(GetParam()->books.begin(), GetParam()->books.end(),
                  [](const BookChannel& row) { return row.resync == ResyncBy::Resubscribe; });
  simdjson::dom::parser parser;
  for (const auto make : {GetParam()->subscribe, GetParam()->unsubscribe}) {
    const std::vector<std::string> requests = make(streams, 7);
    // What a new connection alone renews need not be unsubscribed.
    EXPECT_TRUE(!requests.empty() || (make == GetParam()->unsubscribe && !resubscribes));
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
    Instrument instrument;
    instrument.symbol = "BTC";
    if (row.resync == ResyncBy::Fetch) {
      const RestRequest request = GetParam()->snapshot(instrument);
      EXPECT_NE((request.target + request.body).find("BTC"), std::string::npos);
    }
    if (row.resync == ResyncBy::Request) {
      EXPECT_NE(GetParam()->snapshot_message(instrument, 1).find("BTC"), std::string::npos);
    }
    if (row.snapshot == SnapshotSource::OutOfBand) {
      EXPECT_TRUE(row.resync == ResyncBy::Fetch || row.resync == ResyncBy::Request);
    }
    if (row.truncate) EXPECT_NE(row.depth, 0U);
    // What proves a book, or a word that nothing does; one of the two, never both.
    const bool proven = row.link.link != Link::None || row.checksum != ChecksumId::None ||
                        row.counted || row.snapshot == SnapshotSource::Replace;
    EXPECT_NE(proven, row.unproven) << row.channel << ": proven, or said not to be";
    if (row.renew.count() != 0) {
      EXPECT_TRUE(row.unproven) << row.channel << " is fetched anew although it is proven";
      EXPECT_EQ(row.resync, ResyncBy::Fetch) << row.channel;
    }
  }
}

TEST_P(RegisteredVenue, KnowsItsOwnUrls) {
  for (const Socket& socket : GetParam()->sockets) {
    if (socket.endpoint.host.empty()) continue;  // a ticket says where
    const std::string url = "wss://" + std::string{socket.endpoint.host} + ":" +
                            std::string{socket.endpoint.port} + std::string{socket.endpoint.path};
    const Venue* const found = venue_of_url(url);
    ASSERT_NE(found, nullptr) << url;
    EXPECT_TRUE(found == GetParam() || found->sibling != nullptr) << url;
  }
  for (const RestRequest& request : GetParam()->instrument_lists()) {
    const std::string url = "https://" + std::string{GetParam()->rest.host} + request.target;
    EXPECT_EQ(venue_of_frame(venue_of_url(url), request.body, url), GetParam()) << url;
  }
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
