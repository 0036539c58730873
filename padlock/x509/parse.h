#pragma once

#include "padlock/der/reader.h"
#include "padlock/x509/certificate.h"

/// The pieces of a certificate, one function each: requests and revocation lists are made of them too.
namespace padlock::x509 {

/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }  (RFC 5280,
/// section 4.1.1.2)
struct AlgorithmIdentifier {
  der::Oid algorithm;
  Bytes parameters;  ///< the whole element, or nothing
  Bytes whole;
};
Result<AlgorithmIdentifier> parse_algorithm_identifier(der::Reader& in, std::string_view field);

/// The scheme that a signature algorithm stands for; nothing for one that Padlock does not verify (SHA-1, DSA, ...).
std::optional<crypto::SignatureScheme> signature_scheme_of(const AlgorithmIdentifier& algorithm);

/// SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7). Fails with `unsupported_key` on anything but the keys of
/// docs/threats.md, X7; points are checked to be on their curve later, by the provider.
Result<crypto::PublicKeyParts> parse_subject_public_key_info(Bytes der);
/// The same from the inside of its SEQUENCE.
Result<crypto::PublicKeyParts> parse_subject_public_key_info(der::Reader in);

/// Name (RFC 5280, section 4.1.2.4). Fails on malformed attributes; any known string type may stand in them.
Result<Name> parse_name(der::Reader& in, std::string_view field);

/// One attribute of a Name, its value decoded to UTF-8, or `#` and hex if it is no string (RFC 4514, section 2.4).
struct Attribute {
  der::Oid type;
  std::string value;
};
/// The relative names of a Name's DER, first first.
Result<std::vector<std::vector<Attribute>>> parse_relative_names(Bytes name_der);

/// GeneralName (RFC 5280, section 4.2.1.6): its form is checked, the syntax of its text is not.
Result<GeneralName> parse_general_name(der::Reader& in, std::string_view field);
/// GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName, from the inside of the sequence.
Result<std::vector<GeneralName>> parse_general_names(der::Reader in);

/// CertificateSerialNumber ::= INTEGER, as a number without leading zeros: not negative, at most 20 octets. Fails with
/// `serial_number`. Zero is read, because a few roots have it; a path refuses it in other certificates.
Result<Bytes> parse_serial_number(der::Reader& in, std::string_view field);

/// Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
struct ExtensionField {
  Extension extension;
  der::Reader value;  ///< the inside of extnValue
};
Result<ExtensionField> parse_extension_field(der::Reader& list);

/// AuthorityKeyIdentifier (RFC 5280, section 4.2.1.1), from an extension's value.
struct AuthorityKeyIdentifier {
  Bytes key_identifier;       ///< empty: absent
  bool names_issuer = false;  ///< authorityCertIssuer and -SerialNumber are there
};
Result<AuthorityKeyIdentifier> parse_authority_key_identifier(der::Reader in);

/// DistributionPointName ::= CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] }: URLs of a full name.
Result<std::vector<std::string>> parse_distribution_point_name(der::Reader in);

/// Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension, from the inside of the sequence (RFC 5280, section 4.2).
Result<void> parse_extensions(der::Reader in, Certificate& certificate);

}  // namespace padlock::x509
