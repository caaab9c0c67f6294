#include "capture/byte_source.hpp"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "capture/frame_source.hpp"

namespace steelyard {
namespace {

class MemoryBytes final : public ByteSource {
 public:
  explicit MemoryBytes(std::string bytes) : bytes_{std::move(bytes)} {}

  std::size_t read(char* out, std::size_t bytes) override {
    const std::size_t take = std::min(bytes, bytes_.size() - at_);
    if (take != 0) std::memcpy(out, bytes_.data() + at_, take);
    at_ += take;
    return take;
  }
  void rewind() override { at_ = 0; }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

class ZstdBytes final : public ByteSource {
 public:
  ZstdBytes(std::string name, std::unique_ptr<ByteSource> packed)
      : name_{std::move(name)},
        packed_{std::move(packed)},
        stream_{ZSTD_createDStream()},
        input_(ZSTD_DStreamInSize()) {
    if (stream_ == nullptr) throw CaptureError{name_ + ": no memory for zstd"};
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 27);
  }
  ~ZstdBytes() override { ZSTD_freeDStream(stream_); }

  std::size_t read(char* out, std::size_t bytes) override {
    ZSTD_outBuffer to{out, bytes, 0};
    while (to.pos == 0 && bytes != 0) {
      // A full output may have left bytes inside the decoder: they come before more input.
      if (from_.pos == from_.size && !held_back_) {
        from_ = {input_.data(), packed_->read(input_.data(), input_.size()), 0};
        if (from_.size == 0) {
          if (left_ != 0) throw CaptureError{name_ + ": the zstd data end in mid-frame"};
          return 0;
        }
      }
      left_ = ZSTD_decompressStream(stream_, &to, &from_);
      if (ZSTD_isError(left_)) throw CaptureError{name_ + ": zstd: " + ZSTD_getErrorName(left_)};
      held_back_ = left_ != 0 && to.pos == to.size;
    }
    return to.pos;
  }
  void rewind() override {
    packed_->rewind();
    ZSTD_DCtx_reset(stream_, ZSTD_reset_session_only);
    from_ = {};
    left_ = 0;
    held_back_ = false;
  }

 private:
  std::string name_;
  std::unique_ptr<ByteSource> packed_;
  ZSTD_DStream* stream_;
  std::vector<char> input_;
  ZSTD_inBuffer from_{};
  std::size_t left_ = 0;
  bool held_back_ = false;
};

class GzipBytes final : public ByteSource {
 public:
  GzipBytes(std::string name, std::unique_ptr<ByteSource> packed)
      : name_{std::move(name)}, packed_{std::move(packed)}, input_(256U << 10) {
    if (inflateInit2(&stream_, 15 + 16) != Z_OK) {
      throw CaptureError{name_ + ": no memory for gzip"};
    }
  }
  ~GzipBytes() override { inflateEnd(&stream_); }

  std::size_t read(char* out, std::size_t bytes) override {
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(bytes, 1U << 30));
    const uInt room = stream_.avail_out;
    while (stream_.avail_out == room && room != 0) {
      if (stream_.avail_in == 0 && !held_back_) {
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(packed_->read(input_.data(), input_.size()));
        if (stream_.avail_in == 0) {
          if (!member_ended_) throw CaptureError{name_ + ": the gzip data end too soon"};
          return 0;
        }
      }
      // Several members one behind the other are one file.
      if (member_ended_) {
        inflateReset(&stream_);
        member_ended_ = false;
      }
      const int status = inflate(&stream_, Z_NO_FLUSH);
      member_ended_ = status == Z_STREAM_END;
      if (!member_ended_ && status != Z_OK && status != Z_BUF_ERROR) {
        throw CaptureError{name_ +
                           ": gzip: " + (stream_.msg != nullptr ? stream_.msg : "broken data")};
      }
      held_back_ = !member_ended_ && stream_.avail_out == 0;
    }
    return room - stream_.avail_out;
  }
  void rewind() override {
    packed_->rewind();
    inflateReset(&stream_);
    stream_.avail_in = 0;
    member_ended_ = false;
    held_back_ = false;
  }

 private:
  std::string name_;
  std::unique_ptr<ByteSource> packed_;
  std::vector<char> input_;
  z_stream stream_{};
  bool member_ended_ = false;
  bool held_back_ = false;
};

}  // namespace

std::size_t read_up_to(ByteSource& source, char* out, std::size_t bytes) {
  std::size_t have = 0;
  while (have < bytes) {
    const std::size_t got = source.read(out + have, bytes - have);
    if (got == 0) break;
    have += got;
  }
  return have;
}

std::unique_ptr<ByteSource> memory_bytes(std::string bytes) {
  return std::make_unique<MemoryBytes>(std::move(bytes));
}

std::unique_ptr<ByteSource> unpacked(std::string name, std::unique_ptr<ByteSource> packed) {
  char magic[4] = {};
  const std::size_t have = read_up_to(*packed, magic, sizeof magic);
  packed->rewind();
  if (have == 4 && std::memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0) {
    return std::make_unique<ZstdBytes>(std::move(name), std::move(packed));
  }
  if (have >= 2 && std::memcmp(magic, "\x1f\x8b", 2) == 0) {
    return std::make_unique<GzipBytes>(std::move(name), std::move(packed));
  }
  return packed;
}

}  // namespace steelyard
