#include "padlock/x509/issue.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "padlock/der/writer.h"
#include "padlock/x509/issue_parts.h"
#include "padlock/x509/issue_rules.h"
#include "padlock/x509/public_key_info.h"

namespace padlock::x509 {
namespace {

constexpr std::size_t serial_length = 16;
constexpr std::uint64_t status_request = 5;  // the TLS extension's number (RFC 7633, section 6)

std::vector<std::uint8_t> octets(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }

/// Who stands in the certificate as its issuer.
struct IssuerNames {
  Bytes name;            ///< DER
  Bytes key_identifier;  ///< empty: no authorityKeyIdentifier
};

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
  if (!wanted.subject_alternative_names.empty())
    write_subject_alternative_name(out, wanted.subject_alternative_names, subject_is_empty);
  if (wanted.name_constraints) {
    write_extension(out, der::oid::nameConstraints, true, [&](der::Writer& value) {
      value.sequence([&](der::Writer& body) {
        write_subtrees(body, 0, wanted.name_constraints->permitted);
        write_subtrees(body, 1, wanted.name_constraints->excluded);
      });
    });
  }
}

/// What the certificate proves to an ACME server (RFC 8737, section 3).
void write_acme_identifier(der::Writer& out, Bytes digest) {
  if (digest.empty()) return;
  write_extension(out, der::oid::acmeIdentifier, true, [&](der::Writer& value) { value.octet_string(digest); });
}

/// Where to ask for more, and what a verifier must ask for (RFC 5280, sections 4.2.1.13 and 4.2.2.1; RFC 7633;
/// RFC 6960, section 4.2.2.2.1).
void write_revocation_extensions(der::Writer& out, const CertificateTemplate& wanted) {
  if (!wanted.crl_url.empty()) {
    write_extension(out, der::oid::cRLDistributionPoints, false, [&](der::Writer& value) {
      value.sequence([&](der::Writer& points) {
        points.sequence([&](der::Writer& point) { write_distribution_point_name(point, wanted.crl_url); });
      });
    });
  }
  const auto access = [](der::Writer& list, const der::Oid& method, std::string_view url) {
    if (url.empty()) return;
    list.sequence([&](der::Writer& description) {
      description.object_identifier(method);
      write_general_name(description, {GeneralNameForm::uniformResourceIdentifier, octets(url)});
    });
  };
  if (!wanted.ocsp_url.empty() || !wanted.ca_issuers_url.empty()) {
    write_extension(out, der::oid::authorityInfoAccess, false, [&](der::Writer& value) {
      value.sequence([&](der::Writer& list) {
        access(list, der::oid::ocsp, wanted.ocsp_url);
        access(list, der::oid::caIssuers, wanted.ca_issuers_url);
      });
    });
  }
  if (wanted.must_staple) {
    write_extension(out, der::oid::tlsFeature, false, [](der::Writer& value) {
      value.sequence([](der::Writer& features) { features.integer(status_request); });
    });
  }
  if (wanted.ocsp_no_check)
    write_extension(out, der::oid::ocspNoCheck, false, [](der::Writer& value) { value.null(); });
}

bool is_empty_name(Bytes name) { return name.size() == 2; }

/// Extensions, with the key identifiers that path building goes by (RFC 5280, sections 4.2.1.1 and 4.2.1.2).
void write_extensions(der::Writer& out, const CertificateTemplate& wanted, const crypto::PublicKeyParts& subject_key,
                      const IssuerNames& issuer) {
  out.context(3, [&](der::Writer& explicit_tag) {
    explicit_tag.sequence([&](der::Writer& extensions) {
      write_wanted_extensions(extensions, wanted, is_empty_name(wanted.subject));
      write_acme_identifier(extensions, wanted.acme_identifier);
      write_revocation_extensions(extensions, wanted);
      write_extension(extensions, der::oid::subjectKeyIdentifier, false,
                      [&](der::Writer& value) { value.octet_string(key_identifier_of(subject_key)); });
      write_authority_key_identifier(extensions, issuer.key_identifier);
    });
  });
}

/// TBSCertificate (RFC 5280, section 4.1), in its order.
std::vector<std::uint8_t> make_tbs(const CertificateTemplate& wanted, Bytes serial, const SignatureAlgorithm& signature,
                                   const crypto::PublicKeyParts& subject_key, const IssuerNames& issuer) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& tbs) {
      tbs.context(0, [](der::Writer& version) { version.integer(2); });  // v3
      tbs.unsigned_integer(serial);
      write_signature_algorithm(tbs, signature);
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
  for (const std::string& url : {wanted.crl_url, wanted.ocsp_url, wanted.ca_issuers_url}) {
    if (!is_http_url(url)) return refuse("the URL " + escaped(url) + " is not http");
  }
  const bool responder =
      std::ranges::find(wanted.extended_key_usage, der::oid::ocspSigning) != wanted.extended_key_usage.end();
  if (wanted.ocsp_no_check && !responder) return refuse("id-pkix-ocsp-nocheck is for those who sign OCSP responses");
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
  return sign_tbs(make_tbs(wanted, serial, algorithm, subject_key, issuer), algorithm, key);
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
