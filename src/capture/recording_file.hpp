// src/capture/recording_file.hpp -- one file of a recording on disk, whole blocks only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace steelyard {

// A new file. What is appended is there as a whole or not at all: after a failure the file is cut
// back to where it was. Throws only from the constructor.
class RecordingFile {
 public:
  // Throws CaptureError. The file must not exist.
  RecordingFile(std::string name, unsigned mode);
  ~RecordingFile();
  RecordingFile(const RecordingFile&) = delete;
  RecordingFile& operator=(const RecordingFile&) = delete;

  // 0, or the errno.
  [[nodiscard]] int append(std::string_view bytes) noexcept;
  [[nodiscard]] int sync() noexcept;
  // Makes the name itself safe; trouble is not told, for the bytes are.
  void sync_folder() const noexcept;
  void remove() noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  std::string name_;
  int file_;
  std::uint64_t size_ = 0;
};

}  // namespace steelyard
