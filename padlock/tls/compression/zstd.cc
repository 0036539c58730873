#include <zstd.h>

#include <algorithm>
#include <array>

#include "padlock/tls/compression/certificate_compression.h"

namespace padlock::tls {

namespace {

std::vector<std::uint8_t> compress(Bytes certificate) {
  std::vector<std::uint8_t> compressed(ZSTD_compressBound(certificate.size()));
  const std::size_t length =
      ZSTD_compress(compressed.data(), compressed.size(), certificate.data(), certificate.size(), ZSTD_maxCLevel());
  compressed.resize(ZSTD_isError(length) != 0 ? 0 : length);
  return compressed;
}

/// One frame, and nothing but that: the library also reads several, frames to be skipped, and formats before RFC 8878.
bool is_one_frame(Bytes compressed) {
  constexpr std::array<std::uint8_t, 4> magic_number = {0x28, 0xb5, 0x2f, 0xfd};  // RFC 8878, section 3.1.1
  return compressed.size() > magic_number.size() &&
         std::ranges::equal(compressed.first(magic_number.size()), magic_number) &&
         ZSTD_findFrameCompressedSize(compressed.data(), compressed.size()) == compressed.size();
}

/// In one step, straight into the outcome: no window is kept, whatever size the frame says; the decoder is of one size.
bool decompress(Bytes compressed, std::span<std::uint8_t> certificate) {
  return is_one_frame(compressed) && ZSTD_decompress(certificate.data(), certificate.size(), compressed.data(),
                                                     compressed.size()) == certificate.size();
}

}  // namespace

const CertificateCompression zstd_compression{CertificateCompressionAlgorithm::zstd, compress, decompress};

}  // namespace padlock::tls
