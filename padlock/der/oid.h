#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/text.h"
#include "padlock/der/limits.h"

namespace padlock::der {

/// An OBJECT IDENTIFIER, held as its DER content (X.690, section 8.19): a plain value, compared byte for byte.
class Oid {
 public:
  constexpr Oid() = default;

  /// From the content octets: nothing if an arc is cut off or not minimal, or if they are none or too many.
  static constexpr std::optional<Oid> from_content(Bytes content) {
    if (content.empty() || content.size() > max_oid_length) return std::nullopt;
    Oid oid;
    bool arc_starts = true;
    for (const std::uint8_t octet : content) {
      if (arc_starts && octet == 0x80) return std::nullopt;
      arc_starts = (octet & 0x80) == 0;
      oid.octets_[oid.size_++] = octet;
    }
    return arc_starts ? std::optional(oid) : std::nullopt;
  }

  /// From dotted text, "2.5.4.3": nothing if it is malformed, has leading zeros, arcs above 64 bits or is too long.
  static constexpr std::optional<Oid> from_text(std::string_view text) {
    std::array<std::uint64_t, max_oid_length + 1> arcs{};
    std::size_t count = 0;
    for (std::size_t at = 0; at <= text.size();) {
      const std::size_t dot = std::min(text.find('.', at), text.size());
      const auto arc = number(text.substr(at, dot - at));
      if (!arc || count == arcs.size()) return std::nullopt;
      arcs[count++] = *arc;
      at = dot + 1;
    }
    return from_arcs(arcs, count);
  }

  constexpr Bytes content() const { return Bytes(octets_).first(size_); }
  constexpr bool empty() const { return size_ == 0; }
  /// Dotted text, whatever the size of its arcs.
  std::string to_string() const;

  friend constexpr bool operator==(const Oid&, const Oid&) = default;
  friend constexpr auto operator<=>(const Oid&, const Oid&) = default;

 private:
  static constexpr std::optional<std::uint64_t> number(std::string_view text) {
    if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
    std::uint64_t value = 0;
    for (const char digit : text) {
      const auto add = static_cast<std::uint64_t>(digit - '0');
      if (digit < '0' || digit > '9' || value > (UINT64_MAX - add) / 10) return std::nullopt;
      value = value * 10 + add;
    }
    return value;
  }
  static constexpr std::optional<Oid> from_arcs(std::span<const std::uint64_t> arcs, std::size_t count) {
    if (count < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39) || arcs[1] > UINT64_MAX - 80) return std::nullopt;
    Oid oid;
    if (!oid.append(arcs[0] * 40 + arcs[1])) return std::nullopt;
    for (const std::uint64_t arc : arcs.subspan(2, count - 2)) {
      if (!oid.append(arc)) return std::nullopt;
    }
    return oid;
  }
  constexpr bool append(std::uint64_t arc) {
    std::size_t septets = 1;
    for (std::uint64_t left = arc >> 7; left != 0; left >>= 7) ++septets;
    if (size_ + septets > max_oid_length) return false;
    for (std::size_t i = septets; i-- > 0;) {
      const auto septet = static_cast<std::uint8_t>(arc >> (7 * i) & 0x7f);
      octets_[size_++] = static_cast<std::uint8_t>(i == 0 ? septet : septet | 0x80);
    }
    return true;
  }

  std::array<std::uint8_t, max_oid_length> octets_{};
  std::uint8_t size_ = 0;
};

/// An identifier written in the source: a misspelt one does not compile.
consteval Oid make_oid(std::string_view text) { return Oid::from_text(text).value(); }

/// The specification's name of an identifier of ours, "commonName"; empty: not known here.
std::string_view name_of(const Oid& oid);
/// Its name, else its dotted text.
std::string describe(const Oid& oid);

/// Object identifiers by the names of their specifications.
namespace oid {
// Attributes of names (RFC 5280, appendix A.1; RFC 4519).
inline constexpr Oid commonName = make_oid("2.5.4.3");
inline constexpr Oid surname = make_oid("2.5.4.4");
inline constexpr Oid serialNumber = make_oid("2.5.4.5");
inline constexpr Oid countryName = make_oid("2.5.4.6");
inline constexpr Oid localityName = make_oid("2.5.4.7");
inline constexpr Oid stateOrProvinceName = make_oid("2.5.4.8");
inline constexpr Oid streetAddress = make_oid("2.5.4.9");
inline constexpr Oid organizationName = make_oid("2.5.4.10");
inline constexpr Oid organizationalUnitName = make_oid("2.5.4.11");
inline constexpr Oid title = make_oid("2.5.4.12");
inline constexpr Oid givenName = make_oid("2.5.4.42");
inline constexpr Oid dnQualifier = make_oid("2.5.4.46");
inline constexpr Oid organizationIdentifier = make_oid("2.5.4.97");
inline constexpr Oid userId = make_oid("0.9.2342.19200300.100.1.1");
inline constexpr Oid domainComponent = make_oid("0.9.2342.19200300.100.1.25");
inline constexpr Oid emailAddress = make_oid("1.2.840.113549.1.9.1");

// Extensions (RFC 5280, section 4.2).
inline constexpr Oid subjectKeyIdentifier = make_oid("2.5.29.14");
inline constexpr Oid keyUsage = make_oid("2.5.29.15");
inline constexpr Oid subjectAltName = make_oid("2.5.29.17");
inline constexpr Oid issuerAltName = make_oid("2.5.29.18");
inline constexpr Oid basicConstraints = make_oid("2.5.29.19");
inline constexpr Oid nameConstraints = make_oid("2.5.29.30");
inline constexpr Oid cRLDistributionPoints = make_oid("2.5.29.31");
inline constexpr Oid certificatePolicies = make_oid("2.5.29.32");
inline constexpr Oid policyMappings = make_oid("2.5.29.33");
inline constexpr Oid authorityKeyIdentifier = make_oid("2.5.29.35");
inline constexpr Oid policyConstraints = make_oid("2.5.29.36");
inline constexpr Oid extKeyUsage = make_oid("2.5.29.37");
inline constexpr Oid freshestCRL = make_oid("2.5.29.46");
inline constexpr Oid inhibitAnyPolicy = make_oid("2.5.29.54");
inline constexpr Oid subjectDirectoryAttributes = make_oid("2.5.29.9");
inline constexpr Oid authorityInfoAccess = make_oid("1.3.6.1.5.5.7.1.1");
inline constexpr Oid subjectInfoAccess = make_oid("1.3.6.1.5.5.7.1.11");
inline constexpr Oid tlsFeature = make_oid("1.3.6.1.5.5.7.1.24");                        // RFC 7633
inline constexpr Oid acmeIdentifier = make_oid("1.3.6.1.5.5.7.1.31");                    // RFC 8737, section 6.1
inline constexpr Oid signedCertificateTimestamps = make_oid("1.3.6.1.4.1.11129.2.4.2");  // RFC 6962, section 3.3

// Extensions of revocation lists and of their entries (RFC 5280, sections 5.2 and 5.3).
inline constexpr Oid cRLNumber = make_oid("2.5.29.20");
inline constexpr Oid reasonCode = make_oid("2.5.29.21");
inline constexpr Oid invalidityDate = make_oid("2.5.29.24");
inline constexpr Oid deltaCRLIndicator = make_oid("2.5.29.27");
inline constexpr Oid issuingDistributionPoint = make_oid("2.5.29.28");
inline constexpr Oid certificateIssuer = make_oid("2.5.29.29");

// OCSP (RFC 6960, sections 4.2.1, 4.2.2.2.1 and 4.4.1).
inline constexpr Oid ocspBasic = make_oid("1.3.6.1.5.5.7.48.1.1");
inline constexpr Oid ocspNonce = make_oid("1.3.6.1.5.5.7.48.1.2");
inline constexpr Oid ocspNoCheck = make_oid("1.3.6.1.5.5.7.48.1.5");

// Access methods (RFC 5280, section 4.2.2.1).
inline constexpr Oid ocsp = make_oid("1.3.6.1.5.5.7.48.1");
inline constexpr Oid caIssuers = make_oid("1.3.6.1.5.5.7.48.2");

// The policy that stands for all (RFC 5280, section 4.2.1.4).
inline constexpr Oid anyPolicy = make_oid("2.5.29.32.0");

// Key purposes (RFC 5280, section 4.2.1.12).
inline constexpr Oid anyExtendedKeyUsage = make_oid("2.5.29.37.0");
inline constexpr Oid serverAuth = make_oid("1.3.6.1.5.5.7.3.1");
inline constexpr Oid clientAuth = make_oid("1.3.6.1.5.5.7.3.2");
inline constexpr Oid codeSigning = make_oid("1.3.6.1.5.5.7.3.3");
inline constexpr Oid emailProtection = make_oid("1.3.6.1.5.5.7.3.4");
inline constexpr Oid timeStamping = make_oid("1.3.6.1.5.5.7.3.8");
inline constexpr Oid ocspSigning = make_oid("1.3.6.1.5.5.7.3.9");

// Public keys and curves (RFC 3279, RFC 4055, RFC 5480, RFC 8410).
inline constexpr Oid rsaEncryption = make_oid("1.2.840.113549.1.1.1");
inline constexpr Oid rsassaPss = make_oid("1.2.840.113549.1.1.10");
inline constexpr Oid mgf1 = make_oid("1.2.840.113549.1.1.8");
inline constexpr Oid ecPublicKey = make_oid("1.2.840.10045.2.1");
inline constexpr Oid secp256r1 = make_oid("1.2.840.10045.3.1.7");
inline constexpr Oid secp384r1 = make_oid("1.3.132.0.34");
inline constexpr Oid secp521r1 = make_oid("1.3.132.0.35");
inline constexpr Oid ed25519 = make_oid("1.3.101.112");

// Signatures and hashes (RFC 4055, RFC 5758).
inline constexpr Oid sha1WithRSAEncryption = make_oid("1.2.840.113549.1.1.5");
inline constexpr Oid sha256WithRSAEncryption = make_oid("1.2.840.113549.1.1.11");
inline constexpr Oid sha384WithRSAEncryption = make_oid("1.2.840.113549.1.1.12");
inline constexpr Oid sha512WithRSAEncryption = make_oid("1.2.840.113549.1.1.13");
inline constexpr Oid ecdsaWithSHA1 = make_oid("1.2.840.10045.4.1");
inline constexpr Oid ecdsaWithSHA256 = make_oid("1.2.840.10045.4.3.2");
inline constexpr Oid ecdsaWithSHA384 = make_oid("1.2.840.10045.4.3.3");
inline constexpr Oid ecdsaWithSHA512 = make_oid("1.2.840.10045.4.3.4");
inline constexpr Oid sha1 = make_oid("1.3.14.3.2.26");  // RFC 3279, section 2.1
inline constexpr Oid sha256 = make_oid("2.16.840.1.101.3.4.2.1");
inline constexpr Oid sha384 = make_oid("2.16.840.1.101.3.4.2.2");
inline constexpr Oid sha512 = make_oid("2.16.840.1.101.3.4.2.3");

// Requests (RFC 2985, sections 5.4.1 and 5.4.2).
inline constexpr Oid challengePassword = make_oid("1.2.840.113549.1.9.7");
inline constexpr Oid extensionRequest = make_oid("1.2.840.113549.1.9.14");
}  // namespace oid

}  // namespace padlock::der
