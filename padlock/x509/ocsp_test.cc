#include "padlock/x509/ocsp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

#include "padlock/x509/limits.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::x509 {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

const Octets other_value = der::make_der([](der::Writer& out) { out.null(); });

/// A leaf (serial number 1, key 2) of "Intermediate" (key 1), and a response about it.
struct Scene {
  Draft issuer = ca_draft("Intermediate", 1, "Root", 0);
  Draft leaf = leaf_draft(2, "Intermediate", 1);
  ResponseDraft response;
  Draft delegate = responder_draft();
  bool delegated = false;           ///< signed by the delegate, whose certificate is in the response
  std::size_t delegate_signer = 1;  ///< whose key made the delegate's certificate
  WallTime now = test_now;
};

std::string told(Scene scene) {
  const auto issuer = parse_certificate(sign(scene.issuer, key(0))).value();
  const auto leaf = parse_certificate(sign(scene.leaf, key(1))).value();
  if (scene.delegated) {
    scene.response.signer = 5;
    scene.response.responder = tagged(1, scene.delegate.subject);
    scene.response.certificates.push_back(sign(scene.delegate, key(scene.delegate_signer)));
  }
  const auto response = parse_ocsp_response(sign(scene.response));
  if (!response) return std::string(response.error().rule->code);
  return testing::told(check_ocsp_response(*response, *leaf, *issuer, scene.now, provider()));
}

struct Case {
  std::string_view name;
  std::string_view expected;
  std::function<void(Scene&)> change;
};

SingleDraft& single(Scene& scene) { return scene.response.singles.front(); }
Octets key_hash(std::size_t number) {
  const auto hash =
      crypto::hash_of(crypto::HashAlgorithm::sha1, subject_public_key_of(key(number).public_key().parts()));
  return tagged(2, der::make_der([&](der::Writer& out) { out.octet_string(hash); }));
}
const Octets leaf_serial{0x02, 0x01, 0x01};

/// The cases of docs/threats.md, X11.
const std::vector<Case> cases{
    {"good", "good", [](Scene&) {}},
    {"good, by key", "good", [](Scene& s) { s.response.responder = key_hash(1); }},
    {"good, CertID by SHA-256", "good",
     [](Scene& s) { single(s).id = cert_id("Intermediate", 1, leaf_serial, crypto::HashAlgorithm::sha256); }},
    {"revoked", "revoked", [](Scene& s) { single(s).status = revoked_status(1); }},
    {"revoked without a reason", "revoked", [](Scene& s) { single(s).status = revoked_status(); }},
    {"on hold", "revoked", [](Scene& s) { single(s).status = revoked_status(6); }},
    {"unknown", "x509.ocsp.status_unknown", [](Scene& s) { single(s).status = unknown_status; }},
    {"good, and revoked in the next", "revoked",
     [](Scene& s) {
       s.response.singles.push_back(s.response.singles.front());
       s.response.singles.back().status = revoked_status(1);
     }},
    {"about another certificate first", "good",
     [](Scene& s) {
       s.response.singles.insert(s.response.singles.begin(),
                                 SingleDraft{.id = cert_id("Intermediate", 1, {2, 1, 2}), .status = revoked_status(1)});
     }},
    {"about another serial number", "x509.ocsp.other_certificate",
     [](Scene& s) { single(s).id = cert_id("Intermediate", 1, {0x02, 0x01, 0x02}); }},
    {"about another issuer's name", "x509.ocsp.other_certificate",
     [](Scene& s) { single(s).id = cert_id("Other", 1, leaf_serial); }},
    {"about another issuer's key", "x509.ocsp.other_certificate",
     [](Scene& s) { single(s).id = cert_id("Intermediate", 0, leaf_serial); }},
    {"a CertID by a hash that we do not know", "x509.ocsp.other_certificate",
     [](Scene& s) {
       single(s).id = der::make_der([](der::Writer& out) {
         out.sequence([](der::Writer& id) {
           id.raw(algorithm(der::oid::sha384));
           id.octet_string(crypto::hash_of(crypto::HashAlgorithm::sha384, name("Intermediate")));
           id.octet_string(
               crypto::hash_of(crypto::HashAlgorithm::sha384, subject_public_key_of(key(1).public_key().parts())));
           id.raw(leaf_serial);
         });
       });
     }},

    {"by a delegate", "good", [](Scene& s) { s.delegated = true; }},
    {"revoked, by a delegate", "revoked",
     [](Scene& s) {
       s.delegated = true;
       single(s).status = revoked_status(1);
     }},
    {"by a delegate, behind another certificate", "good",
     [](Scene& s) {
       s.delegated = true;
       s.response.certificates = {sign(s.leaf, key(1)), Octets{0x30, 0x00}};
     }},
    {"by the leaf's own key", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.response.signer = 2;
       s.response.responder = tagged(1, name("leaf"));
       s.response.certificates = {sign(s.leaf, key(1))};
     }},
    {"by a delegate without OCSPSigning", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.delegated = true;
       set_extension(s.delegate, extended_key_usage({der::oid::anyExtendedKeyUsage}));
     }},
    {"by a delegate of another CA", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.delegated = true;
       s.delegate.issuer = name("Root");
       s.delegate_signer = 0;
     }},
    {"by a delegate that another key made", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.delegated = true;
       s.delegate_signer = 0;
     }},
    {"by a delegate that has expired", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.delegated = true;
       s.delegate.validity = validity(test_now - days(9), test_now - seconds(1));
     }},
    {"by a delegate that may not sign", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.delegated = true;
       set_extension(s.delegate, key_usage(static_cast<std::uint16_t>(KeyUsage::keyAgreement)));
     }},
    {"by a delegate with an unknown critical extension", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.delegated = true;
       s.delegate.extensions.push_back(extension(der::make_oid("1.2.3"), true, other_value));
     }},
    {"by a delegate, certificate left out", "x509.ocsp.unauthorized_responder",
     [](Scene& s) {
       s.response.signer = 5;
       s.response.responder = key_hash(5);
     }},
    {"in a delegate's name, by another key", "x509.ocsp.bad_signature",
     [](Scene& s) {
       s.response.responder = tagged(1, name("Responder"));
       s.response.certificates = {sign(s.delegate, key(1))};
       s.response.signer = 2;
     }},
    {"in the issuer's name, by another key", "x509.ocsp.bad_signature", [](Scene& s) { s.response.signer = 2; }},
    {"by the issuer, in another's name", "x509.ocsp.unauthorized_responder",
     [](Scene& s) { s.response.responder = tagged(1, name("Other")); }},
    {"signed with SHA-1", "x509.ocsp.weak_signature",
     [](Scene& s) { s.response.signature_algorithm = algorithm(der::oid::sha1WithRSAEncryption, true); }},

    {"of 5 minutes ahead", "good", [](Scene& s) { s.now = test_now - days(1) - minutes(5); }},
    {"of more than 5 minutes ahead", "x509.ocsp.not_yet_valid",
     [](Scene& s) { s.now = test_now - days(1) - minutes(5) - seconds(1); }},
    {"at its last second", "good", [](Scene& s) { s.now = test_now + days(6); }},
    {"after its time", "x509.ocsp.stale", [](Scene& s) { s.now = test_now + days(6) + seconds(1); }},
    {"without nextUpdate", "x509.ocsp.no_next_update", [](Scene& s) { single(s).next_update.reset(); }},
    {"10 days old", "good",
     [](Scene& s) {
       single(s).next_update = general_time(test_now + days(90));
       s.now = test_now + days(9);
     }},
    {"more than 10 days old", "x509.ocsp.too_old",
     [](Scene& s) {
       single(s).next_update = general_time(test_now + days(90));
       s.now = test_now + days(9) + seconds(1);
     }},
    {"revoked, more than 10 days old", "x509.ocsp.too_old",
     [](Scene& s) {
       single(s).status = revoked_status(1);
       single(s).next_update = general_time(test_now + days(90));
       s.now = test_now + days(10);
     }},

    {"with a nonce", "good",
     [](Scene& s) {
       s.response.extensions = {extension(der::oid::ocspNonce, false,
                                          der::make_der([](der::Writer& out) { out.octet_string(Octets(32, 7)); }))};
     }},
    {"with a critical extension", "x509.ocsp.unknown_critical",
     [](Scene& s) { s.response.extensions = {extension(der::make_oid("1.2.3"), true, other_value)}; }},
    {"with a critical extension of the single response", "x509.ocsp.unknown_critical",
     [](Scene& s) { single(s).extensions = {extension(der::make_oid("1.2.3"), true, other_value)}; }},
    {"with extensions that are not critical", "good",
     [](Scene& s) {
       s.response.extensions = {extension(der::make_oid("1.2.3"), false, other_value)};
       single(s).extensions = {extension(der::make_oid("1.2.3"), false, other_value)};
     }},
    {"tryLater", "x509.ocsp.not_successful", [](Scene& s) { s.response.status = 3; }},
    {"unauthorized", "x509.ocsp.not_successful", [](Scene& s) { s.response.status = 6; }},
    {"a status of nobody", "x509.ocsp.not_successful", [](Scene& s) { s.response.status = 4; }},
    {"tryLater with a response", "x509.ocsp.malformed",
     [](Scene& s) {
       s.response.status = 3;
       s.response.with_bytes = true;
     }},
    {"successful without a response", "x509.ocsp.malformed", [](Scene& s) { s.response.with_bytes = false; }},
    {"of another type", "x509.ocsp.unknown_type", [](Scene& s) { s.response.type = der::make_oid("1.2.3"); }},
    {"version 1 written out", "x509.ocsp.malformed",
     [](Scene& s) { s.response.version = tagged(0, der_of_integer(0)); }},
    {"an extension twice", "x509.ocsp.malformed",
     [](Scene& s) {
       s.response.extensions = {extension(der::make_oid("1.2.3"), false, other_value),
                                extension(der::make_oid("1.2.3"), false, other_value)};
     }},
    {"good with content", "x509.ocsp.malformed", [](Scene& s) { single(s).status = {0x80, 0x01, 0x00}; }},
    {"a short key hash", "x509.ocsp.malformed",
     [](Scene& s) { s.response.responder = tagged(2, {0x04, 0x02, 0x01, 0x02}); }},
    {"without a single response", "der.unexpected_tag", [](Scene& s) { s.response.singles.clear(); }},
    {"a UTCTime", "der.unexpected_tag", [](Scene& s) { single(s).this_update = der_of_time(test_now); }},
    {"bytes behind it", "der.trailing_bytes", [](Scene& s) { s.response.trailer = {0x05, 0x00}; }},
    {"an empty nonce", "x509.ocsp.malformed",
     [](Scene& s) { s.response.extensions = {extension(der::oid::ocspNonce, false, {0x04, 0x00})}; }},
};

TEST(OcspResponse, SaysOfACertificateWhatItMay) {
  for (const Case& one : cases) {
    Scene scene;
    one.change(scene);
    EXPECT_EQ(told(scene), one.expected) << one.name;
  }
}

TEST(OcspRules, AreEachProvokedByATest) {
  // HasALimit, HoldsAFewCertificates and the requests below.
  std::set<std::string_view> provoked{rules::ocsp_too_large.code, rules::ocsp_request_too_large.code,
                                      rules::ocsp_request_too_many.code, rules::malformed_ocsp_request.code};
  for (const Case& one : cases) provoked.insert(one.expected);
  for (const Rule* rule : rules::revocation) {
    if (!rule->code.starts_with("x509.ocsp")) continue;
    EXPECT_TRUE(provoked.contains(rule->code)) << rule->code;
    if (rule->code.starts_with("x509.ocsp.")) {
      EXPECT_EQ(rule->alert, AlertDescription::bad_certificate_status_response) << rule->code;
    }
  }
}

TEST(OcspResponse, SaysWhenAndWhyACertificateWasRevoked) {
  const auto issuer = parse_certificate(sign(ca_draft("Intermediate", 1, "Root", 0), key(0))).value();
  const auto leaf = parse_certificate(sign(leaf_draft(2, "Intermediate", 1), key(1))).value();
  ResponseDraft draft;
  draft.singles.front().status = revoked_status(5);
  const auto response = parse_ocsp_response(sign(draft)).value();
  const auto status = check_ocsp_response(response, *leaf, *issuer, test_now, provider(), RevocationSource::staple);
  EXPECT_EQ(status.source, RevocationSource::staple);
  EXPECT_EQ(status.revoked_at, test_now - days(3));
  EXPECT_EQ(status.reason, CRLReason::cessationOfOperation);
  EXPECT_EQ(status.this_update, test_now - days(1));
  EXPECT_EQ(status.next_update, test_now + days(6));
  EXPECT_EQ(describe(status),
            "revoked 2026-03-01 (cessationOfOperation), says the stapled OCSP response for CN=Intermediate, of "
            "2026-03-03");
}

TEST(OcspResponse, HasALimit) {
  const auto of_size = [](std::size_t size) {
    ResponseDraft draft;
    Octets padding(size - 1000, 0xaa);
    Octets der;
    while (der.size() != size) {
      if (!der.empty()) padding.resize(padding.size() + size - der.size());
      draft.extensions = {extension(der::make_oid("1.2.3"), false, padding)};
      der = sign(draft);
    }
    const auto response = parse_ocsp_response(der);
    return response ? "good" : std::string(response.error().rule->code);
  };
  EXPECT_EQ(of_size(max_ocsp_response_bytes - 1), "good");
  EXPECT_EQ(of_size(max_ocsp_response_bytes), "good");
  EXPECT_EQ(of_size(max_ocsp_response_bytes + 1), rules::ocsp_too_large.code);
}

TEST(OcspResponse, HoldsAFewCertificates) {
  const auto with = [](std::size_t count) {
    ResponseDraft draft;
    draft.certificates.assign(count, sign(leaf_draft(2, "Intermediate", 1), key(1)));
    const auto response = parse_ocsp_response(sign(draft));
    return response ? response->basic->certificates.size() : 0;
  };
  EXPECT_EQ(with(max_ocsp_certificates), max_ocsp_certificates);
  EXPECT_EQ(with(max_ocsp_certificates + 1), 0U);
}

class OcspRequests : public ::testing::Test {
 protected:
  std::shared_ptr<const Certificate> issuer_ =
      parse_certificate(sign(ca_draft("Intermediate", 1, "Root", 0), key(0))).value();
  std::shared_ptr<const Certificate> leaf_ = parse_certificate(sign(leaf_draft(2, "Intermediate", 1), key(1))).value();

  /// A request for `count` certificates, with an extension's DER and what stands behind tbsRequest.
  static Octets request(std::size_t count, const std::optional<DraftExtension>& extension = {},
                        const Octets& behind = {}, const Octets& before = {}) {
    return der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& request) {
        request.sequence([&](der::Writer& tbs) {
          tbs.raw(before);
          tbs.sequence([&](der::Writer& list) {
            for (std::size_t i = 0; i < count; ++i) {
              list.sequence([&](der::Writer& one) { one.raw(cert_id("Intermediate", 1, leaf_serial)); });
            }
          });
          if (!extension) return;
          tbs.context(2, [&](der::Writer& tag) {
            tag.sequence([&](der::Writer& extensions) { extensions.raw(extension->der); });
          });
        });
        request.raw(behind);
      });
    });
  }
  static std::string code_of(const Octets& der) {
    const auto request = parse_ocsp_request(der);
    return request ? "good" : std::string(request.error().rule->code);
  }
  static DraftExtension nonce(std::size_t size) {
    return extension(der::oid::ocspNonce, false,
                     der::make_der([&](der::Writer& out) { out.octet_string(Octets(size, 7)); }));
  }
};

TEST_F(OcspRequests, AreReadAsTheyAreMade) {
  const auto request = parse_ocsp_request(make_ocsp_request(*leaf_, *issuer_)).value();
  ASSERT_EQ(request.certificates.size(), 1U);
  EXPECT_EQ(request.certificates.front(), make_cert_id(*leaf_, *issuer_));
  EXPECT_EQ(request.certificates.front().hash_algorithm, der::oid::sha1);
  EXPECT_EQ(request.certificates.front().issuer_name_hash.size(), 20U);
  EXPECT_EQ(request.certificates.front().serial, leaf_->serial);
  EXPECT_TRUE(request.nonce.empty());
  EXPECT_TRUE(names_issuer(request.certificates.front(), *issuer_));
  EXPECT_TRUE(names_issuer(make_cert_id(*leaf_, *issuer_, crypto::HashAlgorithm::sha256), *issuer_));
  EXPECT_FALSE(names_issuer(request.certificates.front(), *leaf_));
}

TEST_F(OcspRequests, MayHoldANonceANameAndASignature) {
  EXPECT_EQ(parse_ocsp_request(request(1, nonce(32))).value().nonce, Octets(32, 7));
  EXPECT_EQ(code_of(request(1, {}, tagged(0, {0x30, 0x00}), tagged(1, tagged(4, name("client"))))), "good");
  EXPECT_EQ(code_of(request(1, extension(der::make_oid("1.2.3"), false, other_value))), "good");
}

TEST_F(OcspRequests, AreRefusedWhenMalformed) {
  EXPECT_EQ(code_of(request(0)), "der.unexpected_tag");
  EXPECT_EQ(code_of(request(1, extension(der::make_oid("1.2.3"), true, other_value))), "x509.ocsp_request.malformed");
  EXPECT_EQ(code_of(request(1, {}, {}, tagged(0, der_of_integer(0)))), "x509.ocsp_request.malformed");
  EXPECT_EQ(code_of(request(1, {}, {0x05, 0x00})), "der.unexpected_tag");
  EXPECT_EQ(code_of({}), "der.unexpected_tag");
}

TEST_F(OcspRequests, HaveLimits) {
  EXPECT_EQ(code_of(request(max_ocsp_request_certificates)), "good");
  EXPECT_EQ(code_of(request(max_ocsp_request_certificates + 1)), "x509.ocsp_request.too_many");
  EXPECT_EQ(code_of(request(1, nonce(max_ocsp_nonce_octets))), "good");
  EXPECT_EQ(code_of(request(1, nonce(max_ocsp_nonce_octets + 1))), "x509.ocsp_request.malformed");
  EXPECT_EQ(code_of(request(1, nonce(0))), "x509.ocsp_request.malformed");
  const auto of_size = [&](std::size_t size) {
    const std::size_t without = request(1, extension(der::make_oid("1.2.3"), false, Octets(3000))).size();
    const Octets der = request(1, extension(der::make_oid("1.2.3"), false, Octets(3000 + size - without)));
    EXPECT_EQ(der.size(), size);
    return code_of(der);
  };
  EXPECT_EQ(of_size(max_ocsp_request_bytes), "good");
  EXPECT_EQ(of_size(max_ocsp_request_bytes + 1), "x509.ocsp_request.too_large");
}

RC_GTEST_PROP(OcspResponse, CutAnywhereIsRefusedAndChangedAnywhereIsNeverBelieved, ()) {
  static const Octets good = sign(ResponseDraft{});
  static const auto issuer = parse_certificate(sign(ca_draft("Intermediate", 1, "Root", 0), key(0))).value();
  static const auto leaf = parse_certificate(sign(leaf_draft(2, "Intermediate", 1), key(1))).value();
  const auto at = *rc::gen::inRange<std::size_t>(0, good.size());
  RC_ASSERT(!parse_ocsp_response(Bytes(good).first(at)));
  Octets changed = good;
  changed[at] ^= *rc::gen::inRange<std::uint8_t>(1, 255);
  const auto response = parse_ocsp_response(changed);
  if (response) {
    const auto status = check_ocsp_response(*response, *leaf, *issuer, test_now, provider());
    RC_ASSERT(status.state == RevocationState::unknown);
  }
}

}  // namespace
}  // namespace padlock::x509
