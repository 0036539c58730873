#include "padlock/x509/issue.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "padlock/der/writer.h"
#include "padlock/x509/issue_rules.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::x509 {
namespace {

constexpr std::size_t serial_length = 16;

/// Who stands in the certificate as its issuer.
struct IssuerNames {
  Bytes name;            ///< DER
  Bytes key_identifier;  ///< empty: no authorityKeyIdentifier
};

struct SignatureAlgorithm {
  crypto::SignatureScheme scheme;
  der::Oid oid;
};
constexpr std::array signature_algorithms{
    SignatureAlgorithm{crypto::SignatureScheme::ecdsa_secp256r1_sha256, der::oid::ecdsaWithSHA256},
    SignatureAlgorithm{crypto::SignatureScheme::ecdsa_secp384r1_sha384, der::oid::ecdsaWithSHA384},
    SignatureAlgorithm{crypto::SignatureScheme::ecdsa_secp521r1_sha512, der::oid::ecdsaWithSHA512},
    SignatureAlgorithm{crypto::SignatureScheme::ed25519, der::oid::ed25519},
};

Result<SignatureAlgorithm> choose_algorithm(const crypto::PrivateKey& key) {
  for (const crypto::SignatureScheme scheme : key.schemes()) {
    const auto* found = std::ranges::find(signature_algorithms, scheme, &SignatureAlgorithm::scheme);
    if (found != signature_algorithms.end()) return *found;
  }
  return broken(rules::unsupported_issuer_key, "the issuer's key signs none of the schemes for certificates");
}

void write_extension(der::Writer& out, const der::Oid& oid, bool critical, auto&& value) {
  out.sequence([&](der::Writer& extension) {
    extension.object_identifier(oid);
    if (critical) extension.boolean(true);  // DEFAULT FALSE is left out (X.690, section 11.5)
    extension.octet_string_of(value);
  });
}

/// GeneralName (RFC 5280, section 4.2.1.6): a directoryName's Name is a CHOICE, so its tag is explicit.
void write_general_name(der::Writer& out, const GeneralName& name) {
  const auto number = static_cast<unsigned>(name.form);
  if (name.form == GeneralNameForm::directoryName) {
    out.context(number, [&](der::Writer& body) { body.raw(name.value); });
  } else {
    out.context_primitive(number, name.value);
  }
}

void write_subtrees(der::Writer& out, unsigned number, std::span<const GeneralName> names) {
  if (names.empty()) return;
  out.context(number, [&](der::Writer& subtrees) {
    for (const GeneralName& name : names) {
      subtrees.sequence([&](der::Writer& subtree) { write_general_name(subtree, name); });
    }
  });
}

void write_basic_constraints(der::Writer& out, const BasicConstraints& basic) {
  write_extension(out, der::oid::basicConstraints, true, [&](der::Writer& value) {
    value.sequence([&](der::Writer& body) {
      body.boolean(true);
      if (basic.path_length) body.integer(*basic.path_length);
    });
  });
}

/// What the template asks for (RFC 5280, sections 4.2.1.3 to 4.2.1.12), in the order of its fields.
void write_wanted_extensions(der::Writer& out, const CertificateTemplate& wanted, bool subject_is_empty) {
  if (wanted.basic_constraints && wanted.basic_constraints->ca) write_basic_constraints(out, *wanted.basic_constraints);
  if (wanted.key_usage != 0) {
    write_extension(out, der::oid::keyUsage, true, [&](der::Writer& value) { value.named_bits(wanted.key_usage); });
  }
  if (!wanted.extended_key_usage.empty()) {
    write_extension(out, der::oid::extKeyUsage, false, [&](der::Writer& value) {
      value.sequence([&](der::Writer& purposes) {
        for (const der::Oid& purpose : wanted.extended_key_usage) purposes.object_identifier(purpose);
      });
    });
  }
  if (!wanted.subject_alternative_names.empty()) {
    write_extension(out, der::oid::subjectAltName, subject_is_empty, [&](der::Writer& value) {
      value.sequence([&](der::Writer& names) {
        for (const GeneralName& name : wanted.subject_alternative_names) write_general_name(names, name);
      });
    });
  }
  if (wanted.name_constraints) {
    write_extension(out, der::oid::nameConstraints, true, [&](der::Writer& value) {
      value.sequence([&](der::Writer& body) {
        write_subtrees(body, 0, wanted.name_constraints->permitted);
        write_subtrees(body, 1, wanted.name_constraints->excluded);
      });
    });
  }
}

bool is_empty_name(Bytes name) { return name.size() == 2; }

/// Extensions, with the key identifiers that path building goes by (RFC 5280, sections 4.2.1.1 and 4.2.1.2).
void write_extensions(der::Writer& out, const CertificateTemplate& wanted, const crypto::PublicKeyParts& subject_key,
                      const IssuerNames& issuer) {
  out.context(3, [&](der::Writer& explicit_tag) {
    explicit_tag.sequence([&](der::Writer& extensions) {
      write_wanted_extensions(extensions, wanted, is_empty_name(wanted.subject));
      write_extension(extensions, der::oid::subjectKeyIdentifier, false,
                      [&](der::Writer& value) { value.octet_string(key_identifier_of(subject_key)); });
      if (issuer.key_identifier.empty()) return;
      write_extension(extensions, der::oid::authorityKeyIdentifier, false, [&](der::Writer& value) {
        value.sequence([&](der::Writer& body) { body.context_primitive(0, issuer.key_identifier); });
      });
    });
  });
}

/// TBSCertificate (RFC 5280, section 4.1), in its order.
std::vector<std::uint8_t> make_tbs(const CertificateTemplate& wanted, Bytes serial, const der::Oid& signature,
                                   const crypto::PublicKeyParts& subject_key, const IssuerNames& issuer) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& tbs) {
      tbs.context(0, [](der::Writer& version) { version.integer(2); });  // v3
      tbs.unsigned_integer(serial);
      tbs.sequence([&](der::Writer& algorithm) { algorithm.object_identifier(signature); });
      tbs.raw(issuer.name);
      tbs.sequence([&](der::Writer& validity) {
        validity.time(wanted.not_before);
        validity.time(wanted.not_after);
      });
      tbs.raw(wanted.subject);
      write_subject_public_key_info(tbs, subject_key);
      write_extensions(tbs, wanted, subject_key, issuer);
    });
  });
}

/// 128 random bits; 0 would not be positive (RFC 5280, section 4.1.2.2).
Result<std::array<std::uint8_t, serial_length>> make_serial(crypto::Provider& provider) {
  std::array<std::uint8_t, serial_length> serial{};
  PADLOCK_TRY(provider.random(serial));
  if (std::ranges::count(serial, 0) == serial_length) serial.back() = 1;
  return serial;
}

Result<void> check_template(const CertificateTemplate& wanted) {
  const auto refuse = [](std::string what) { return broken(rules::bad_template, std::move(what)); };
  if (wanted.subject.size() < 2) return refuse("the subject is no Name");
  if (wanted.not_after < wanted.not_before) {
    return refuse("it would end " + padlock::to_string(wanted.not_after) + ", before it begins " +
                  padlock::to_string(wanted.not_before));
  }
  const bool ca = wanted.basic_constraints && wanted.basic_constraints->ca;
  if (is_empty_name(wanted.subject) && (ca || wanted.subject_alternative_names.empty())) {
    return refuse("the subject is empty, which only a leaf with alternative names may have");
  }
  if (!ca && (wanted.name_constraints || (wanted.key_usage & static_cast<unsigned>(KeyUsage::keyCertSign)) != 0)) {
    return refuse("keyCertSign and name constraints are for CAs");
  }
  if (wanted.name_constraints && wanted.name_constraints->permitted.empty() &&
      wanted.name_constraints->excluded.empty()) {
    return refuse("name constraints that constrain nothing");
  }
  return {};
}

Result<void> check_issuer(const CertificateTemplate& wanted, const Issuer& issuer) {
  const Certificate& ca = issuer.certificate;
  const bool may_sign = !ca.key_usage || (*ca.key_usage & static_cast<unsigned>(KeyUsage::keyCertSign)) != 0;
  if (!ca.basic_constraints || !ca.basic_constraints->ca || !may_sign) {
    return broken(rules::issuer_is_no_ca, ca.subject.text() + " may not sign certificates");
  }
  if (!same_public_key(ca.public_key, issuer.key.public_key().parts())) {
    return broken(rules::issuer_key_mismatch, "the key is not that of " + ca.subject.text());
  }
  if (wanted.basic_constraints && wanted.basic_constraints->ca && ca.basic_constraints->path_length) {
    const std::uint32_t most = *ca.basic_constraints->path_length;
    const auto& below = wanted.basic_constraints->path_length;
    if (most == 0 || !below || *below >= most) {
      return broken(rules::path_length_exceeded, ca.subject.text() + " has a path length of " + std::to_string(most));
    }
  }
  if (wanted.not_before < ca.not_before || wanted.not_after > ca.not_after) {
    return broken(rules::outlives_issuer, "its life from " + padlock::to_string(wanted.not_before) + " to " +
                                              padlock::to_string(wanted.not_after) + " is not within that of " +
                                              ca.subject.text() + ", which ends " + padlock::to_string(ca.not_after));
  }
  return {};
}

Result<std::vector<std::uint8_t>> sign(const CertificateTemplate& wanted, const crypto::PublicKeyParts& subject_key,
                                       const IssuerNames& issuer, const crypto::PrivateKey& key,
                                       crypto::Provider& provider) {
  const SignatureAlgorithm algorithm = PADLOCK_TRY(choose_algorithm(key));
  const auto serial = PADLOCK_TRY(make_serial(provider));
  const std::vector<std::uint8_t> tbs = make_tbs(wanted, serial, algorithm.oid, subject_key, issuer);
  const std::vector<std::uint8_t> signature = PADLOCK_TRY(key.sign(algorithm.scheme, tbs));
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& certificate) {
      certificate.raw(tbs);
      certificate.sequence([&](der::Writer& body) { body.object_identifier(algorithm.oid); });
      certificate.bit_string(signature);
    });
  });
}

}  // namespace

std::vector<std::uint8_t> make_name(std::span<const NameAttribute> attributes) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& name) {
      for (const NameAttribute& attribute : attributes) {
        name.set([&](der::Writer& relative) {
          relative.sequence([&](der::Writer& body) {
            body.object_identifier(attribute.type);
            body.utf8_string(attribute.text);
          });
        });
      }
    });
  });
}

Result<std::vector<std::uint8_t>> issue_certificate(const CertificateTemplate& wanted,
                                                    const crypto::PublicKeyParts& subject_key, const Issuer& issuer,
                                                    crypto::Provider& provider) {
  PADLOCK_TRY(check_template(wanted));
  PADLOCK_TRY(check_issuer(wanted, issuer));
  const IssuerNames names{issuer.certificate.subject.der, issuer.certificate.subject_key_identifier};
  return sign(wanted, subject_key, names, issuer.key, provider);
}

Result<std::vector<std::uint8_t>> issue_self_signed(const CertificateTemplate& wanted, const crypto::PrivateKey& key,
                                                    crypto::Provider& provider) {
  PADLOCK_TRY(check_template(wanted));
  const crypto::PublicKeyParts& own = key.public_key().parts();
  return sign(wanted, own, {wanted.subject, key_identifier_of(own)}, key, provider);
}

}  // namespace padlock::x509
