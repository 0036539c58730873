#define ZLIB_CONST  // next_in points to what nobody changes
#include <zlib.h>

#include "padlock/tls/compression/certificate_compression.h"

namespace padlock::tls {

namespace {

std::vector<std::uint8_t> compress(Bytes certificate) {
  uLongf length = compressBound(static_cast<uLong>(certificate.size()));
  std::vector<std::uint8_t> compressed(length);
  const int outcome = compress2(compressed.data(), &length, certificate.data(), static_cast<uLong>(certificate.size()),
                                Z_BEST_COMPRESSION);
  compressed.resize(outcome == Z_OK ? length : 0);
  return compressed;
}

/// A stream of RFC 1950 that is being read; it needs about 40 KiB.
class Inflation {
 public:
  Inflation() : ready_(inflateInit(&stream_) == Z_OK) {}
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;
  ~Inflation() { inflateEnd(&stream_); }
  bool run(Bytes compressed, std::span<std::uint8_t> certificate) {
    if (!ready_) return false;
    stream_.next_in = compressed.data();
    stream_.avail_in = static_cast<uInt>(compressed.size());
    stream_.next_out = certificate.data();
    stream_.avail_out = static_cast<uInt>(certificate.size());
    return inflate(&stream_, Z_FINISH) == Z_STREAM_END && stream_.avail_in == 0 && stream_.avail_out == 0;
  }

 private:
  z_stream stream_{};
  bool ready_;
};

bool decompress(Bytes compressed, std::span<std::uint8_t> certificate) {
  return Inflation().run(compressed, certificate);
}

}  // namespace

const CertificateCompression zlib_compression{CertificateCompressionAlgorithm::zlib, compress, decompress};

}  // namespace padlock::tls
