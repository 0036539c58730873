#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "padlock/base/annotation.h"
#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/der/oid.h"

namespace padlock::x509 {

/// An IPv4 (4 bytes) or IPv6 (16 bytes) address.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t length = 0;
  Bytes view() const { return std::span(bytes).first(length); }
  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};
/// "192.0.2.1", "2001:db8::1" (RFC 5952).
std::string to_string(const IpAddress& address);
/// Strict dotted decimal or RFC 4291 text, without brackets or zone; nothing if it is neither.
std::optional<IpAddress> parse_ip_address(std::string_view text);

/// An X.501 Name, kept as DER for comparison (RFC 5280, section 7.1). Its text is made when somebody wants to read it:
/// a good certificate's names are compared alone.
struct Name {
  std::vector<std::uint8_t> der;    ///< the whole RDNSequence, tag and length included; it was parsed and is good
  std::string text() const;         ///< "CN=Padlock local CA,O=..." (RFC 4514); escaped, safe to print
  std::string common_name() const;  ///< the last CN's text, escaped; empty: none
  std::string short_text() const;   ///< the common name; without one the whole text
  bool empty() const;
};

/// A GeneralName's form (RFC 5280, section 4.2.1.6), by its tag number.
enum class GeneralNameForm : std::uint8_t {
  otherName = 0,
  rfc822Name = 1,
  dNSName = 2,
  x400Address = 3,
  directoryName = 4,
  ediPartyName = 5,
  uniformResourceIdentifier = 6,
  iPAddress = 7,
  registeredID = 8,
};
struct GeneralName {
  GeneralNameForm form;
  /// Content: text of dNSName, 4 or 16 bytes of iPAddress (8 or 32 in constraints), the Name's DER of directoryName,
  /// ...
  std::vector<std::uint8_t> value;
};

struct BasicConstraints {
  bool ca = false;
  std::optional<std::uint32_t> path_length;
};

/// Bits of KeyUsage (RFC 5280, section 4.2.1.3), bit 0 = digitalSignature.
enum class KeyUsage : std::uint16_t {
  digitalSignature = 1 << 0,
  nonRepudiation = 1 << 1,
  keyEncipherment = 1 << 2,
  dataEncipherment = 1 << 3,
  keyAgreement = 1 << 4,
  keyCertSign = 1 << 5,
  cRLSign = 1 << 6,
  encipherOnly = 1 << 7,
  decipherOnly = 1 << 8,
};

/// The bit's name in RFC 5280.
std::string_view name_of(KeyUsage usage);

struct NameConstraints {
  std::vector<GeneralName> permitted;
  std::vector<GeneralName> excluded;
};

/// PolicyMappings' one entry (RFC 5280, section 4.2.1.5): what the issuer calls one policy, the subject calls the
/// other.
struct PolicyMapping {
  der::Oid issuer_domain_policy;
  der::Oid subject_domain_policy;
};

/// What a certificate says about policies (RFC 5280, sections 4.2.1.4, 4.2.1.5, 4.2.1.11 and 4.2.1.14). Numbers are of
/// certificates that may follow on the path before the demand begins.
struct Policies {
  std::optional<std::vector<der::Oid>> certificate_policies{};  ///< none twice; nothing: extension absent
  std::vector<PolicyMapping> mappings{};
  std::optional<std::uint32_t> require_explicit_policy{};
  std::optional<std::uint32_t> inhibit_policy_mapping{};
  std::optional<std::uint32_t> inhibit_any_policy{};
};

/// An extension as it stands in the certificate, understood or not (RFC 5280, section 4.2).
struct Extension {
  der::Oid oid;
  bool critical = false;
};

/// A certificate, parsed strictly (RFC 5280, section 4; docs/threats.md, X7 and X8) and immutable. Owns its DER.
struct Certificate {
  std::vector<std::uint8_t> der;
  Bytes tbs() const { return Bytes(der).subspan(tbs_offset, tbs_length); }  ///< what the issuer signed
  std::size_t tbs_offset = 0;
  std::size_t tbs_length = 0;

  int version = 3;
  std::vector<std::uint8_t> serial;  ///< big-endian, at most 20 bytes, not negative; zero is one byte 00
  der::Oid signature_algorithm;
  /// For ECDSA by hash, the curve is the issuer key's; PSS as rsae. Nothing: an algorithm that we do not verify, SHA-1
  /// for example: roots that sign themselves with it are fine.
  std::optional<crypto::SignatureScheme> signature_scheme;
  std::vector<std::uint8_t> signature;
  Name issuer;
  Name subject;
  WallTime not_before;
  WallTime not_after;
  std::vector<std::uint8_t> subject_public_key_info;  ///< DER
  crypto::PublicKeyParts public_key;

  std::vector<Extension> extensions;  ///< all, in their order
  std::optional<BasicConstraints> basic_constraints;
  std::optional<std::uint16_t> key_usage;
  std::vector<der::Oid> extended_key_usage;  ///< empty: extension absent
  std::vector<GeneralName> subject_alternative_names;
  std::optional<NameConstraints> name_constraints;
  Policies policies;
  std::vector<std::uint8_t> subject_key_identifier;
  std::vector<std::uint8_t> authority_key_identifier;    ///< keyIdentifier
  bool authority_key_identifier_names_issuer = false;    ///< authorityCertIssuer and -SerialNumber are there
  std::vector<std::string> unknown_critical_extensions;  ///< dotted OIDs: fatal on any path
  std::vector<std::string> ca_issuers_urls, ocsp_urls;
  std::vector<std::string> crl_urls;  ///< of points whose lists are the issuer's own and for all reasons
  bool must_staple = false;           ///< RFC 7633
  /// The value of that extension (RFC 6962, section 3.3), unread, as a bad one spoils nothing but itself:
  /// x509/signed_certificate_timestamp.h reads it. Empty: extension absent.
  std::vector<std::uint8_t> signed_certificate_timestamp_list;

  bool self_issued() const { return subject.der == issuer.der; }
  bool ca() const { return basic_constraints && basic_constraints->ca; }
  /// True if keyUsage is absent or has this bit.
  bool may_be_used_for(KeyUsage use) const { return !key_usage || (*key_usage & static_cast<std::uint16_t>(use)) != 0; }
  /// The extension, or nullptr.
  const Extension* find_extension(const der::Oid& oid) const;
};

/// Reads one certificate. Errors: rules of x509/rules.h (malformed DER, unsupported key, ...), alert 42 or 43.
Result<std::shared_ptr<const Certificate>> parse_certificate(Bytes der);

/// Tells the sink every field of a certificate, as the same parser takes them. `offset`: where it begins in the
/// message.
Result<void> annotate_certificate(Bytes der, AnnotationSink& sink, std::size_t offset = 0);

}  // namespace padlock::x509
