// src/capture/byte_source.hpp -- the bytes of a file: plain, zstd or gzip, told apart by their
// first four.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace steelyard {

// Uncompressed bytes, in order. Throws CaptureError with the file's name and the reason; what was
// readable before has been handed out by then.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Up to `bytes` bytes into `out`; 0 at the end.
  virtual std::size_t read(char* out, std::size_t bytes) = 0;
  virtual void rewind() = 0;
};

// As on disk. "-" is standard input; it and whatever else cannot be read twice (a pipe) is copied
// to an unlinked temporary file in $TMPDIR first.
[[nodiscard]] std::unique_ptr<ByteSource> open_file(const std::string& path);

// Bytes in memory, for tests.
[[nodiscard]] std::unique_ptr<ByteSource> memory_bytes(std::string bytes);

// What `packed` holds: unpacked if it is zstd or gzip, else as it is. `name` is for errors.
[[nodiscard]] std::unique_ptr<ByteSource> unpacked(std::string name,
                                                   std::unique_ptr<ByteSource> packed);

// How errors call this input.
[[nodiscard]] inline std::string display_name(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

// Fills `out` as far as there are bytes; how many.
[[nodiscard]] std::size_t read_up_to(ByteSource& source, char* out, std::size_t bytes);

}  // namespace steelyard
