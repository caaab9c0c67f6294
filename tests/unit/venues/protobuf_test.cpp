// Protocol buffers read field by field, from bytes that nobody vouches for.
#include "venues/protobuf.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace steelyard::protobuf {
namespace {

using namespace std::string_literals;

[[nodiscard]] DecodeStatus read_all(std::string_view message, std::vector<Field>& fields) {
  fields.clear();
  return walk(message, [&](const Field& field) noexcept {
    fields.push_back(field);
    return DecodeStatus::Ok;
  });
}

TEST(Protobuf, ReadsEveryWireTypeAndNumbersOfTwoBytes) {
  std::vector<Field> fields;

  // The documents' own example: field 1, varint 150; field 2, "testing".
  const std::string example = "\x08\x96\x01\x12\x07testing"s;
  ASSERT_EQ(read_all(example, fields), DecodeStatus::Ok);
  ASSERT_EQ(fields.size(), 2U);
  EXPECT_EQ(fields[0].number, 1U);
  EXPECT_EQ(fields[0].value, 150U);
  EXPECT_EQ(fields[1].number, 2U);
  EXPECT_EQ(fields[1].bytes, "testing");

  const std::string others =
      "\xca\x13\x01x\x09\x31\x32\x33\x34\x35\x36\x37\x38\x0d\x31\x32\x33\x34"s;
  ASSERT_EQ(read_all(others, fields), DecodeStatus::Ok);
  ASSERT_EQ(fields.size(), 3U);
  EXPECT_EQ(fields[0].number, 313U);
  EXPECT_EQ(fields[0].bytes, "x");
  EXPECT_EQ(fields[1].wire, Wire::Fixed64);
  EXPECT_EQ(fields[2].wire, Wire::Fixed32);
}

TEST(Protobuf, TakesVarintsOfSixtyFourBitsAndNoMore) {
  std::vector<Field> fields;
  const std::string nine(9, '\xff');

  ASSERT_EQ(read_all("\x08" + nine + "\x01", fields), DecodeStatus::Ok);
  EXPECT_EQ(fields[0].value, UINT64_MAX);
  EXPECT_EQ(read_all("\x08" + nine + "\x02", fields), DecodeStatus::Malformed);
  EXPECT_EQ(read_all("\x08" + nine + "\x81\x01", fields), DecodeStatus::Malformed);
}

TEST(Protobuf, RefusesLengthsBeyondTheEndGroupsAndNumberZero) {
  std::vector<Field> fields;

  EXPECT_EQ(read_all("\x12\x07testin"s, fields), DecodeStatus::Truncated);
  EXPECT_EQ(read_all("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x"s, fields),
            DecodeStatus::Truncated);
  EXPECT_EQ(read_all("\x08"s, fields), DecodeStatus::Truncated);
  EXPECT_EQ(read_all("\x09"
                     "1234567"s,
                     fields),
            DecodeStatus::Truncated);
  EXPECT_EQ(read_all("\x0b"s, fields), DecodeStatus::Malformed);
  EXPECT_EQ(read_all("\x0e\x01"s, fields), DecodeStatus::Malformed);
  EXPECT_EQ(read_all("\x00\x01"s, fields), DecodeStatus::Malformed);
}

TEST(Protobuf, StaysWithinItsMessageWhateverTheBytes) {
  std::mt19937_64 random{3};
  for (int i = 0; i < 20000; ++i) {
    // On the heap, at its exact size: a sanitizer sees any step beyond.
    std::vector<char> bytes(random() % 24);
    for (char& byte : bytes) byte = static_cast<char>(random() % 4 == 0 ? 0xff : random() % 32);
    const std::string_view message{bytes.data(), bytes.size()};
    std::vector<Field> fields;
    (void)read_all(message, fields);
    for (const Field& field : fields) {
      if (field.wire != Wire::Bytes || field.bytes.empty()) continue;
      ASSERT_GE(field.bytes.data(), message.data());
      ASSERT_LE(field.bytes.data() + field.bytes.size(), message.data() + message.size());
    }
  }
}

}  // namespace
}  // namespace steelyard::protobuf
