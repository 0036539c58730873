#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/tls/config.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/wire/certificate.h"
#include "padlock/tls/wire/handshake_message.h"

/// Certificate of TLS 1.3 as it is sent: plain (RFC 8446, section 4.4.2), or inside a CompressedCertificate (RFC 8879).
namespace padlock::tls {

/// True if the message is one of the two; `offered`: what this end can decompress.
bool is_certificate(const HandshakeMessage& message, std::span<const CertificateCompression> offered);

/// The peer's Certificate. Fails with `unexpected_message` if the message is none, with `compression_not_offered`,
/// `uncompressed_too_long` or `decompression_failed` if it is not compressed as this end can read it, and with the
/// errors of parsing. Needs no more memory than the peer says, which is limited (docs/threats.md, T22).
Result<Certificate> take_certificate(const HandshakeMessage& message, std::span<const CertificateCompression> offered);

/// Which of a credential's compressed forms may be sent.
struct CompressionChoice {
  std::span<const CertificateCompression> ours;
  std::span<const CertificateCompressionAlgorithm> peers;  ///< that the peer reads
};

/// Appends the credential's chain to a flight, in the smallest form that the peer reads. Gives the message, which is
/// good until the flight grows.
Bytes append_certificate(List<std::uint8_t>& flight, const Credential& credential, const LeafExtensions& beside,
                         const CompressionChoice& compression, const Outbox& out);

}  // namespace padlock::tls
