#include "venues/inflate.hpp"

#include <libdeflate.h>

#include <cstring>
#include <new>

namespace steelyard {

Inflater::Inflater()
    : decompressor_{libdeflate_alloc_decompressor()},
      text_{std::make_unique_for_overwrite<char[]>(kMaxBytes + kFramePadding)} {
  if (decompressor_ == nullptr) throw std::bad_alloc{};  // cold: start
}

Inflater::~Inflater() { libdeflate_free_decompressor(decompressor_); }

DecodeStatus Inflater::inflate(std::string_view member, std::string_view& text) noexcept {
  std::size_t used = 0;
  std::size_t bytes = 0;
  switch (libdeflate_gzip_decompress_ex(decompressor_, member.data(), member.size(), text_.get(),
                                        kMaxBytes, &used, &bytes)) {
    case LIBDEFLATE_SUCCESS:
      break;
    case LIBDEFLATE_INSUFFICIENT_SPACE:
      return DecodeStatus::TooLarge;
    default:
      return DecodeStatus::Malformed;
  }
  if (used != member.size()) return DecodeStatus::Malformed;
  std::memset(text_.get() + bytes, 0, kFramePadding);
  text = {text_.get(), bytes};
  return DecodeStatus::Ok;
}

std::string plain_text(std::string_view payload) {
  if (!is_gzip(payload)) return std::string{payload};
  Inflater inflater;
  std::string_view text;
  return inflater.inflate(payload, text) == DecodeStatus::Ok ? std::string{text} : std::string{};
}

}  // namespace steelyard
