#include "padlock/x509/crl.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "padlock/der/pem.h"
#include "padlock/der/reader.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;
namespace tag = der::tag;

std::unexpected<Error> bad_list(std::string what) { return broken(rules::malformed_crl, std::move(what)); }

/// An entry as it is read: nothing of it is allocated, there may be half a million.
struct ParsedEntry {
  Bytes serial;
  std::size_t offset = 0;         ///< of the entry
  std::size_t serial_offset = 0;  ///< of the number's first octet
  RevokedCertificate revoked;
  bool extended = false;  ///< has crlEntryExtensions
  bool names_other_issuer = false;
  std::optional<der::Oid> unknown_critical;
};

/// One of crlEntryExtensions (RFC 5280, section 5.3). invalidityDate and what is unknown changes nothing unless it is
/// critical; a reason of a later RFC counts as none.
Result<void> parse_entry_extension(der::Reader& list, ParsedEntry& entry) {
  auto [extension, value] = PADLOCK_TRY(parse_extension_field(list));
  if (extension.oid == oid::reasonCode) {
    if (entry.revoked.reason) return bad_list("an entry has two reasons");
    entry.revoked.reason = reason_of(PADLOCK_TRY(value.small_integer("CRLReason", 0x7f, tag::enumerated)));
    return value.finish();
  }
  if (extension.oid == oid::certificateIssuer) {
    PADLOCK_TRY(value.sequence("CertificateIssuer"));
    entry.names_other_issuer = true;
    return value.finish();
  }
  if (extension.oid == oid::invalidityDate) {
    PADLOCK_TRY(value.generalized_time("InvalidityDate"));
    return value.finish();
  }
  if (extension.critical) entry.unknown_critical = extension.oid;
  return {};
}

/// SEQUENCE { userCertificate CertificateSerialNumber, revocationDate Time, crlEntryExtensions Extensions OPTIONAL }
Result<ParsedEntry> parse_entry(der::Reader& list) {
  const auto element = PADLOCK_TRY(list.element("revokedCertificate", tag::sequence));
  der::Reader in = list.inside(element, "revokedCertificate");
  ParsedEntry entry;
  entry.offset = element.offset;
  entry.serial = PADLOCK_TRY(parse_serial_number(in, "userCertificate"));
  entry.serial_offset = in.offset() - entry.serial.size();
  entry.revoked.revocation_date = PADLOCK_TRY(in.time("revocationDate"));
  entry.extended = !in.empty();
  if (entry.extended) {
    der::Reader extensions = PADLOCK_TRY(in.sequence("crlEntryExtensions"));
    do PADLOCK_TRY(parse_entry_extension(extensions, entry));
    while (!extensions.empty());
  }
  PADLOCK_TRY(in.finish());
  return entry;
}

/// A BOOLEAN DEFAULT FALSE under an implicit tag: DER writes it if it is true alone.
Result<bool> parse_flag(der::Reader& in, std::string_view field, unsigned number) {
  if (!in.next_is(tag::context(number))) return false;
  if (!PADLOCK_TRY(in.boolean(field, tag::context(number))))
    return bad_list(std::string(field) + " FALSE is written out, DER leaves it out");
  return true;
}

/// IssuingDistributionPoint (RFC 5280, section 5.2.5), in its order.
Result<IssuingDistributionPoint> parse_issuing_distribution_point(der::Reader in) {
  der::Reader fields = PADLOCK_TRY(in.sequence("IssuingDistributionPoint"));
  if (fields.empty()) return bad_list("an empty issuingDistributionPoint");
  IssuingDistributionPoint point;
  point.named = fields.next_is(tag::context_constructed(0));
  if (point.named) {
    point.urls = PADLOCK_TRY(parse_distribution_point_name(
        PADLOCK_TRY(fields.constructed("distributionPoint", tag::context_constructed(0)))));
  }
  point.only_contains_user_certs = PADLOCK_TRY(parse_flag(fields, "onlyContainsUserCerts", 1));
  point.only_contains_ca_certs = PADLOCK_TRY(parse_flag(fields, "onlyContainsCACerts", 2));
  point.only_some_reasons = fields.next_is(tag::context(3));
  if (point.only_some_reasons) PADLOCK_TRY(fields.bit_string("onlySomeReasons", tag::context(3)));
  point.indirect_crl = PADLOCK_TRY(parse_flag(fields, "indirectCRL", 4));
  point.only_contains_attribute_certs = PADLOCK_TRY(parse_flag(fields, "onlyContainsAttributeCerts", 5));
  PADLOCK_TRY(fields.finish());
  if (point.only_contains_user_certs + point.only_contains_ca_certs + point.only_contains_attribute_certs > 1)
    return bad_list("issuingDistributionPoint with two of onlyContains...");
  PADLOCK_TRY(in.finish());
  return point;
}

/// The first octets of a serial number as a number that orders as they do.
std::uint64_t prefix_of(Bytes serial) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8 | (i < serial.size() ? serial[i] : 0U);
  return prefix;
}

}  // namespace

/// Fills a list from its own DER.
class CertificateListParser {
 public:
  explicit CertificateListParser(CertificateList& list) : list_(list) {}

  /// CertificateList ::= SEQUENCE { tbsCertList, signatureAlgorithm, signatureValue }  (RFC 5280, section 5.1)
  Result<void> parse() {
    der::Reader message(list_.der, "CertificateList");
    der::Reader in = PADLOCK_TRY(message.sequence("certificateList"));
    PADLOCK_TRY(message.finish());
    const auto tbs = PADLOCK_TRY(in.element("tbsCertList", tag::sequence));
    list_.tbs_offset = tbs.offset;
    list_.tbs_length = tbs.whole.size();
    const auto inner = PADLOCK_TRY(parse_tbs(in.inside(tbs, "TBSCertList")));
    const auto outer = PADLOCK_TRY(parse_algorithm_identifier(in, "signatureAlgorithm"));
    list_.signature = copy(PADLOCK_TRY(in.octets_in_bit_string("signatureValue")));
    PADLOCK_TRY(in.finish());
    if (!std::ranges::equal(inner.whole, outer.whole)) {
      return broken(rules::crl_algorithm_mismatch,
                    "signed as " + describe(inner.algorithm) + ", labelled " + describe(outer.algorithm));
    }
    list_.signature_algorithm = outer.algorithm;
    list_.signature_scheme = signature_scheme_of(outer);
    return {};
  }

 private:
  /// TBSCertList (RFC 5280, section 5.1.2), in its order. Gives back the algorithm inside.
  Result<AlgorithmIdentifier> parse_tbs(der::Reader tbs) {
    if (tbs.next_is(tag::integer)) {
      if (PADLOCK_TRY(tbs.small_integer("version", 0xff)) != 1) return bad_list("a version other than 2");
      list_.version = 2;
    }
    const auto signature = PADLOCK_TRY(parse_algorithm_identifier(tbs, "signature"));
    list_.issuer = PADLOCK_TRY(parse_name(tbs, "issuer"));
    list_.this_update = PADLOCK_TRY(tbs.time("thisUpdate"));
    if (tbs.next_is(tag::utc_time) || tbs.next_is(tag::generalized_time))
      list_.next_update = PADLOCK_TRY(tbs.time("nextUpdate"));
    if (tbs.next_is(tag::sequence)) PADLOCK_TRY(parse_entries(PADLOCK_TRY(tbs.sequence("revokedCertificates"))));
    if (tbs.next_is(tag::context_constructed(0))) PADLOCK_TRY(parse_extensions(tbs));
    PADLOCK_TRY(tbs.finish());
    return signature;
  }

  /// At least one: without any the field is absent (RFC 5280, section 5.1.2.6).
  Result<void> parse_entries(der::Reader in) {
    do PADLOCK_TRY(note(PADLOCK_TRY(parse_entry(in))));
    while (!in.empty());
    auto& places = list_.entries_;
    const auto before = [this](const auto& a, const auto& b) {
      return a.prefix != b.prefix ? a.prefix < b.prefix
                                  : std::ranges::lexicographical_compare(list_.serial_of(a), list_.serial_of(b));
    };
    std::ranges::sort(places, before);
    const auto twice = std::ranges::adjacent_find(
        places, [&](const auto& a, const auto& b) { return !before(a, b) && !before(b, a); });
    if (twice != places.end())
      return bad_list("serial number " + to_hex(list_.serial_of(*twice)) + " stands in two entries");
    places.shrink_to_fit();
    return {};
  }

  Result<void> note(const ParsedEntry& entry) {
    if (entry.extended && list_.version < 2) return bad_list("version 1 with extensions of an entry");
    list_.names_other_issuers = list_.names_other_issuers || entry.names_other_issuer;
    if (entry.unknown_critical) note_unknown(*entry.unknown_critical);
    list_.entries_.push_back({prefix_of(entry.serial), static_cast<std::uint32_t>(entry.offset),
                              static_cast<std::uint16_t>(entry.serial_offset - entry.offset),
                              static_cast<std::uint16_t>(entry.serial.size())});
    return {};
  }

  void note_unknown(const der::Oid& extension) {
    if (list_.unknown_critical_extension.empty()) list_.unknown_critical_extension = extension.to_string();
  }

  Result<void> parse_extensions(der::Reader& tbs) {
    if (list_.version < 2) return bad_list("version 1 with extensions");
    der::Reader explicit_tag = PADLOCK_TRY(tbs.constructed("crlExtensions", tag::context_constructed(0)));
    der::Reader extensions = PADLOCK_TRY(explicit_tag.sequence("crlExtensions"));
    PADLOCK_TRY(explicit_tag.finish());
    std::vector<der::Oid> seen;
    do {
      const auto [extension, value] = PADLOCK_TRY(parse_extension_field(extensions));
      if (std::ranges::find(seen, extension.oid) != seen.end())
        return bad_list(describe(extension.oid) + " stands twice");
      seen.push_back(extension.oid);
      if (!PADLOCK_TRY(understand(extension.oid, value)) && extension.critical) note_unknown(extension.oid);
    } while (!extensions.empty());
    return {};
  }

  /// False if nobody here knows the extension (RFC 5280, section 5.2).
  Result<bool> understand(const der::Oid& extension, der::Reader value) {
    if (extension == oid::cRLNumber) {
      list_.crl_number = copy(PADLOCK_TRY(parse_serial_number(value, "CRLNumber")));
      PADLOCK_TRY(value.finish());
    } else if (extension == oid::authorityKeyIdentifier) {
      list_.authority_key_identifier = copy(PADLOCK_TRY(parse_authority_key_identifier(value)).key_identifier);
    } else if (extension == oid::issuingDistributionPoint) {
      list_.issuing_distribution_point = PADLOCK_TRY(parse_issuing_distribution_point(value));
    } else if (extension == oid::deltaCRLIndicator) {
      PADLOCK_TRY(value.unsigned_integer("BaseCRLNumber"));
      PADLOCK_TRY(value.finish());
      list_.delta = true;
    } else {
      return false;
    }
    return true;
  }

  CertificateList& list_;
};

Bytes CertificateList::serial_of(const Place& place) const {
  return Bytes(der).subspan(std::size_t{place.entry} + place.serial, place.serial_length);
}

bool CertificateList::less(const Place& place, std::uint64_t prefix, Bytes serial) const {
  return place.prefix != prefix ? place.prefix < prefix
                                : std::ranges::lexicographical_compare(serial_of(place), serial);
}

std::optional<RevokedCertificate> CertificateList::find(Bytes serial) const {
  const std::uint64_t prefix = prefix_of(serial);
  const auto place = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const Place& one) { return less(one, prefix, serial); });
  if (place == entries_.end() || !std::ranges::equal(serial_of(*place), serial)) return std::nullopt;
  der::Reader at(Bytes(der).subspan(place->entry), "revokedCertificates");
  const auto entry = parse_entry(at);  // it was good before
  return entry ? std::optional(entry->revoked) : std::nullopt;
}

Result<std::shared_ptr<const CertificateList>> parse_certificate_list(Bytes der) {
  if (der.size() > max_crl_bytes)
    return broken(rules::crl_too_large, "the revocation list has " + std::to_string(der.size()) + " bytes");
  auto list = std::make_shared<CertificateList>();
  list->der = copy(der);
  PADLOCK_TRY(CertificateListParser(*list).parse());
  return list;
}

Result<std::shared_ptr<const CertificateList>> read_certificate_list(Bytes pem_or_der) {
  // Base64 and line ends make 4 characters and a bit of 3 bytes.
  if (pem_or_der.size() > 2 * max_crl_bytes)
    return broken(rules::crl_too_large, "the file has " + std::to_string(pem_or_der.size()) + " bytes");
  const std::string_view text = as_text(pem_or_der);
  if (!text.contains("-----BEGIN ")) return parse_certificate_list(pem_or_der);
  const auto blocks = PADLOCK_TRY(der::find_all(text, "X509 CRL"));
  if (blocks.size() != 1)
    return bad_list("the file holds " + std::to_string(blocks.size()) + " X509 CRL blocks instead of one");
  return parse_certificate_list(blocks.front().bytes);
}

}  // namespace padlock::x509
