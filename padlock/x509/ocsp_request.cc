#include <algorithm>
#include <string>

#include "padlock/crypto/hash.h"
#include "padlock/der/reader.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/ocsp.h"
#include "padlock/x509/ocsp_parse.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;
namespace tag = der::tag;

std::unexpected<Error> bad_question(std::string what) { return broken(rules::malformed_ocsp_request, std::move(what)); }

/// requestExtensions (RFC 6960, section 4.4): the nonce alone is acted upon.
Result<void> parse_request_extensions(der::Reader& tbs, OcspRequest& request) {
  der::Reader tagged = PADLOCK_TRY(tbs.constructed("requestExtensions", tag::context_constructed(2)));
  der::Reader list = PADLOCK_TRY(tagged.sequence("requestExtensions"));
  PADLOCK_TRY(tagged.finish());
  do {
    const auto [extension, value] = PADLOCK_TRY(parse_extension_field(list));
    if (extension.oid == oid::ocspNonce) {
      if (!request.nonce.empty()) return bad_question("two nonces");
      request.nonce = copy(PADLOCK_TRY(parse_nonce(value, rules::malformed_ocsp_request)));
    } else if (extension.critical) {
      return bad_question("the critical extension " + extension.oid.to_string() + " is not known");
    }
  } while (!list.empty());
  return {};
}

/// Request ::= SEQUENCE { reqCert CertID, singleRequestExtensions [0] EXPLICIT Extensions OPTIONAL }
Result<CertId> parse_request(der::Reader& list) {
  der::Reader in = PADLOCK_TRY(list.sequence("request"));
  CertId id = PADLOCK_TRY(parse_cert_id(in));
  if (!in.empty()) {
    der::Reader tagged = PADLOCK_TRY(in.constructed("singleRequestExtensions", tag::context_constructed(0)));
    der::Reader extensions = PADLOCK_TRY(tagged.sequence("singleRequestExtensions"));
    PADLOCK_TRY(tagged.finish());
    do {
      const auto field = PADLOCK_TRY(parse_extension_field(extensions));
      if (field.extension.critical)
        return bad_question("the critical extension " + field.extension.oid.to_string() + " is not known");
    } while (!extensions.empty());
  }
  PADLOCK_TRY(in.finish());
  return id;
}

/// TBSRequest ::= SEQUENCE { version [0] DEFAULT v1, requestorName [1] OPTIONAL, requestList, requestExtensions [2] }
Result<OcspRequest> parse_tbs_request(der::Reader tbs) {
  OcspRequest request;
  if (tbs.next_is(tag::context_constructed(0)))
    return bad_question("a version other than 1, or the default written out");
  if (tbs.next_is(tag::context_constructed(1))) {
    der::Reader name = PADLOCK_TRY(tbs.constructed("requestorName", tag::context_constructed(1)));
    PADLOCK_TRY(parse_general_name(name, "requestorName"));
    PADLOCK_TRY(name.finish());
  }
  der::Reader list = PADLOCK_TRY(tbs.sequence("requestList"));
  do {
    if (request.certificates.size() == max_ocsp_request_certificates) {
      return broken(rules::ocsp_request_too_many,
                    "more than " + std::to_string(max_ocsp_request_certificates) + " certificates");
    }
    request.certificates.push_back(PADLOCK_TRY(parse_request(list)));
  } while (!list.empty());
  if (!tbs.empty()) PADLOCK_TRY(parse_request_extensions(tbs, request));
  PADLOCK_TRY(tbs.finish());
  return request;
}

/// The hash by its algorithm; nothing: neither of the two that name issuers.
std::optional<crypto::HashAlgorithm> hash_of_id(const CertId& id) {
  if (id.hash_algorithm == oid::sha1) return crypto::HashAlgorithm::sha1;
  if (id.hash_algorithm == oid::sha256) return crypto::HashAlgorithm::sha256;
  return std::nullopt;
}

}  // namespace

CertId make_cert_id(const Certificate& certificate, const Certificate& issuer, crypto::HashAlgorithm hash) {
  const bool sha256 = hash == crypto::HashAlgorithm::sha256;
  return {.hash_algorithm = sha256 ? oid::sha256 : oid::sha1,
          .issuer_name_hash = copy(crypto::hash_of(hash, issuer.subject.der)),
          .issuer_key_hash = copy(crypto::hash_of(hash, subject_public_key_of(issuer.public_key))),
          .serial = certificate.serial};
}

bool names_issuer(const CertId& id, const Certificate& issuer) {
  const auto hash = hash_of_id(id);
  return hash && std::ranges::equal(id.issuer_name_hash, crypto::hash_of(*hash, issuer.subject.der).bytes()) &&
         std::ranges::equal(id.issuer_key_hash,
                            crypto::hash_of(*hash, subject_public_key_of(issuer.public_key)).bytes());
}

void write_cert_id(der::Writer& out, const CertId& id) {
  out.sequence([&](der::Writer& body) {
    body.sequence([&](der::Writer& algorithm) {
      algorithm.object_identifier(id.hash_algorithm);
      algorithm.null();  // RFC 4055, section 2.1: what old responders expect
    });
    body.octet_string(id.issuer_name_hash);
    body.octet_string(id.issuer_key_hash);
    body.unsigned_integer(id.serial);
  });
}

Result<CertId> parse_cert_id(der::Reader& in) {
  der::Reader fields = PADLOCK_TRY(in.sequence("certID"));
  CertId id;
  id.hash_algorithm = PADLOCK_TRY(parse_algorithm_identifier(fields, "hashAlgorithm")).algorithm;
  id.issuer_name_hash = copy(PADLOCK_TRY(fields.octet_string("issuerNameHash")));
  id.issuer_key_hash = copy(PADLOCK_TRY(fields.octet_string("issuerKeyHash")));
  id.serial = copy(PADLOCK_TRY(parse_serial_number(fields, "serialNumber")));
  PADLOCK_TRY(fields.finish());
  return id;
}

Result<Bytes> parse_nonce(der::Reader value, const Rule& malformed) {
  const Bytes nonce = PADLOCK_TRY(value.octet_string("nonce"));
  PADLOCK_TRY(value.finish());
  if (nonce.empty() || nonce.size() > max_ocsp_nonce_octets)
    return broken(malformed, "a nonce of " + std::to_string(nonce.size()) + " octets");
  return nonce;
}

std::vector<std::uint8_t> make_ocsp_request(const Certificate& certificate, const Certificate& issuer) {
  const CertId id = make_cert_id(certificate, issuer);
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& request) {
      request.sequence([&](der::Writer& tbs) {
        tbs.sequence([&](der::Writer& list) { list.sequence([&](der::Writer& one) { write_cert_id(one, id); }); });
      });
    });
  });
}

/// OCSPRequest ::= SEQUENCE { tbsRequest, optionalSignature [0] EXPLICIT Signature OPTIONAL }  (RFC 6960,
/// section 4.1.1)
Result<OcspRequest> parse_ocsp_request(Bytes der) {
  if (der.size() > max_ocsp_request_bytes)
    return broken(rules::ocsp_request_too_large, "the request has " + std::to_string(der.size()) + " bytes");
  der::Reader message(der, "OCSPRequest");
  der::Reader in = PADLOCK_TRY(message.sequence("ocspRequest"));
  PADLOCK_TRY(message.finish());
  OcspRequest request = PADLOCK_TRY(parse_tbs_request(PADLOCK_TRY(in.sequence("tbsRequest"))));
  if (!in.empty()) PADLOCK_TRY(in.constructed("optionalSignature", tag::context_constructed(0)));
  PADLOCK_TRY(in.finish());
  return request;
}

}  // namespace padlock::x509
