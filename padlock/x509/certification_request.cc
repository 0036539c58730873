#include "padlock/x509/certification_request.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "padlock/der/pem.h"
#include "padlock/der/reader.h"
#include "padlock/x509/issue.h"
#include "padlock/x509/issue_parts.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/names.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/request_rules.h"
#include "padlock/x509/signature.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;
namespace tag = der::tag;

std::unexpected<Error> bad_request(std::string what) { return broken(rules::malformed_request, std::move(what)); }

/// ExtensionRequest ::= Extensions: read as those of a certificate to be, names checked as a certificate's are.
Result<void> parse_extension_request(der::Reader values, CertificationRequest& request) {
  Certificate wanted;
  PADLOCK_TRY(parse_extensions(PADLOCK_TRY(values.sequence("extensionRequest")), wanted));
  PADLOCK_TRY(values.finish());  // single-valued
  PADLOCK_TRY(check_names(wanted));
  request.extensions = std::move(wanted.extensions);
  request.subject_alternative_names = std::move(wanted.subject_alternative_names);
  request.basic_constraints = wanted.basic_constraints;
  request.key_usage = wanted.key_usage;
  request.extended_key_usage = std::move(wanted.extended_key_usage);
  request.must_staple = wanted.must_staple;
  request.unknown_critical_extensions = std::move(wanted.unknown_critical_extensions);
  return {};
}

/// attributes [0] IMPLICIT SET OF SEQUENCE { type OBJECT IDENTIFIER, values SET SIZE (1..MAX) OF ANY }
Result<void> parse_attributes(der::Reader in, CertificationRequest& request) {
  std::vector<der::Oid> seen;
  while (!in.empty()) {
    der::Reader attribute = PADLOCK_TRY(in.sequence("attribute"));
    const auto type = PADLOCK_TRY(attribute.object_identifier("type"));
    der::Reader values = PADLOCK_TRY(attribute.set("values"));
    PADLOCK_TRY(attribute.finish());
    if (values.empty()) return bad_request("the attribute " + describe(type) + " has no value");
    if (std::ranges::find(seen, type) != seen.end()) return bad_request(describe(type) + " stands twice");
    seen.push_back(type);
    if (type == oid::extensionRequest) {
      PADLOCK_TRY(parse_extension_request(values, request));
    } else {
      while (!values.empty()) PADLOCK_TRY(values.any("value"));
    }
  }
  return {};
}

/// CertificationRequestInfo (RFC 2986, section 4.1), in its order.
Result<void> parse_info(der::Reader in, CertificationRequest& request) {
  if (PADLOCK_TRY(in.small_integer("version", 0xff)) != 0) return bad_request("a version other than 1");
  request.subject = PADLOCK_TRY(parse_name(in, "subject"));
  const auto key = PADLOCK_TRY(in.element("subjectPKInfo", tag::sequence));
  request.subject_public_key_info = copy(key.whole);
  request.public_key = PADLOCK_TRY(parse_subject_public_key_info(in.inside(key, "SubjectPublicKeyInfo")));
  PADLOCK_TRY(parse_attributes(PADLOCK_TRY(in.constructed("attributes", tag::context_constructed(0))), request));
  return in.finish();
}

/// RSA joins those of `choose_algorithm`: a CA of ours has no such key, who asks one may.
Result<SignatureAlgorithm> choose_request_algorithm(const crypto::PrivateKey& key) {
  constexpr auto rsa = crypto::SignatureScheme::rsa_pkcs1_sha256;
  if (std::ranges::find(key.schemes(), rsa) != key.schemes().end())
    return SignatureAlgorithm{rsa, oid::sha256WithRSAEncryption, true};
  return choose_algorithm(key);
}

void write_extension_request(der::Writer& out, std::span<const GeneralName> names) {
  out.sequence([&](der::Writer& attribute) {
    attribute.object_identifier(oid::extensionRequest);
    attribute.set([&](der::Writer& values) {
      values.sequence([&](der::Writer& extensions) { write_subject_alternative_name(extensions, names, false); });
    });
  });
}

}  // namespace

/// CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm, signature }  (section 4.2)
Result<std::shared_ptr<const CertificationRequest>> parse_certification_request(Bytes der) {
  if (der.size() > max_request_bytes)
    return broken(rules::request_too_large, "the request has " + std::to_string(der.size()) + " bytes");
  auto request = std::make_shared<CertificationRequest>();
  request->der = copy(der);
  der::Reader message(request->der, "CertificationRequest");
  der::Reader in = PADLOCK_TRY(message.sequence("certificationRequest"));
  PADLOCK_TRY(message.finish());
  const auto info = PADLOCK_TRY(in.element("certificationRequestInfo", tag::sequence));
  request->tbs_offset = info.offset;
  request->tbs_length = info.whole.size();
  PADLOCK_TRY(parse_info(in.inside(info, "CertificationRequestInfo"), *request));
  const auto algorithm = PADLOCK_TRY(parse_algorithm_identifier(in, "signatureAlgorithm"));
  request->signature_algorithm = algorithm.algorithm;
  request->signature_scheme = signature_scheme_of(algorithm);
  request->signature = copy(PADLOCK_TRY(in.octets_in_bit_string("signature")));
  PADLOCK_TRY(in.finish());
  return request;
}

Result<std::shared_ptr<const CertificationRequest>> read_certification_request(Bytes pem_or_der) {
  if (pem_or_der.size() > 2 * max_request_bytes)
    return broken(rules::request_too_large, "the file has " + std::to_string(pem_or_der.size()) + " bytes");
  const std::string_view text = as_text(pem_or_der);
  if (!text.contains("-----BEGIN ")) return parse_certification_request(pem_or_der);
  auto blocks = PADLOCK_TRY(der::find_all(text, "CERTIFICATE REQUEST"));
  if (blocks.empty()) blocks = PADLOCK_TRY(der::find_all(text, "NEW CERTIFICATE REQUEST"));
  if (blocks.size() != 1)
    return bad_request("the file holds " + std::to_string(blocks.size()) +
                       " CERTIFICATE REQUEST blocks instead of one");
  return parse_certification_request(blocks.front().bytes);
}

Result<void> verify_request(const CertificationRequest& request, crypto::Provider& provider) {
  if (!request.signature_scheme) {
    return broken(rules::request_weak_signature, "the request is signed with " + describe(request.signature_algorithm));
  }
  const auto key = provider.make_public_key(request.public_key);
  if (!key || !verify_signature(*request.signature_scheme, request.tbs(), request.signature, **key))
    return broken(rules::request_bad_signature, "the request's signature is not by the key in it");
  return {};
}

Result<std::vector<std::uint8_t>> make_certification_request(std::span<const GeneralName> names,
                                                             const crypto::PrivateKey& key) {
  const SignatureAlgorithm algorithm = PADLOCK_TRY(choose_request_algorithm(key));
  const auto info = der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& body) {
      body.integer(0);
      body.raw(make_name({}));
      write_subject_public_key_info(body, key.public_key().parts());
      body.context(0, [&](der::Writer& attributes) {
        if (!names.empty()) write_extension_request(attributes, names);
      });
    });
  });
  return sign_tbs(info, algorithm, key);
}

}  // namespace padlock::x509
