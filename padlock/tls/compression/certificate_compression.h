#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// An algorithm that shortens Certificate messages (RFC 8879), as two calculations. A configuration lists those that
/// its connections use; programs may list their own beside these.
struct CertificateCompression {
  CertificateCompressionAlgorithm algorithm;
  /// The compressed form of a Certificate's body; empty if there is none.
  std::vector<std::uint8_t> (*compress)(Bytes certificate);
  /// Fills `certificate`, which is as long as the peer says that the outcome is. False unless `compressed` is one whole
  /// stream, without a byte behind it, of exactly that length. Writes nothing else and needs at most
  /// `limits::decompression_memory`, whatever the stream asks for (RFC 8879, section 5; docs/threats.md, T22).
  bool (*decompress)(Bytes compressed, std::span<std::uint8_t> certificate);
};

/// RFC 1950, by zlib; RFC 7932, by libbrotli; RFC 8878, by libzstd.
extern const CertificateCompression zlib_compression;
extern const CertificateCompression brotli_compression;
extern const CertificateCompression zstd_compression;

/// All three, the one with the smallest outcome first: a chain of 3,050 bytes comes to 2,441 by brotli, 2,451 by zstd
/// (which is the fastest to read), 2,522 by zlib.
std::vector<CertificateCompression> default_certificate_compression();

/// As they are offered to a peer.
List<CertificateCompressionAlgorithm> algorithms_of(std::span<const CertificateCompression> compressions, Arena arena);

}  // namespace padlock::tls
