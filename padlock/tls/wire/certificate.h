#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/certificate_authorities.h"
#include "padlock/tls/wire/extension.h"

namespace padlock::tls {

/// struct { opaque cert_data<1..2^24-1>; Extension extensions<0..2^16-1>; } CertificateEntry;
/// (RFC 8446, section 4.4.2; X.509 certificates only)
struct CertificateEntry {
  std::vector<std::uint8_t> cert_data{};                      ///< DER
  std::vector<std::uint8_t> ocsp_response{};                  ///< stapled (section 4.4.2.1); empty: none
  std::vector<std::uint8_t> signed_certificate_timestamps{};  ///< SignedCertificateTimestampList (RFC 6962); or empty
  ExtensionTypes extension_types{};                           ///< as they came; not written
  friend bool operator==(const CertificateEntry&, const CertificateEntry&) = default;
};

/// struct { opaque certificate_request_context<0..2^8-1>; CertificateEntry certificate_list<0..2^24-1>; } Certificate;
struct Certificate {
  std::vector<std::uint8_t> certificate_request_context{};
  std::vector<CertificateEntry> certificate_list{};  ///< leaf first
  friend bool operator==(const Certificate&, const Certificate&) = default;
};
/// `in`: the message's body. More than `limits::certificates` entries are an error.
Result<Certificate> parse_certificate(Reader in);
void write_certificate(Writer& out, const Certificate& message);
/// What a server says of its leaf beside it; empty: nothing.
struct LeafExtensions {
  Bytes ocsp_response;
  Bytes signed_certificate_timestamps;
};
/// The same message from a chain of DER certificates, without copying them into a `Certificate` first.
void write_certificate(Writer& out, Bytes certificate_request_context, std::span<const std::vector<std::uint8_t>> chain,
                       const LeafExtensions& leaf);

/// struct { opaque certificate_request_context<0..2^8-1>; Extension extensions<2..2^16-1>; } CertificateRequest;
/// (RFC 8446, section 4.3.2)
struct CertificateRequest {
  std::vector<std::uint8_t> certificate_request_context{};
  std::optional<List<SignatureScheme>> signature_algorithms{};
  ExtensionTypes extension_types{};  ///< as they came; not written
  /// RFC 8879, section 3
  std::optional<List<CertificateCompressionAlgorithm>> compress_certificate{};
  DistinguishedNames certificate_authorities{};  ///< section 4.2.4; empty: not sent
  friend bool operator==(const CertificateRequest&, const CertificateRequest&) = default;
};
Result<CertificateRequest> parse_certificate_request(Reader in);
void write_certificate_request(Writer& out, const CertificateRequest& message);

/// struct { SignatureScheme algorithm; opaque signature<0..2^16-1>; } CertificateVerify;   (RFC 8446, section 4.4.3)
struct CertificateVerify {
  SignatureScheme algorithm{};
  std::vector<std::uint8_t> signature{};
  friend bool operator==(const CertificateVerify&, const CertificateVerify&) = default;
};
Result<CertificateVerify> parse_certificate_verify(Reader in);
void write_certificate_verify(Writer& out, const CertificateVerify& message);

}  // namespace padlock::tls
