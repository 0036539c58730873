#include "padlock/http/coding/compress.h"

#define ZLIB_CONST  // next_in points to what nobody changes
#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

namespace padlock::http {
namespace {

/// RFC 7932.
std::vector<std::uint8_t> to_brotli(Bytes content) {
  constexpr int quality = 5;
  constexpr int window_bits = 18;  // 256 KiB
  std::size_t length = BrotliEncoderMaxCompressedSize(content.size());
  std::vector<std::uint8_t> compressed(length);
  const auto outcome = BrotliEncoderCompress(quality, window_bits, BROTLI_MODE_TEXT, content.size(), content.data(),
                                             &length, compressed.data());
  compressed.resize(outcome == BROTLI_TRUE ? length : 0);
  return compressed;
}

/// RFC 8878.
std::vector<std::uint8_t> to_zstd(Bytes content) {
  constexpr int level = 6;
  std::vector<std::uint8_t> compressed(ZSTD_compressBound(content.size()));
  const std::size_t length = ZSTD_compress(compressed.data(), compressed.size(), content.data(), content.size(), level);
  compressed.resize(ZSTD_isError(length) != 0 ? 0 : length);
  return compressed;
}

/// A stream of zlib's that is being written in the format of RFC 1952.
class Deflation {
 public:
  Deflation() {
    constexpr int level = 6;
    constexpr int gzip_format = 16;
    constexpr int usual_memory = 8;
    ready_ =
        deflateInit2(&stream_, level, Z_DEFLATED, MAX_WBITS + gzip_format, usual_memory, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  Deflation(const Deflation&) = delete;
  Deflation& operator=(const Deflation&) = delete;
  ~Deflation() { deflateEnd(&stream_); }

  std::vector<std::uint8_t> run(Bytes content) {
    if (!ready_) return {};
    std::vector<std::uint8_t> compressed(deflateBound(&stream_, static_cast<uLong>(content.size())));
    stream_.next_in = content.data();
    stream_.avail_in = static_cast<uInt>(content.size());
    stream_.next_out = compressed.data();
    stream_.avail_out = static_cast<uInt>(compressed.size());
    const bool whole = deflate(&stream_, Z_FINISH) == Z_STREAM_END;
    compressed.resize(whole ? compressed.size() - stream_.avail_out : 0);
    return compressed;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

std::vector<std::uint8_t> compress(ContentCoding coding, Bytes content) {
  switch (coding) {
    case ContentCoding::br: return to_brotli(content);
    case ContentCoding::zstd: return to_zstd(content);
    case ContentCoding::gzip: return Deflation().run(content);
    case ContentCoding::identity: break;
  }
  return {};
}

}  // namespace padlock::http
