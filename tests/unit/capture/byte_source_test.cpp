#include "capture/byte_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/capture_files.hpp"

namespace steelyard {
namespace {

using testing::HasSubstr;

// Hands out at most so many bytes at a time.
class Drip final : public ByteSource {
 public:
  Drip(std::string bytes, std::size_t most) : bytes_{memory_bytes(std::move(bytes))}, most_{most} {}
  std::size_t read(char* out, std::size_t bytes) override {
    return bytes_->read(out, std::min(bytes, most_));
  }
  void rewind() override { bytes_->rewind(); }

 private:
  std::unique_ptr<ByteSource> bytes_;
  std::size_t most_;
};

std::string text_of(std::size_t bytes) {
  std::string text;
  for (std::uint32_t i = 1; text.size() < bytes; ++i) text += std::to_string(i * 2'654'435'761U);
  text.resize(bytes);
  return text;
}

std::string drain(ByteSource& source, std::size_t at_a_time) {
  std::string all;
  std::string piece(at_a_time, '\0');
  while (const std::size_t got = source.read(piece.data(), piece.size())) {
    all.append(piece, 0, got);
  }
  return all;
}

// Up to where it fails, and what it says then.
std::pair<std::string, std::string> drain_broken(std::string bytes) {
  std::string all;
  const std::string error = refusal_of([&] {
    const auto source = unpacked("cut.in", memory_bytes(std::move(bytes)));
    char byte = 0;
    while (source->read(&byte, 1) != 0) all += byte;
  });
  return {all, error};
}

TEST(ByteSource, UnpacksWhateverTheSizesOfThePieces) {
  const std::string text = text_of(300'000);

  for (const std::string& packed : {text, as_zstd(text), as_gzip(text)}) {
    for (const std::size_t most : {std::size_t{1}, std::size_t{7}, std::size_t{1} << 20}) {
      for (const std::size_t at_a_time :
           {std::size_t{3}, std::size_t{4096}, std::size_t{1} << 20}) {
        const auto source = unpacked("in", std::make_unique<Drip>(packed, most));
        EXPECT_EQ(drain(*source, at_a_time), text);
      }
    }
  }
}

TEST(ByteSource, TakesSeveralZstdFramesOrGzipMembersForOneFile) {
  EXPECT_EQ(drain(*unpacked("in", memory_bytes(as_zstd("one ") + as_zstd("two"))), 100), "one two");
  EXPECT_EQ(drain(*unpacked("in", memory_bytes(as_gzip("one ") + as_gzip("two"))), 100), "one two");
}

TEST(ByteSource, RewindsFromAnywhereAlsoFromAFailure) {
  const std::string text = text_of(100'000);

  for (const std::string& packed : {text, as_zstd(text), as_gzip(text)}) {
    const auto source = unpacked("in", memory_bytes(packed));
    std::string some(12'345, '\0');
    EXPECT_GT(source->read(some.data(), some.size()), 0U);
    source->rewind();
    EXPECT_EQ(drain(*source, 1000), text);
    source->rewind();
    EXPECT_EQ(drain(*source, 1000), text);
  }
  for (const std::string& packed : {as_zstd(text), as_gzip(text)}) {
    const auto source = unpacked("in", memory_bytes(packed.substr(0, packed.size() / 2)));
    const std::string first = refusal_of([&] { (void)drain(*source, 1000); });
    source->rewind();
    EXPECT_EQ(refusal_of([&] { (void)drain(*source, 1000); }), first);
    EXPECT_NE(first, "");
  }
}

TEST(ByteSource, TellsACutWhereverItIs) {
  const std::string text = text_of(400);
  for (const auto& [packed, what] :
       {std::pair{as_zstd(text), "cut.in: the zstd data end in mid-frame"},
        std::pair{as_gzip(text), "cut.in: the gzip data end too soon"}}) {
    for (std::size_t cut = 4; cut < packed.size(); ++cut) {
      const auto [read, error] = drain_broken(packed.substr(0, cut));

      EXPECT_EQ(error, what) << "at " << cut;
      EXPECT_EQ(read, text.substr(0, read.size())) << "nothing wrong before it";
    }
  }
}

TEST(ByteSource, TellsBrokenCompression) {
  std::string zstd = as_zstd(text_of(5000));
  zstd[20] = static_cast<char>(~zstd[20]);
  zstd[21] = static_cast<char>(~zstd[21]);
  std::string gzip = as_gzip(text_of(5000));
  gzip[gzip.size() - 6] ^= 1;  // its checksum

  EXPECT_THAT(drain_broken(gzip).second, HasSubstr("cut.in: gzip: incorrect data check"));
  EXPECT_THAT(drain_broken(as_zstd("a") + "rubbish").second, HasSubstr("cut.in: zstd: "));
  // zstd frames without a checksum may unpack to something else; then their sizes differ or not.
  EXPECT_NO_FATAL_FAILURE((void)drain_broken(zstd));
}

TEST(OpenFile, SaysWhyItCannot) {
  const TemporaryFolder folder;

  EXPECT_THAT(refusal_of([&] { (void)open_file(folder / "none"); }),
              HasSubstr("none: cannot be opened: No such file"));
  EXPECT_THAT(refusal_of([&] { (void)open_file(folder / ""); }), HasSubstr("is a directory"));
}

TEST(OpenFile, ReadsAPipeTwice) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "through a pipe", 14), 14);
  close(ends[1]);
  const auto source = open_file("/dev/fd/" + std::to_string(ends[0]));
  close(ends[0]);

  EXPECT_EQ(drain(*source, 5), "through a pipe");
  source->rewind();
  EXPECT_EQ(drain(*source, 5), "through a pipe");
}

}  // namespace
}  // namespace steelyard
