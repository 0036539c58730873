#include <algorithm>
#include <string>

#include "padlock/der/reader.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/ocsp.h"
#include "padlock/x509/ocsp_parse.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/parse.h"
#include "padlock/x509/revocation_rules.h"

namespace padlock::x509 {

namespace {

namespace oid = der::oid;
namespace tag = der::tag;

std::unexpected<Error> bad_response(std::string what) { return broken(rules::malformed_ocsp, std::move(what)); }

/// Extensions under an explicit tag. `understand` takes those that it knows. Gives the first critical one of the
/// others.
Result<std::string> parse_extensions(der::Reader& in, std::string_view field, auto&& understand) {
  der::Reader tagged = PADLOCK_TRY(in.constructed(field, tag::context_constructed(1)));
  der::Reader list = PADLOCK_TRY(tagged.sequence(field));
  PADLOCK_TRY(tagged.finish());
  std::string unknown;
  std::vector<der::Oid> seen;
  do {
    const auto [extension, value] = PADLOCK_TRY(parse_extension_field(list));
    if (std::ranges::find(seen, extension.oid) != seen.end())
      return bad_response(describe(extension.oid) + " stands twice");
    seen.push_back(extension.oid);
    const bool understood = PADLOCK_TRY(understand(extension.oid, value));
    if (!understood && extension.critical && unknown.empty()) unknown = extension.oid.to_string();
  } while (!list.empty());
  return unknown;
}

/// RevokedInfo ::= SEQUENCE { revocationTime GeneralizedTime, revocationReason [0] EXPLICIT CRLReason OPTIONAL }
Result<void> parse_revoked_info(der::Reader& in, SingleResponse& response) {
  der::Reader info = PADLOCK_TRY(in.constructed("revoked", tag::context_constructed(1)));
  response.state = RevocationState::revoked;
  response.revoked_at = PADLOCK_TRY(info.generalized_time("revocationTime"));
  if (!info.empty()) {
    der::Reader reason = PADLOCK_TRY(info.constructed("revocationReason", tag::context_constructed(0)));
    response.reason = reason_of(PADLOCK_TRY(reason.small_integer("CRLReason", 0x7f, tag::enumerated)));
    PADLOCK_TRY(reason.finish());
  }
  return info.finish();
}

/// CertStatus ::= CHOICE { good [0] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo, unknown [2] IMPLICIT NULL }
Result<void> parse_cert_status(der::Reader& in, SingleResponse& response) {
  if (in.next_is(tag::context_constructed(1))) return parse_revoked_info(in, response);
  const bool good = in.next_is(tag::context(0));
  const auto status = PADLOCK_TRY(in.element("certStatus", tag::context(good ? 0 : 2)));
  if (!status.content.empty()) return bad_response("certStatus good or unknown with content");
  response.state = good ? RevocationState::good : RevocationState::unknown;
  return {};
}

/// SingleResponse (RFC 6960, section 4.2.1), in its order. Its extensions say nothing that changes an answer.
Result<SingleResponse> parse_single_response(der::Reader& list) {
  der::Reader in = PADLOCK_TRY(list.sequence("singleResponse"));
  SingleResponse response;
  response.id = PADLOCK_TRY(parse_cert_id(in));
  PADLOCK_TRY(parse_cert_status(in, response));
  response.this_update = PADLOCK_TRY(in.generalized_time("thisUpdate"));
  if (in.next_is(tag::context_constructed(0))) {
    der::Reader next = PADLOCK_TRY(in.constructed("nextUpdate", tag::context_constructed(0)));
    response.next_update = PADLOCK_TRY(next.generalized_time("nextUpdate"));
    PADLOCK_TRY(next.finish());
  }
  if (!in.empty()) {
    const auto nothing = [](const der::Oid&, const der::Reader&) -> Result<bool> { return false; };
    response.unknown_critical_extension = PADLOCK_TRY(parse_extensions(in, "singleExtensions", nothing));
  }
  PADLOCK_TRY(in.finish());
  return response;
}

/// ResponderID ::= CHOICE { byName [1] Name, byKey [2] OCTET STRING }, explicit tags
Result<ResponderId> parse_responder_id(der::Reader& in) {
  ResponderId responder;
  if (in.next_is(tag::context_constructed(1))) {
    der::Reader by_name = PADLOCK_TRY(in.constructed("byName", tag::context_constructed(1)));
    responder.name = PADLOCK_TRY(parse_name(by_name, "responderID")).der;
    PADLOCK_TRY(by_name.finish());
    return responder;
  }
  der::Reader by_key = PADLOCK_TRY(in.constructed("byKey", tag::context_constructed(2)));
  responder.key_hash = copy(PADLOCK_TRY(by_key.octet_string("responderID")));
  PADLOCK_TRY(by_key.finish());
  if (responder.key_hash.size() != length_of(crypto::HashAlgorithm::sha1))
    return bad_response("a key hash of " + std::to_string(responder.key_hash.size()) + " octets");
  return responder;
}

/// ResponseData (RFC 6960, section 4.2.1), in its order.
Result<void> parse_response_data(der::Reader in, BasicOcspResponse& basic) {
  if (in.next_is(tag::context_constructed(0)))
    return bad_response("a version other than 1, or the default written out");
  basic.responder = PADLOCK_TRY(parse_responder_id(in));
  basic.produced_at = PADLOCK_TRY(in.generalized_time("producedAt"));
  der::Reader list = PADLOCK_TRY(in.sequence("responses"));
  do basic.responses.push_back(PADLOCK_TRY(parse_single_response(list)));
  while (!list.empty());
  if (!in.empty()) {
    const auto nonce = [&basic](const der::Oid& extension, const der::Reader& value) -> Result<bool> {
      if (extension != oid::ocspNonce) return false;
      basic.nonce = copy(PADLOCK_TRY(parse_nonce(value, rules::malformed_ocsp)));
      return true;
    };
    basic.unknown_critical_extension = PADLOCK_TRY(parse_extensions(in, "responseExtensions", nonce));
  }
  return in.finish();
}

/// certs [0] EXPLICIT SEQUENCE OF Certificate. One that our parser refuses cannot be the responder's; others may be.
Result<void> parse_certificates(der::Reader& in, BasicOcspResponse& basic) {
  der::Reader tagged = PADLOCK_TRY(in.constructed("certs", tag::context_constructed(0)));
  der::Reader list = PADLOCK_TRY(tagged.sequence("certs"));
  PADLOCK_TRY(tagged.finish());
  for (std::size_t count = 0; !list.empty(); ++count) {
    if (count == max_ocsp_certificates)
      return bad_response("more than " + std::to_string(max_ocsp_certificates) + " certificates");
    auto certificate = parse_certificate(PADLOCK_TRY(list.element("certificate", tag::sequence)).whole);
    if (certificate) basic.certificates.push_back(*std::move(certificate));
  }
  return {};
}

/// BasicOCSPResponse ::= SEQUENCE { tbsResponseData, signatureAlgorithm, signature, certs [0] OPTIONAL }
Result<BasicOcspResponse> parse_basic(der::Reader message) {
  der::Reader in = PADLOCK_TRY(message.sequence("basicOCSPResponse"));
  PADLOCK_TRY(message.finish());
  BasicOcspResponse basic;
  const auto tbs = PADLOCK_TRY(in.element("tbsResponseData", tag::sequence));
  basic.tbs_offset = tbs.offset;
  basic.tbs_length = tbs.whole.size();
  PADLOCK_TRY(parse_response_data(in.inside(tbs, "ResponseData"), basic));
  const auto algorithm = PADLOCK_TRY(parse_algorithm_identifier(in, "signatureAlgorithm"));
  basic.signature_algorithm = algorithm.algorithm;
  basic.signature_scheme = signature_scheme_of(algorithm);
  basic.signature = copy(PADLOCK_TRY(in.octets_in_bit_string("signature")));
  if (!in.empty()) PADLOCK_TRY(parse_certificates(in, basic));
  PADLOCK_TRY(in.finish());
  return basic;
}

/// ResponseBytes ::= SEQUENCE { responseType OBJECT IDENTIFIER, response OCTET STRING }
Result<void> parse_response_bytes(der::Reader& in, OcspResponse& response) {
  der::Reader tagged = PADLOCK_TRY(in.constructed("responseBytes", tag::context_constructed(0)));
  der::Reader fields = PADLOCK_TRY(tagged.sequence("responseBytes"));
  PADLOCK_TRY(tagged.finish());
  response.type = PADLOCK_TRY(fields.object_identifier("responseType"));
  const auto body = PADLOCK_TRY(fields.element("response", tag::octet_string));
  PADLOCK_TRY(fields.finish());
  if (response.type == oid::ocspBasic) response.basic = PADLOCK_TRY(parse_basic(fields.inside(body, "response")));
  return {};
}

}  // namespace

std::string_view name_of(OcspResponseStatus status) {
  switch (status) {
    case OcspResponseStatus::successful: return "successful";
    case OcspResponseStatus::malformedRequest: return "malformedRequest";
    case OcspResponseStatus::internalError: return "internalError";
    case OcspResponseStatus::tryLater: return "tryLater";
    case OcspResponseStatus::sigRequired: return "sigRequired";
    case OcspResponseStatus::unauthorized: return "unauthorized";
  }
  return "unknown status";
}

/// OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT OPTIONAL }: bytes if, and only if,
/// it is successful (RFC 6960, section 4.2.1).
Result<OcspResponse> parse_ocsp_response(Bytes der) {
  if (der.size() > max_ocsp_response_bytes)
    return broken(rules::ocsp_too_large, "the OCSP response has " + std::to_string(der.size()) + " bytes");
  OcspResponse response;
  response.der = copy(der);
  der::Reader message(response.der, "OCSPResponse");
  der::Reader in = PADLOCK_TRY(message.sequence("ocspResponse"));
  PADLOCK_TRY(message.finish());
  response.status =
      static_cast<OcspResponseStatus>(PADLOCK_TRY(in.small_integer("responseStatus", 0x7f, tag::enumerated)));
  const bool successful = response.status == OcspResponseStatus::successful;
  if (successful != !in.empty()) {
    return bad_response("status " + std::string(name_of(response.status)) +
                        (successful ? " without a response" : " with a response"));
  }
  if (successful) PADLOCK_TRY(parse_response_bytes(in, response));
  PADLOCK_TRY(in.finish());
  return response;
}

}  // namespace padlock::x509
