// What a strict parser refuses where a lax one shrugs (docs/threats.md, X8): each case is a good certificate with one
// thing wrong in its encoding.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/der/reader.h"
#include "padlock/x509/limits.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::x509 {
namespace {

using namespace testing;

/// "good", or the code of the rule that refuses the certificate.
std::string told(const Draft& draft) {
  const auto certificate = parse_certificate(sign(draft, key(1)));
  return certificate ? "good" : std::string(certificate.error().rule->code);
}

/// The same with one more or another extension of these bytes.
std::string told_with(const der::Oid& oid, const Octets& value, bool critical = false) {
  Draft draft = leaf_draft(2, "Root", 0);
  set_extension(draft, extension(oid, critical, value));
  return told(draft);
}

Octets octets_of(std::string_view hexadecimal) { return from_hex(hexadecimal).value(); }

constexpr std::string_view malformed = rules::malformed_extension.code;

TEST(LaxDer, OfTheOuterStructureIsRefused) {
  Draft trailing = leaf_draft(2, "Root", 0);
  trailing.trailer = {0x00};
  EXPECT_EQ(told(trailing), "der.trailing_bytes");

  const Octets good = sign(leaf_draft(2, "Root", 0), key(1));
  ASSERT_EQ(good[1], 0x82) << "a length of two octets";
  Octets longer = good;  // the same length in three octets
  longer[1] = 0x83;
  longer.insert(longer.begin() + 2, 0x00);
  EXPECT_EQ(parse_certificate(longer).error().rule->code, "der.length");
  Octets indefinite = good;
  indefinite[1] = 0x80;
  EXPECT_EQ(parse_certificate(indefinite).error().rule->code, "der.length");
  EXPECT_FALSE(parse_certificate({}));
}

TEST(LaxDer, OfSerialNumbersIsRefused) {
  const auto serial = [](std::string_view hexadecimal) {
    Draft draft = leaf_draft(2, "Root", 0);
    draft.serial = octets_of(hexadecimal);
    return told(draft);
  };
  EXPECT_EQ(serial("020100"), "good") << "read, but refused in a path";
  EXPECT_EQ(serial("02147f" + std::string(38, 'f')), "good") << "20 octets";
  EXPECT_EQ(serial("0213" + std::string(37, '1') + "1"), "good") << "19 octets";
  EXPECT_EQ(serial("0215" + std::string(42, '1')), rules::serial_number.code) << "21 octets";
  EXPECT_EQ(serial("0215"
                   "00" +
                   std::string(40, 'f')),
            rules::serial_number.code)
      << "21 with the sign octet";
  EXPECT_EQ(serial("0201ff"), rules::serial_number.code) << "negative";
  EXPECT_EQ(serial("02020001"), "der.integer") << "not minimal";
  EXPECT_EQ(serial("0200"), "der.integer") << "empty";
}

TEST(LaxDer, OfTimesIsRefused) {
  const auto not_after = [](std::string_view text, der::Tag tag) {
    Draft draft = leaf_draft(2, "Root", 0);
    draft.validity = der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& times) {
        times.primitive(0x17, as_bytes("260101000000Z"));
        times.primitive(tag, as_bytes(text));
      });
    });
    return told(draft);
  };
  EXPECT_EQ(not_after("270101000000Z", 0x17), "good");
  EXPECT_EQ(not_after("20500101000000Z", 0x18), "good");
  EXPECT_EQ(not_after("99991231235959Z", 0x18), "good") << "no end is known (RFC 5280, section 4.1.2.5)";
  for (const std::string_view text :
       {"2701010000Z", "270101000000", "270101000000+0100", "270101000060Z", "271301000000Z"})
    EXPECT_EQ(not_after(text, 0x17), "der.time") << text;
  for (const std::string_view text : {"20490101000000Z", "20500101000000.5Z", "20500101000000+0000", "205001010000Z"})
    EXPECT_EQ(not_after(text, 0x18), "der.time") << text;
}

TEST(LaxDer, OfBasicConstraintsAndKeyUsageIsRefused) {
  using namespace der::oid;
  EXPECT_EQ(told_with(basicConstraints, octets_of("3000")), "good");
  EXPECT_EQ(told_with(basicConstraints, octets_of("30060101ff020100")), "good");
  EXPECT_EQ(told_with(basicConstraints, octets_of("3003010100")), malformed) << "a default written out";
  EXPECT_EQ(told_with(basicConstraints, octets_of("3003010101")), "der.boolean") << "TRUE is FF";
  EXPECT_EQ(told_with(basicConstraints, octets_of("30060101ff0201ff")), "der.integer_range");
  EXPECT_EQ(told_with(basicConstraints, octets_of("30050101ff0201")), "der.truncated");
  EXPECT_EQ(told_with(basicConstraints, octets_of("300000")), "der.trailing_bytes");
  EXPECT_EQ(told_with(keyUsage, octets_of("03020780")), "good");
  EXPECT_EQ(told_with(keyUsage, octets_of("030100")), malformed) << "no bit is set";
  EXPECT_EQ(told_with(keyUsage, octets_of("03020781")), "der.bit_string") << "an unused bit is set";
  EXPECT_EQ(told_with(keyUsage, octets_of("03020880")), "der.bit_string");
}

TEST(LaxDer, OfNamesIsRefused) {
  using namespace der::oid;
  EXPECT_EQ(told_with(subjectAltName, octets_of("3000")), "der.unexpected_tag") << "an empty list";
  EXPECT_EQ(told_with(subjectAltName, octets_of("3003820161")), "good");
  EXPECT_EQ(told_with(subjectAltName, octets_of("30038201c3")), rules::malformed_name.code) << "no IA5String";
  EXPECT_EQ(told_with(subjectAltName, octets_of("3003a20161")), rules::malformed_name.code) << "constructed";
  EXPECT_EQ(told_with(subjectAltName, octets_of("30038901ff")), rules::malformed_name.code) << "no such form";
  EXPECT_EQ(told_with(subjectAltName, octets_of("30020c00")), rules::malformed_name.code) << "no context tag";
  EXPECT_EQ(told_with(subjectAltName, octets_of("3003880180")), rules::malformed_name.code) << "no identifier";
  EXPECT_EQ(told_with(subjectAltName, octets_of("3005a003020101")), "good") << "otherName is passed over";
  EXPECT_EQ(told_with(subjectAltName, octets_of("3004a3020201")), "der.truncated") << "but must be DER";
  EXPECT_EQ(told_with(subjectAltName, octets_of("3004a4020201")), "der.unexpected_tag");
  EXPECT_EQ(told_with(subjectAltName, octets_of("3004a4023000")), "good");
  EXPECT_EQ(told_with(extKeyUsage, octets_of("3000")), "der.unexpected_tag");
  EXPECT_EQ(told_with(extKeyUsage, octets_of("300306012b")), "good");
}

TEST(LaxDer, OfNameConstraintsIsRefused) {
  using namespace der::oid;
  EXPECT_EQ(told_with(nameConstraints,
                      octets_of("3007a00530038201"
                                "61"),
                      true),
            "good");
  EXPECT_EQ(told_with(nameConstraints, octets_of("3000"), true), malformed);
  EXPECT_EQ(told_with(nameConstraints, octets_of("3002a000"), true), "der.unexpected_tag") << "an empty list";
  EXPECT_EQ(told_with(nameConstraints, octets_of("300aa0083006820161800100"), true), malformed) << "minimum";
  EXPECT_EQ(told_with(nameConstraints, octets_of("300aa0083006820161810105"), true), malformed) << "maximum";
}

TEST(LaxDer, OfKeyIdentifiersAndPointersIsRefused) {
  using namespace der::oid;
  EXPECT_EQ(told_with(subjectKeyIdentifier, octets_of("0400")), malformed);
  EXPECT_EQ(told_with(authorityKeyIdentifier, octets_of("3000")), "good") << "read, but refused in a path";
  EXPECT_EQ(told_with(authorityKeyIdentifier, octets_of("3003820101")), malformed) << "a serial without issuer";
  EXPECT_EQ(told_with(authorityInfoAccess, octets_of("3000")), "der.unexpected_tag");
  EXPECT_EQ(told_with(cRLDistributionPoints, octets_of("3000")), "der.unexpected_tag");
  EXPECT_EQ(told_with(cRLDistributionPoints, octets_of("30023000")), "good");
  EXPECT_EQ(told_with(tlsFeature, octets_of("3003020105")), "good");
  EXPECT_EQ(told_with(tlsFeature, octets_of("30050203010000")), "der.integer_range");
}

TEST(LaxDer, WithAWrittenDefaultOfCriticalIsRefused) {
  Draft draft = leaf_draft(2, "Root", 0);
  draft.extensions.push_back({der::make_oid("1.2.3"), der::make_der([](der::Writer& out) {
                                out.sequence([](der::Writer& fields) {
                                  fields.object_identifier(der::make_oid("1.2.3"));
                                  fields.boolean(false);
                                  fields.octet_string(Octets{});
                                });
                              })});
  EXPECT_EQ(told(draft), malformed);
}

TEST(CertificateNames, AreWrittenForPeopleWhateverTheyHold) {
  const auto subject = [](const Octets& der) {
    Draft draft = leaf_draft(2, "Root", 0);
    draft.subject = der;
    const auto certificate = parse_certificate(sign(draft, key(1)));
    return certificate ? (*certificate)->subject.text() : std::string(certificate.error().rule->code);
  };
  const auto value = [](der::Tag tag, std::string_view content, const der::Oid& type = der::oid::commonName) {
    return der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& names) {
        names.set([&](der::Writer& set) {
          set.sequence([&](der::Writer& attribute) {
            attribute.object_identifier(type);
            attribute.primitive(tag, as_bytes(content));
          });
        });
      });
    });
  };
  EXPECT_EQ(subject(name("A, B+C \"x\" <y>;=")), "CN=A\\, B\\+C \\\"x\\\" \\<y\\>\\;\\=");
  EXPECT_EQ(subject(name(" a ")), "CN=\\ a\\ ");
  EXPECT_EQ(subject(name("\x1b[2J")), "CN=\\x1b[2J");
  EXPECT_EQ(subject(value(der::tag::bmp_string, std::string_view("\0A\0B", 4))), "CN=AB");
  EXPECT_EQ(subject(value(der::tag::bmp_string, std::string_view("\0A\0", 3))), rules::malformed_name.code)
      << "half a character";
  EXPECT_EQ(subject(value(der::tag::universal_string, std::string_view("\0\0\0A", 4))), "CN=A");
  EXPECT_EQ(subject(value(der::tag::universal_string, "\x7f\x7f\x7f\x7f")), rules::malformed_name.code);
  EXPECT_EQ(subject(value(der::tag::printable_string, "\xe4")), rules::malformed_name.code);
  EXPECT_EQ(subject(value(der::tag::teletex_string, "\xe4")), "CN=\\xc3\\xa4");
  EXPECT_EQ(subject(value(der::tag::integer, "\x05")), rules::malformed_name.code) << "a common name is a string";
  EXPECT_EQ(subject(value(der::tag::integer, "\x05", der::make_oid("1.2.3.4"))), "1.2.3.4=#020105");
  EXPECT_EQ(subject(value(der::tag::context(5), "x", der::make_oid("1.2.3.4"))), rules::malformed_name.code);
  EXPECT_EQ(subject(name("server", der::make_oid("1.2.3.4"))), "1.2.3.4=server");
}

TEST(CertificateNames, HoldGoodUtf8Alone) {
  const auto subject = [](std::string_view text) {
    Draft draft = leaf_draft(2, "Root", 0);
    draft.subject = name(text);
    return told(draft);
  };
  for (const std::string_view text : {"plain", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x94\x92", "\xf4\x8f\xbf\xbf"})
    EXPECT_EQ(subject(text), "good") << text;
  for (const std::string_view text : {"\x80", "\xc3", "\xc3\x28", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff"})
    EXPECT_EQ(subject(text), rules::malformed_name.code) << escaped(text);
}

TEST(CertificateNames, HaveALimitOfParts) {
  const auto parts = [](std::size_t count) {
    const Octets one = name("x");
    Draft draft = leaf_draft(2, "Root", 0);
    draft.subject = der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& names) {
        for (std::size_t i = 0; i < count; ++i) names.raw(Bytes(one).subspan(2));
      });
    });
    return told(draft);
  };
  EXPECT_EQ(parts(max_relative_names - 1), "good");
  EXPECT_EQ(parts(max_relative_names), "good");
  EXPECT_EQ(parts(max_relative_names + 1), rules::malformed_name.code);
}

TEST(CertificateSize, HasALimit) {
  const auto of_size = [](std::size_t size) {
    // The padding's own length fields stay the same near the limit.
    Draft draft = leaf_draft(2, "Root", 0);
    Octets padding(size - 1000, 0xaa);
    set_extension(draft, extension(der::make_oid("1.2.3"), false, padding));
    Octets der = sign(draft, key(1));
    while (der.size() != size) {
      padding.resize(padding.size() + size - der.size());
      set_extension(draft, extension(der::make_oid("1.2.3"), false, padding));
      der = sign(draft, key(1));
    }
    const auto certificate = parse_certificate(der);
    return certificate ? "good" : std::string(certificate.error().rule->code);
  };
  EXPECT_EQ(of_size(max_certificate_bytes - 1), "good");
  EXPECT_EQ(of_size(max_certificate_bytes), "good");
  EXPECT_EQ(of_size(max_certificate_bytes + 1), rules::certificate_too_large.code);
}

RC_GTEST_PROP(Certificate, ReadWithAnyOctetChangedNeverCrashesAndKeepsItsBytes, ()) {
  static const Octets good = sign(leaf_draft(2, "Root", 0), key(1));
  Octets changed = good;
  for (int i = *rc::gen::inRange(1, 4); i > 0; --i)
    changed[*rc::gen::inRange<std::size_t>(0, good.size())] = *rc::gen::arbitrary<std::uint8_t>();
  const auto certificate = parse_certificate(changed);
  if (certificate) RC_ASSERT((*certificate)->der == changed);
}

}  // namespace
}  // namespace padlock::x509
