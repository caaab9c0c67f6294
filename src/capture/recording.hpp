// src/capture/recording.hpp -- writes the project's own recordings: every frame, as received,
// crash-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "capture/frame_source.hpp"
#include "capture/recording_file.hpp"
#include "capture/recording_format.hpp"
#include "core/frame.hpp"

struct ZSTD_CCtx_s;

namespace steelyard {

// Writes one recording. One thread, which may wait for the disk. Trouble after the start is counted
// and told, and never thrown: recording must not take the feed down. A block that cannot be written
// is dropped whole, the file stays readable, and the next one is tried; readers are told how many
// frames are missing.
class RecordingWriter {
 public:
  enum class Sync : std::uint8_t {
    Never,  // a crash of the process loses no written block, a power cut may
    Close,  // when a file is done
    Block,  // after every block
  };

  struct Options {
    std::size_t block_bytes = 256 * 1024;       // uncompressed; a larger frame has its own block
    std::int64_t block_age_ns = 1'000'000'000;  // by receive time; 0: cut by size only
    int level = 3;                              // of zstd
    Sync sync = Sync::Never;
    // Either makes a recording several files, NAME-0001.sly and so on, each whole in itself.
    std::uint64_t rotate_bytes = 0;  // a file's size when the next is begun; 0: never
    std::int64_t rotate_ns = 0;      // a file's age by receive time; 0: never
    unsigned mode = 0640;
  };

  // Throws CaptureError if the file cannot be created. It must not exist.
  RecordingWriter(std::string path, std::string_view header, const Options& options);
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  // False: frames were lost by this call; last_error() says why. The same below.
  bool append(const Frame& frame) noexcept;
  // Which venue and URL a connection is of, if the header text does not say. Before its frames.
  bool add_connection(ConnectionId id, std::string_view venue, std::string_view url,
                      std::string_view label) noexcept;
  // Writes what is held back: to be called now and then, for no frames may mean no next block.
  bool flush() noexcept;
  // After that append refuses.
  bool close() noexcept;

  [[nodiscard]] std::uint64_t frames() const noexcept { return frames_; }
  [[nodiscard]] std::uint64_t frames_lost() const noexcept { return lost_; }
  [[nodiscard]] std::uint64_t bytes_written() const noexcept { return written_; }
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }
  [[nodiscard]] const std::string& last_error() const noexcept { return error_; }
  // Of the file written at present.
  [[nodiscard]] const std::string& file_name() const noexcept { return name_; }

 private:
  void begin_file();
  bool rotate_if_due(std::int64_t received);
  bool skip(std::string_view what) noexcept;
  void add(RecordHeader header, std::string_view request, std::string_view payload);
  bool write_block(RecordingFile& file, BlockHeader header, std::string_view raw);
  bool fail(const RecordingFile* file, std::string_view what, std::uint64_t frames) noexcept;

  struct FreeZstd {
    void operator()(ZSTD_CCtx_s* zstd) const noexcept;
  };

  std::string path_;
  std::string header_;
  Options options_;
  std::unique_ptr<ZSTD_CCtx_s, FreeZstd> zstd_;
  std::uint64_t session_ = 0;
  std::uint32_t parts_ = 0;
  std::unique_ptr<RecordingFile> file_;
  std::string name_;
  std::int64_t file_since_ = 0;  // receive time of the file's first frame
  bool file_has_frames_ = false;

  std::vector<char> raw_;  // the block being filled
  BlockHeader block_;
  std::vector<char> packed_;
  struct Connection {
    std::string url;
    std::string text;
  };
  std::map<std::uint32_t, Connection> connections_;  // repeated in every file

  std::uint64_t frames_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t written_ = 0;
  std::uint64_t failures_ = 0;
  std::string error_;
};

}  // namespace steelyard
