#pragma once

#include <cstdint>
#include <span>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// struct { CertificateCompressionAlgorithm algorithms<2..2^8-2>; } CertificateCompressionAlgorithms;
/// (RFC 8879, section 3: what its sender can decompress)
Result<List<CertificateCompressionAlgorithm>> parse_compression_algorithms(
    Reader& in, Arena arena = std::pmr::get_default_resource());
void write_compression_algorithms(Writer& out, std::span<const CertificateCompressionAlgorithm> algorithms);

/// struct { CertificateCompressionAlgorithm algorithm; uint24 uncompressed_length;
///          opaque compressed_certificate_message<1..2^24-1>; } CompressedCertificate;   (RFC 8879, section 4)
struct CompressedCertificate {
  CertificateCompressionAlgorithm algorithm{};
  std::uint32_t uncompressed_length = 0;   ///< of the Certificate's body, as its sender says
  Bytes compressed_certificate_message{};  ///< a view into what was parsed
};
/// `in`: the message's body.
Result<CompressedCertificate> parse_compressed_certificate(Reader in);
void write_compressed_certificate(Writer& out, const CompressedCertificate& message);

}  // namespace padlock::tls
