#include "cli/progress.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temporary_folder.hpp"

namespace steelyard {
namespace {

TEST(ReadSoFar, IsWhatTheKernelSaysOfOpenFiles) {
  const TemporaryFolder folder;
  std::ofstream{folder / "a"} << std::string(1000, 'a');
  std::ofstream{folder / "b"} << std::string(500, 'b');
  FILE* const file = fopen((folder / "a").c_str(), "r");
  setvbuf(file, nullptr, _IONBF, 0);
  char bytes[300];
  ASSERT_EQ(fread(bytes, 1, sizeof bytes, file), sizeof bytes);

  const ReadSoFar sum = read_so_far({folder / "a", folder / "b", folder / "none", "-"});

  EXPECT_EQ(sum.read, 300U);
  EXPECT_EQ(sum.all, 1500U);
  fclose(file);
}

}  // namespace
}  // namespace steelyard
