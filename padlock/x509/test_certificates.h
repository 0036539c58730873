#pragma once

// Certificates for tests: every field of a draft can be set to anything, right or wrong, and the draft is then signed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/crypto/provider.h"
#include "padlock/der/oid.h"
#include "padlock/der/writer.h"
#include "padlock/x509/certificate.h"

namespace padlock::x509::testing {

using Octets = std::vector<std::uint8_t>;

/// The clock of all tests: inside the validity of a draft.
inline constexpr WallTime test_now = std::chrono::sys_days(std::chrono::year(2026) / 3 / 4) + std::chrono::hours(9);

inline crypto::Provider& provider() {
  static const std::unique_ptr<crypto::Provider> one = crypto::make_provider();
  return *one;
}

inline std::shared_ptr<const crypto::PrivateKey> make_key(crypto::KeyKind kind = crypto::KeyKind::ecdsa_p256) {
  return provider().generate_private_key(kind).value().key;
}

/// A name of one common name; an empty text gives the empty name. `type`: another attribute.
inline Octets name(std::string_view common_name, const der::Oid& type = der::oid::commonName) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& names) {
      if (common_name.empty()) return;
      names.set([&](der::Writer& set) {
        set.sequence([&](der::Writer& attribute) {
          attribute.object_identifier(type);
          attribute.utf8_string(common_name);
        });
      });
    });
  });
}

inline Octets validity(WallTime from, WallTime to) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& times) {
      times.time(from);
      times.time(to);
    });
  });
}

inline Octets algorithm(const der::Oid& oid, bool null_parameters = false) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& fields) {
      fields.object_identifier(oid);
      if (null_parameters) fields.null();
    });
  });
}

struct KeyWriter {
  Octets operator()(const crypto::RsaPublicKey& key) const {
    return der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& info) {
        info.raw(algorithm(der::oid::rsaEncryption, true));
        info.bit_string_of([&](der::Writer& bits) {
          bits.sequence([&](der::Writer& fields) {
            fields.unsigned_integer(key.modulus);
            fields.unsigned_integer(key.exponent);
          });
        });
      });
    });
  }
  Octets operator()(const crypto::EcPublicKey& key) const {
    const der::Oid curve = key.curve == crypto::NamedGroup::secp256r1   ? der::oid::secp256r1
                           : key.curve == crypto::NamedGroup::secp384r1 ? der::oid::secp384r1
                                                                        : der::oid::secp521r1;
    return der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& info) {
        info.sequence([&](der::Writer& fields) {
          fields.object_identifier(der::oid::ecPublicKey);
          fields.object_identifier(curve);
        });
        info.bit_string(key.point);
      });
    });
  }
  Octets operator()(const crypto::Ed25519PublicKey& key) const {
    return der::make_der([&](der::Writer& out) {
      out.sequence([&](der::Writer& info) {
        info.raw(algorithm(der::oid::ed25519));
        info.bit_string(key.key);
      });
    });
  }
};
inline Octets public_key_info(const crypto::PublicKeyParts& parts) { return std::visit(KeyWriter{}, parts); }

/// Extension with its value's DER.
inline Octets extension(const der::Oid& oid, bool critical, const Octets& value) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& fields) {
      fields.object_identifier(oid);
      if (critical) fields.boolean(true);
      fields.octet_string(value);
    });
  });
}
template <class Body>
Octets extension_of(const der::Oid& oid, bool critical, Body body) {
  return extension(oid, critical, der::make_der([&](der::Writer& out) { out.sequence(body); }));
}

inline Octets basic_constraints(bool ca, std::optional<unsigned> path_length = {}, bool critical = true) {
  return extension_of(der::oid::basicConstraints, critical, [&](der::Writer& out) {
    if (ca) out.boolean(true);
    if (path_length) out.integer(*path_length);
  });
}
inline Octets key_usage(std::uint16_t bits, bool critical = true) {
  return extension(der::oid::keyUsage, critical, der::make_der([&](der::Writer& out) { out.named_bits(bits); }));
}
inline Octets extended_key_usage(const std::vector<der::Oid>& purposes, bool critical = false) {
  return extension_of(der::oid::extKeyUsage, critical, [&](der::Writer& out) {
    for (const der::Oid& purpose : purposes) out.object_identifier(purpose);
  });
}
inline Octets subject_key_identifier(const Octets& identifier, bool critical = false) {
  return extension(der::oid::subjectKeyIdentifier, critical,
                   der::make_der([&](der::Writer& out) { out.octet_string(identifier); }));
}
inline Octets authority_key_identifier(const Octets& identifier, bool critical = false) {
  return extension_of(der::oid::authorityKeyIdentifier, critical,
                      [&](der::Writer& out) { out.context_primitive(0, identifier); });
}

inline Octets octets(std::string_view text) { return {as_bytes(text).begin(), as_bytes(text).end()}; }
inline GeneralName dns(std::string_view text) { return {GeneralNameForm::dNSName, octets(text)}; }
inline GeneralName ip(std::string_view address) {
  const auto parsed = parse_ip_address(address).value();
  return {GeneralNameForm::iPAddress, {parsed.view().begin(), parsed.view().end()}};
}
/// Address and mask, as a constraint has them.
inline GeneralName ip_range(std::string_view address, std::string_view mask) {
  GeneralName range = ip(address);
  const GeneralName second = ip(mask);
  range.value.insert(range.value.end(), second.value.begin(), second.value.end());
  return range;
}
inline GeneralName directory(std::string_view common_name) {
  return {GeneralNameForm::directoryName, name(common_name)};
}
inline GeneralName mail(std::string_view text) { return {GeneralNameForm::rfc822Name, octets(text)}; }
inline GeneralName uri(std::string_view text) { return {GeneralNameForm::uniformResourceIdentifier, octets(text)}; }

inline void write_general_name(der::Writer& out, const GeneralName& general_name) {
  const auto form = static_cast<unsigned>(general_name.form);
  if (general_name.form == GeneralNameForm::directoryName || general_name.form == GeneralNameForm::otherName) {
    out.context(form, [&](der::Writer& inner) { inner.raw(general_name.value); });
  } else {
    out.context_primitive(form, general_name.value);
  }
}
inline Octets subject_alternative_name(const std::vector<GeneralName>& names, bool critical = false) {
  return extension_of(der::oid::subjectAltName, critical, [&](der::Writer& out) {
    for (const GeneralName& one : names) write_general_name(out, one);
  });
}
inline Octets name_constraints(const std::vector<GeneralName>& permitted, const std::vector<GeneralName>& excluded,
                               bool critical = true) {
  const auto write_subtrees = [](der::Writer& out, unsigned tag, const std::vector<GeneralName>& bases) {
    if (bases.empty()) return;
    out.context(tag, [&](der::Writer& list) {
      for (const GeneralName& base : bases)
        list.sequence([&](der::Writer& subtree) { write_general_name(subtree, base); });
    });
  };
  return extension_of(der::oid::nameConstraints, critical, [&](der::Writer& out) {
    write_subtrees(out, 0, permitted);
    write_subtrees(out, 1, excluded);
  });
}

/// A certificate to be: fields are DER, so that wrong ones can be written as well.
struct Draft {
  std::optional<unsigned> version = 2;  ///< the field's value: 2 is v3; nothing: left out, which means v1
  Octets serial{0x02, 0x01, 0x01};
  Octets signature_algorithm = algorithm(der::oid::ecdsaWithSHA256);
  std::optional<Octets> outer_algorithm;  ///< nothing: the same
  Octets issuer = name("Test CA");
  Octets validity = testing::validity(test_now - std::chrono::days(30), test_now + std::chrono::days(30));
  Octets subject = name("leaf");
  Octets public_key_info;
  Octets unique_identifiers;
  std::vector<Octets> extensions;
  Octets trailer;  ///< behind the certificate
};

inline Octets write_tbs(const Draft& draft) {
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& tbs) {
      if (draft.version) tbs.context(0, [&](der::Writer& version) { version.integer(*draft.version); });
      for (const Octets& field : {draft.serial, draft.signature_algorithm, draft.issuer, draft.validity, draft.subject,
                                  draft.public_key_info, draft.unique_identifiers})
        tbs.raw(field);
      if (draft.extensions.empty()) return;
      tbs.context(3, [&](der::Writer& tagged) {
        tagged.sequence([&](der::Writer& list) {
          for (const Octets& one : draft.extensions) list.raw(one);
        });
      });
    });
  });
}

inline Octets sign(const Draft& draft, const crypto::PrivateKey& signer) {
  const Octets tbs = write_tbs(draft);
  const Octets signature = signer.sign(signer.schemes().front(), tbs).value();
  Octets der = der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& certificate) {
      certificate.raw(tbs);
      certificate.raw(draft.outer_algorithm.value_or(draft.signature_algorithm));
      certificate.bit_string(signature);
    });
  });
  der.insert(der.end(), draft.trailer.begin(), draft.trailer.end());
  return der;
}

}  // namespace padlock::x509::testing
