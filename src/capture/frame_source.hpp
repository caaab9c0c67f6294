// src/capture/frame_source.hpp -- recorded frames, from whatever file format, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/frame.hpp"

namespace steelyard {

// A recording that cannot be opened, or read further: file (and line) and reason.
class CaptureError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// One recorded frame. Views are valid until the next call of next().
struct RecordedFrame {
  FrameKind kind = FrameKind::Text;
  TimestampNs received;
  std::string_view payload;             // kFramePadding readable bytes follow it
  std::string_view url;                 // of the connection, or of the request that this answers
  std::string_view connection;          // its label, unique within a file
  std::string_view venue;               // where the recording says; else it is found from the url
  std::uint32_t connection_number = 0;  // own recordings: the connection's id
  std::uint64_t line = 0;               // line or record, from 1
  bool derived = false;  // no line of its own: the reader concluded it (records lost)
};

enum class Next : std::uint8_t {
  Frame,
  Malformed,  // this line is none: error() says why and where; the next call goes on behind it
  End,
};

// Bytes of the input that hold no readable frames. Own recordings only: a torn tail, a bad disk.
struct Damage {
  std::uint64_t places = 0;   // each was told as Malformed
  std::uint64_t bytes = 0;    // in all of them
  std::uint64_t records = 0;  // known to be missing; what a torn tail held is not known

  Damage& operator+=(const Damage& other) noexcept {
    places += other.places;
    bytes += other.bytes;
    records += other.records;
    return *this;
  }
};

class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // May throw CaptureError if the file itself fails; all that precedes has been given by then.
  virtual Next next(RecordedFrame& frame) = 0;
  // Starts again with the first frame.
  virtual void rewind() = 0;
  [[nodiscard]] virtual const std::string& error() const = 0;
  // Of the file read at present.
  [[nodiscard]] virtual const std::string& name() const = 0;
  // Own recordings: the text that the recorder put first (instruments, configuration). Else empty.
  [[nodiscard]] virtual const std::string& header() const = 0;
  [[nodiscard]] virtual Damage damage() const { return {}; }
};

struct SourceOptions {
  std::string venue;  // for formats that do not name one (tardis.dev raw files)
};

// Opens a recording of any known format: our own, ndjson, or tardis.dev raw lines; each plain, zstd
// or gzip; "-" is standard input. Content decides. Throws CaptureError.
[[nodiscard]] std::unique_ptr<FrameSource> open_source(const std::string& path,
                                                       const SourceOptions& options);

// The same for several. The parts of one rotated recording become one source, in their order, and
// what is missing between them is told as lost.
[[nodiscard]] std::vector<std::unique_ptr<FrameSource>> open_sources(
    const std::vector<std::string>& paths, const SourceOptions& options);

// Several recordings as one, by receive time; frames of equal time in the order of the files. A
// file's own frames are never re-sorted.
class MergedSource {
 public:
  explicit MergedSource(std::vector<std::unique_ptr<FrameSource>> sources);

  // `from`: the index of the source that it came from.
  Next next(RecordedFrame& frame, std::size_t& from);
  void rewind();
  [[nodiscard]] FrameSource& source(std::size_t index) { return *sources_[index].source; }
  [[nodiscard]] std::size_t size() const noexcept { return sources_.size(); }

 private:
  struct Input {
    std::unique_ptr<FrameSource> source;
    RecordedFrame frame;
    Next state = Next::End;
    std::int64_t newest = INT64_MIN;  // a file is as late as its latest frame so far
    bool ahead = false;
  };
  void advance(Input& input);
  std::vector<Input> sources_;
};

}  // namespace steelyard
