#include "padlock/x509/certification_request.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>

#include "padlock/x509/limits.h"
#include "padlock/x509/request_rules.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

const Octets other_value = der::make_der([](der::Writer& out) { out.null(); });

Octets attribute(const der::Oid& type, const std::vector<Octets>& values) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& body) {
      body.object_identifier(type);
      body.set([&](der::Writer& set) {
        for (const Octets& value : values) set.raw(value);
      });
    });
  });
}

struct RequestDraft {
  unsigned version = 0;
  Octets subject = name("");
  Octets public_key_info = testing::public_key_info(key(2).public_key().parts());
  std::vector<DraftExtension> extensions{subject_alternative_name({dns("example.test")})};
  std::vector<Octets> attributes{};  ///< beside extensionRequest
  bool without_attributes = false;
  Octets signature_algorithm = algorithm(der::oid::ecdsaWithSHA256);
  Octets trailer{};
};

Octets extension_request(const std::vector<DraftExtension>& extensions) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& list) {
      for (const DraftExtension& one : extensions) list.raw(one.der);
    });
  });
}

Octets sign(const RequestDraft& draft, std::size_t signer = 2) {
  const Octets info = der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& body) {
      body.integer(draft.version);
      body.raw(draft.subject);
      body.raw(draft.public_key_info);
      if (draft.without_attributes) return;
      body.context(0, [&](der::Writer& set) {
        if (!draft.extensions.empty())
          set.raw(attribute(der::oid::extensionRequest, {extension_request(draft.extensions)}));
        for (const Octets& one : draft.attributes) set.raw(one);
      });
    });
  });
  const auto signature = key(signer).sign(key(signer).schemes().front(), info).value();
  Octets der = der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& request) {
      request.raw(info);
      request.raw(draft.signature_algorithm);
      request.bit_string(signature);
    });
  });
  der.insert(der.end(), draft.trailer.begin(), draft.trailer.end());
  return der;
}

std::string told(const RequestDraft& draft, std::size_t signer = 2) {
  const auto request = parse_certification_request(sign(draft, signer));
  if (!request) return std::string(request.error().rule->code);
  const auto good = verify_request(**request, provider());
  return good ? "good" : std::string(good.error().rule->code);
}

TEST(CertificationRequest, HoldsWhatIsAskedFor) {
  RequestDraft draft;
  draft.subject = name("example.test");
  draft.extensions = {subject_alternative_name({dns("example.test"), ip("192.0.2.1")}),
                      basic_constraints(true, 1),
                      key_usage(sign_bit),
                      extended_key_usage({der::oid::serverAuth}),
                      extension_of(der::oid::tlsFeature, false, [](der::Writer& out) { out.integer(5); }),
                      extension(der::make_oid("1.2.3"), true, other_value)};
  const auto request = parse_certification_request(sign(draft)).value();
  EXPECT_EQ(request->subject.common_name(), "example.test");
  ASSERT_EQ(request->subject_alternative_names.size(), 2U);
  EXPECT_EQ(as_text(request->subject_alternative_names[0].value), "example.test");
  EXPECT_TRUE(request->asks_for_ca());
  EXPECT_EQ(request->basic_constraints->path_length, 1U);
  EXPECT_EQ(request->key_usage, sign_bit);
  EXPECT_EQ(request->extended_key_usage, std::vector<der::Oid>{der::oid::serverAuth});
  EXPECT_TRUE(request->must_staple);
  EXPECT_EQ(request->unknown_critical_extensions, std::vector<std::string>{"1.2.3"});
  EXPECT_EQ(request->extensions.size(), 6U);
  EXPECT_EQ(request->subject_public_key_info, public_key_info(key(2).public_key().parts()));
  EXPECT_TRUE(verify_request(*request, provider()));
}

TEST(CertificationRequest, ProvesThatItsMakerHasTheKey) {
  EXPECT_EQ(told({}), "good");
  EXPECT_EQ(told({}, 3), "x509.request.bad_signature");
  RequestDraft weak;
  weak.signature_algorithm = algorithm(der::oid::sha1WithRSAEncryption, true);
  EXPECT_EQ(told(weak), "x509.request.weak_signature");
  RequestDraft off_curve;  // the point's last octet is another
  off_curve.public_key_info.back() ^= 1;
  EXPECT_EQ(told(off_curve), "x509.request.bad_signature");
}

struct Case {
  std::string_view name;
  std::string_view expected;
  std::function<void(RequestDraft&)> change;
};

Octets ec_key_with(const Octets& parameters) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& info) {
      info.sequence([&](der::Writer& algorithm) {
        algorithm.object_identifier(der::oid::ecPublicKey);
        algorithm.raw(parameters);
      });
      info.bit_string(Octets(65, 4));
    });
  });
}

TEST(CertificationRequest, IsRefusedForItsFault) {
  const auto rsa = [](std::size_t octets, std::uint8_t exponent) {
    return public_key_info(crypto::RsaPublicKey{Octets(octets, 0xff), {exponent}});
  };
  const std::vector<Case> cases{
      {"without names", "good", [](RequestDraft& d) { d.extensions.clear(); }},
      {"with a password and notes", "good",
       [](RequestDraft& d) {
         d.attributes = {attribute(der::oid::challengePassword, {{0x0c, 0x01, 0x61}}),
                         attribute(der::make_oid("1.2.3"), {other_value, other_value})};
       }},
      {"version 2", "x509.request.malformed", [](RequestDraft& d) { d.version = 1; }},
      {"attributes left out", "der.unexpected_tag", [](RequestDraft& d) { d.without_attributes = true; }},
      {"an attribute without a value", "x509.request.malformed",
       [](RequestDraft& d) { d.attributes = {attribute(der::make_oid("1.2.3"), {})}; }},
      {"an attribute twice", "x509.request.malformed",
       [](RequestDraft& d) {
         d.attributes = {attribute(der::make_oid("1.2.3"), {other_value}),
                         attribute(der::make_oid("1.2.3"), {other_value})};
       }},
      {"extensionRequest twice", "x509.request.malformed",
       [](RequestDraft& d) {
         d.attributes = {attribute(der::oid::extensionRequest, {extension_request({basic_constraints(true)})})};
       }},
      {"extensionRequest with two values", "der.trailing_bytes",
       [](RequestDraft& d) {
         d.extensions.clear();
         const Octets one = extension_request({basic_constraints(false)});
         d.attributes = {attribute(der::oid::extensionRequest, {one, one})};
       }},
      {"an extension twice", "x509.extension.duplicate",
       [](RequestDraft& d) { d.extensions.push_back(d.extensions.front()); }},
      {"a malformed host", "x509.name.malformed",
       [](RequestDraft& d) { d.extensions = {subject_alternative_name({dns("a..b")})}; }},
      {"an address of 5 octets", "x509.name.malformed",
       [](RequestDraft& d) {
         d.extensions = {subject_alternative_name({{GeneralNameForm::iPAddress, {1, 2, 3, 4, 5}}})};
       }},
      {"RSA of 1024 bits", "x509.certificate.unsupported_key",
       [&](RequestDraft& d) { d.public_key_info = rsa(128, 3); }},
      {"RSA of 8200 bits", "x509.certificate.unsupported_key",
       [&](RequestDraft& d) { d.public_key_info = rsa(1025, 3); }},
      {"RSA with e = 1", "x509.certificate.unsupported_key", [&](RequestDraft& d) { d.public_key_info = rsa(256, 1); }},
      {"RSA with e = 2", "x509.certificate.unsupported_key", [&](RequestDraft& d) { d.public_key_info = rsa(256, 2); }},
      {"an explicit curve", "x509.certificate.unsupported_key",
       [](RequestDraft& d) { d.public_key_info = ec_key_with({0x30, 0x03, 0x02, 0x01, 0x01}); }},
      {"secp256k1", "x509.certificate.unsupported_key",
       [](RequestDraft& d) { d.public_key_info = ec_key_with({0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a}); }},
      {"DSA", "x509.certificate.unsupported_key",
       [](RequestDraft& d) {
         d.public_key_info = der::make_der([](der::Writer& out) {
           out.sequence([](der::Writer& info) {
             info.raw(algorithm(der::make_oid("1.2.840.10040.4.1")));
             info.bit_string(Octets{0x02, 0x01, 0x05});
           });
         });
       }},
      {"bytes behind it", "der.trailing_bytes", [](RequestDraft& d) { d.trailer = {0x05, 0x00}; }},
  };
  for (const Case& one : cases) {
    RequestDraft draft;
    one.change(draft);
    EXPECT_EQ(told(draft), one.expected) << one.name;
  }
}

TEST(CertificationRequest, IsReadAsItIsMadeWithEachKindOfKey) {
  const std::vector<GeneralName> names{dns("example.test"), dns("*.example.test"), ip("2001:db8::1")};
  for (const auto kind : {crypto::KeyKind::ecdsa_p256, crypto::KeyKind::ecdsa_p384, crypto::KeyKind::ecdsa_p521,
                          crypto::KeyKind::ed25519, crypto::KeyKind::rsa_2048}) {
    const auto key = make_key(kind);
    const auto request = parse_certification_request(make_certification_request(names, *key).value()).value();
    EXPECT_TRUE(verify_request(*request, provider()));
    EXPECT_TRUE(request->subject.empty());
    EXPECT_TRUE(same_public_key(request->public_key, key->public_key().parts()));
    ASSERT_EQ(request->subject_alternative_names.size(), 3U);
    EXPECT_EQ(request->subject_alternative_names[2].value, names[2].value);
    EXPECT_FALSE(request->asks_for_ca());
  }
  EXPECT_TRUE(parse_certification_request(make_certification_request({}, key(2)).value()));
}

TEST(CertificationRequest, IsReadFromPemToo) {
  const Octets der = sign(RequestDraft{});
  for (const char* const label : {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"})
    EXPECT_EQ(read_certification_request(as_bytes(der::write_pem(label, der))).value()->der, der);
  EXPECT_EQ(read_certification_request(der).value()->der, der);
  const std::string two = der::write_pem("CERTIFICATE REQUEST", der) + der::write_pem("CERTIFICATE REQUEST", der);
  EXPECT_EQ(read_certification_request(as_bytes(two)).error().rule, &rules::malformed_request);
  EXPECT_EQ(read_certification_request(as_bytes(der::write_pem("CERTIFICATE", der))).error().rule,
            &rules::malformed_request);
  EXPECT_EQ(read_certification_request(Octets(2 * max_request_bytes + 1)).error().rule, &rules::request_too_large);
}

TEST(CertificationRequest, HasALimit) {
  const auto of_size = [](std::size_t size) {
    RequestDraft draft;
    Octets padding(size - 1000, 0xaa);
    Octets der;
    while (der.size() != size) {
      if (!der.empty()) padding.resize(padding.size() + size - der.size());
      draft.extensions = {extension(der::make_oid("1.2.3"), false, padding)};
      der = sign(draft);
    }
    const auto request = parse_certification_request(der);
    return request ? "good" : std::string(request.error().rule->code);
  };
  EXPECT_EQ(of_size(max_request_bytes - 1), "good");
  EXPECT_EQ(of_size(max_request_bytes), "good");
  EXPECT_EQ(of_size(max_request_bytes + 1), rules::request_too_large.code);
}

TEST(RequestRules, AreEachProvokedByATest) {
  EXPECT_EQ(rules::requests.size(), 4U) << "too_large, malformed, weak_signature, bad_signature: above";
  for (const Rule* rule : rules::requests) EXPECT_FALSE(rule->hint.empty()) << rule->code;
}

RC_GTEST_PROP(CertificationRequest, CutAnywhereIsRefusedAndChangedAnywhereIsNoProof, ()) {
  static const Octets good = sign(RequestDraft{});
  const auto at = *rc::gen::inRange<std::size_t>(0, good.size());
  RC_ASSERT(!parse_certification_request(Bytes(good).first(at)));
  Octets changed = good;
  changed[at] ^= *rc::gen::inRange<std::uint8_t>(1, 255);
  const auto request = parse_certification_request(changed);
  if (request) RC_ASSERT(!verify_request(**request, provider()));
}

}  // namespace
}  // namespace padlock::x509
