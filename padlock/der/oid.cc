#include "padlock/der/oid.h"

#include <ranges>
#include <vector>

namespace padlock::der {

namespace {

struct Named {
  Oid oid;
  std::string_view name;
};

#define PADLOCK_NAMED(identifier) \
  Named { oid::identifier, #identifier }
constexpr std::array names{
    PADLOCK_NAMED(commonName),
    PADLOCK_NAMED(surname),
    PADLOCK_NAMED(serialNumber),
    PADLOCK_NAMED(countryName),
    PADLOCK_NAMED(localityName),
    PADLOCK_NAMED(stateOrProvinceName),
    PADLOCK_NAMED(streetAddress),
    PADLOCK_NAMED(organizationName),
    PADLOCK_NAMED(organizationalUnitName),
    PADLOCK_NAMED(title),
    PADLOCK_NAMED(givenName),
    PADLOCK_NAMED(dnQualifier),
    PADLOCK_NAMED(organizationIdentifier),
    PADLOCK_NAMED(userId),
    PADLOCK_NAMED(domainComponent),
    PADLOCK_NAMED(emailAddress),
    PADLOCK_NAMED(subjectKeyIdentifier),
    PADLOCK_NAMED(keyUsage),
    PADLOCK_NAMED(subjectAltName),
    PADLOCK_NAMED(issuerAltName),
    PADLOCK_NAMED(basicConstraints),
    PADLOCK_NAMED(nameConstraints),
    PADLOCK_NAMED(cRLDistributionPoints),
    PADLOCK_NAMED(certificatePolicies),
    PADLOCK_NAMED(policyMappings),
    PADLOCK_NAMED(authorityKeyIdentifier),
    PADLOCK_NAMED(policyConstraints),
    PADLOCK_NAMED(extKeyUsage),
    PADLOCK_NAMED(freshestCRL),
    PADLOCK_NAMED(inhibitAnyPolicy),
    PADLOCK_NAMED(subjectDirectoryAttributes),
    PADLOCK_NAMED(authorityInfoAccess),
    PADLOCK_NAMED(subjectInfoAccess),
    PADLOCK_NAMED(tlsFeature),
    PADLOCK_NAMED(acmeIdentifier),
    PADLOCK_NAMED(signedCertificateTimestamps),
    PADLOCK_NAMED(cRLNumber),
    PADLOCK_NAMED(reasonCode),
    PADLOCK_NAMED(invalidityDate),
    PADLOCK_NAMED(deltaCRLIndicator),
    PADLOCK_NAMED(issuingDistributionPoint),
    PADLOCK_NAMED(certificateIssuer),
    PADLOCK_NAMED(ocspBasic),
    PADLOCK_NAMED(ocspNonce),
    PADLOCK_NAMED(ocspNoCheck),
    PADLOCK_NAMED(ocsp),
    PADLOCK_NAMED(caIssuers),
    PADLOCK_NAMED(anyPolicy),
    PADLOCK_NAMED(anyExtendedKeyUsage),
    PADLOCK_NAMED(serverAuth),
    PADLOCK_NAMED(clientAuth),
    PADLOCK_NAMED(codeSigning),
    PADLOCK_NAMED(emailProtection),
    PADLOCK_NAMED(timeStamping),
    PADLOCK_NAMED(ocspSigning),
    PADLOCK_NAMED(rsaEncryption),
    PADLOCK_NAMED(rsassaPss),
    PADLOCK_NAMED(mgf1),
    PADLOCK_NAMED(ecPublicKey),
    PADLOCK_NAMED(secp256r1),
    PADLOCK_NAMED(secp384r1),
    PADLOCK_NAMED(secp521r1),
    PADLOCK_NAMED(ed25519),
    PADLOCK_NAMED(sha1WithRSAEncryption),
    PADLOCK_NAMED(sha256WithRSAEncryption),
    PADLOCK_NAMED(sha384WithRSAEncryption),
    PADLOCK_NAMED(sha512WithRSAEncryption),
    PADLOCK_NAMED(ecdsaWithSHA1),
    PADLOCK_NAMED(ecdsaWithSHA256),
    PADLOCK_NAMED(ecdsaWithSHA384),
    PADLOCK_NAMED(ecdsaWithSHA512),
    PADLOCK_NAMED(sha1),
    PADLOCK_NAMED(sha256),
    PADLOCK_NAMED(sha384),
    PADLOCK_NAMED(sha512),
    PADLOCK_NAMED(challengePassword),
    PADLOCK_NAMED(extensionRequest),
};
#undef PADLOCK_NAMED

/// A natural number as decimal digits, lowest first: arcs may be wider than any integer type (UUIDs below 2.25).
class Decimal {
 public:
  void append_septet(std::uint8_t septet) {
    unsigned carry = septet;
    for (std::uint8_t& digit : digits_) {
      const unsigned value = digit * 128U + carry;
      digit = static_cast<std::uint8_t>(value % 10);
      carry = value / 10;
    }
    for (; carry != 0; carry /= 10) digits_.push_back(static_cast<std::uint8_t>(carry % 10));
  }
  bool below(unsigned small) const { return digits_.size() <= 2 && low() < small; }
  /// Takes away `small`, which is not larger than the number.
  void subtract(unsigned small) {
    unsigned borrow = small;
    for (std::uint8_t& digit : digits_) {
      const unsigned take = borrow % 10;
      borrow = borrow / 10 + (digit < take ? 1 : 0);
      digit = static_cast<std::uint8_t>(digit < take ? digit + 10 - take : digit - take);
    }
    while (!digits_.empty() && digits_.back() == 0) digits_.pop_back();
  }
  std::string text() const {
    std::string out;
    for (const std::uint8_t digit : std::views::reverse(digits_)) out += static_cast<char>('0' + digit);
    return out.empty() ? "0" : out;
  }

 private:
  unsigned low() const {
    unsigned value = 0;
    for (const std::uint8_t digit : std::views::reverse(digits_)) value = value * 10 + digit;
    return value;
  }
  std::vector<std::uint8_t> digits_;
};

/// The first two arcs share one number: 40 times the first (0, 1 or 2) plus the second.
std::string first_arcs(Decimal both) {
  const unsigned first = both.below(40) ? 0 : both.below(80) ? 1 : 2;
  both.subtract(first * 40);
  return std::to_string(first) + "." + both.text();
}

}  // namespace

std::string Oid::to_string() const {
  std::string text;
  Decimal arc;
  for (const std::uint8_t octet : content()) {
    arc.append_septet(octet & 0x7f);
    if ((octet & 0x80) != 0) continue;
    text += text.empty() ? first_arcs(arc) : "." + arc.text();
    arc = Decimal{};
  }
  return text;
}

std::string_view name_of(const Oid& oid) {
  const auto* const found = std::ranges::find(names, oid, &Named::oid);
  return found == names.end() ? std::string_view() : found->name;
}

std::string describe(const Oid& oid) {
  const std::string_view name = name_of(oid);
  return name.empty() ? oid.to_string() : std::string(name);
}

}  // namespace padlock::der
