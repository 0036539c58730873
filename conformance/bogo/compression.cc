#include "conformance/bogo/compression.h"

#include <algorithm>
#include <array>

namespace padlock::bogo {

namespace {

using tls::CertificateCompression;
using tls::CertificateCompressionAlgorithm;

/// What each Certificate that the runner compresses begins with.
constexpr std::array<std::uint8_t, 2> shrinking_prefix = {0, 0};
constexpr std::array<std::uint8_t, 4> expanding_prefix = {1, 2, 3, 4};

bool starts_with(Bytes bytes, Bytes prefix) {
  return bytes.size() >= prefix.size() && std::ranges::equal(bytes.first(prefix.size()), prefix);
}

/// All but the prefix that both ends know.
const CertificateCompression shrinking{static_cast<CertificateCompressionAlgorithm>(0xff01),
                                       [](Bytes certificate) -> std::vector<std::uint8_t> {
                                         if (!starts_with(certificate, shrinking_prefix)) return {};
                                         const Bytes rest = certificate.subspan(shrinking_prefix.size());
                                         return {rest.begin(), rest.end()};
                                       },
                                       [](Bytes compressed, std::span<std::uint8_t> certificate) {
                                         if (certificate.size() != shrinking_prefix.size() + compressed.size())
                                           return false;
                                         copy_bytes(compressed, copy_bytes(shrinking_prefix, certificate));
                                         return true;
                                       }};

/// A prefix in front of it.
const CertificateCompression expanding{static_cast<CertificateCompressionAlgorithm>(0xff02),
                                       [](Bytes certificate) {
                                         std::vector<std::uint8_t> compressed(expanding_prefix.begin(),
                                                                              expanding_prefix.end());
                                         compressed.insert(compressed.end(), certificate.begin(), certificate.end());
                                         return compressed;
                                       },
                                       [](Bytes compressed, std::span<std::uint8_t> certificate) {
                                         if (!starts_with(compressed, expanding_prefix)) return false;
                                         const Bytes rest = compressed.subspan(expanding_prefix.size());
                                         if (rest.size() != certificate.size()) return false;
                                         copy_bytes(rest, certificate);
                                         return true;
                                       }};

}  // namespace

std::vector<CertificateCompression> certificate_compression(const Options& options) {
  if (options.install_cert_compression_algs) return {expanding, shrinking};
  if (!options.install_one_cert_compression_alg) return {};
  const auto wanted = static_cast<CertificateCompressionAlgorithm>(*options.install_one_cert_compression_alg);
  return {wanted == expanding.algorithm ? expanding : shrinking};
}

}  // namespace padlock::bogo
