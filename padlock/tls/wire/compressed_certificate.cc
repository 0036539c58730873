#include "padlock/tls/wire/compressed_certificate.h"

#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

Result<List<CertificateCompressionAlgorithm>> parse_compression_algorithms(Reader& in, Arena arena) {
  return parse_code_points<CertificateCompressionAlgorithm>(in.vec8("algorithms", 2, 254), "algorithm", arena);
}

void write_compression_algorithms(Writer& out, std::span<const CertificateCompressionAlgorithm> algorithms) {
  out.vec8([&](Writer& list) { write_code_points<CertificateCompressionAlgorithm>(list, algorithms); });
}

Result<CompressedCertificate> parse_compressed_certificate(Reader in) {
  CompressedCertificate message;
  message.algorithm = PADLOCK_TRY(parse_code_point<CertificateCompressionAlgorithm>(in, "algorithm"));
  message.uncompressed_length = PADLOCK_TRY(in.u24("uncompressed_length"));
  message.compressed_certificate_message = PADLOCK_TRY(in.vec24("compressed_certificate_message", 1)).rest();
  PADLOCK_TRY(in.finish());
  return message;
}

void write_compressed_certificate(Writer& out, const CompressedCertificate& message) {
  out.u16(static_cast<std::uint16_t>(message.algorithm));
  out.u24(message.uncompressed_length);
  out.vec24([&](Writer& compressed) { compressed.bytes(message.compressed_certificate_message); });
}

}  // namespace padlock::tls
