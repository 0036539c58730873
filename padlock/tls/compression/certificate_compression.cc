#include "padlock/tls/compression/certificate_compression.h"

namespace padlock::tls {

std::vector<CertificateCompression> default_certificate_compression() {
  return {brotli_compression, zstd_compression, zlib_compression};
}

List<CertificateCompressionAlgorithm> algorithms_of(std::span<const CertificateCompression> compressions, Arena arena) {
  List<CertificateCompressionAlgorithm> algorithms(arena);
  algorithms.reserve(compressions.size());
  for (const CertificateCompression& each : compressions) algorithms.push_back(each.algorithm);
  return algorithms;
}

}  // namespace padlock::tls
