#pragma once

// Certificates for tests: every field of a draft can be set to anything, right or wrong, and the draft is then signed.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/crypto/provider.h"
#include "padlock/der/oid.h"
#include "padlock/der/pem.h"
#include "padlock/der/writer.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/public_key_info.h"
#include "padlock/x509/verify.h"

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

inline Octets public_key_info(const crypto::PublicKeyParts& parts) {
  return der::make_der([&](der::Writer& out) { write_subject_public_key_info(out, parts); });
}

/// An extension of a draft; its DER may say anything.
struct DraftExtension {
  der::Oid oid;
  Octets der;
};

/// Extension with its value's DER.
inline DraftExtension extension(const der::Oid& oid, bool critical, const Octets& value) {
  return {oid, der::make_der([&](der::Writer& out) {
            out.sequence([&](der::Writer& fields) {
              fields.object_identifier(oid);
              if (critical) fields.boolean(true);
              fields.octet_string(value);
            });
          })};
}
template <class Body>
DraftExtension extension_of(const der::Oid& oid, bool critical, Body body) {
  return extension(oid, critical, der::make_der([&](der::Writer& out) { out.sequence(body); }));
}

inline DraftExtension basic_constraints(bool ca, std::optional<unsigned> path_length = {}, bool critical = true) {
  return extension_of(der::oid::basicConstraints, critical, [&](der::Writer& out) {
    if (ca) out.boolean(true);
    if (path_length) out.integer(*path_length);
  });
}
inline DraftExtension key_usage(std::uint16_t bits, bool critical = true) {
  return extension(der::oid::keyUsage, critical, der::make_der([&](der::Writer& out) { out.named_bits(bits); }));
}
inline DraftExtension extended_key_usage(const std::vector<der::Oid>& purposes, bool critical = false) {
  return extension_of(der::oid::extKeyUsage, critical, [&](der::Writer& out) {
    for (const der::Oid& purpose : purposes) out.object_identifier(purpose);
  });
}
inline DraftExtension subject_key_identifier(const Octets& identifier, bool critical = false) {
  return extension(der::oid::subjectKeyIdentifier, critical,
                   der::make_der([&](der::Writer& out) { out.octet_string(identifier); }));
}
inline DraftExtension authority_key_identifier(const Octets& identifier, bool critical = false) {
  return extension_of(der::oid::authorityKeyIdentifier, critical,
                      [&](der::Writer& out) { out.context_primitive(0, identifier); });
}

inline DraftExtension certificate_policies(const std::vector<der::Oid>& policies, bool critical = false) {
  return extension_of(der::oid::certificatePolicies, critical, [&](der::Writer& out) {
    for (const der::Oid& policy : policies)
      out.sequence([&](der::Writer& information) { information.object_identifier(policy); });
  });
}
inline DraftExtension policy_mappings(const std::vector<PolicyMapping>& mappings) {
  return extension_of(der::oid::policyMappings, true, [&](der::Writer& out) {
    for (const PolicyMapping& mapping : mappings) {
      out.sequence([&](der::Writer& entry) {
        entry.object_identifier(mapping.issuer_domain_policy);
        entry.object_identifier(mapping.subject_domain_policy);
      });
    }
  });
}
inline DraftExtension policy_constraints(std::optional<std::uint8_t> require_explicit_policy,
                                         std::optional<std::uint8_t> inhibit_policy_mapping = {}) {
  return extension_of(der::oid::policyConstraints, true, [&](der::Writer& out) {
    if (require_explicit_policy) out.context_primitive(0, Octets{*require_explicit_policy});
    if (inhibit_policy_mapping) out.context_primitive(1, Octets{*inhibit_policy_mapping});
  });
}
inline DraftExtension inhibit_any_policy(unsigned skip_certs) {
  return extension(der::oid::inhibitAnyPolicy, true, der::make_der([&](der::Writer& out) { out.integer(skip_certs); }));
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
inline DraftExtension subject_alternative_name(const std::vector<GeneralName>& names, bool critical = false) {
  return extension_of(der::oid::subjectAltName, critical, [&](der::Writer& out) {
    for (const GeneralName& one : names) write_general_name(out, one);
  });
}
inline DraftExtension name_constraints(const std::vector<GeneralName>& permitted,
                                       const std::vector<GeneralName>& excluded, bool critical = true) {
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
  std::vector<DraftExtension> extensions;
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
          for (const DraftExtension& one : draft.extensions) list.raw(one.der);
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

/// Puts an extension in the place of the draft's own of that kind, or behind the others.
inline void set_extension(Draft& draft, const DraftExtension& wanted) {
  std::erase_if(draft.extensions, [&](const DraftExtension& one) { return one.oid == wanted.oid; });
  draft.extensions.push_back(wanted);
}
inline void remove_extension(Draft& draft, const der::Oid& oid) {
  std::erase_if(draft.extensions, [&](const DraftExtension& one) { return one.oid == oid; });
}

/// Keys by number, made once: tests say which certificates share one.
inline const crypto::PrivateKey& key(std::size_t number) {
  static std::vector<std::shared_ptr<const crypto::PrivateKey>> keys;
  while (keys.size() <= number) keys.push_back(make_key());
  return *keys[number];
}
inline Octets identifier(std::size_t key_number) { return key_identifier_of(key(key_number).public_key().parts()); }

inline constexpr auto sign_bit = static_cast<std::uint16_t>(KeyUsage::digitalSignature);
inline constexpr auto ca_bits =
    static_cast<std::uint16_t>(static_cast<unsigned>(KeyUsage::keyCertSign) | static_cast<unsigned>(KeyUsage::cRLSign));

/// A good CA's draft, for key `own`, to be signed by key `signer`.
inline Draft ca_draft(std::string_view subject, std::size_t own, std::string_view issuer, std::size_t signer) {
  Draft draft;
  draft.subject = name(subject);
  draft.issuer = name(issuer);
  draft.public_key_info = public_key_info(key(own).public_key().parts());
  draft.extensions = {basic_constraints(true), key_usage(ca_bits), subject_key_identifier(identifier(own)),
                      authority_key_identifier(identifier(signer))};
  return draft;
}

/// A good server's draft for example.test, or for other names.
inline Draft leaf_draft(std::size_t own, std::string_view issuer, std::size_t signer,
                        const std::vector<GeneralName>& names = {dns("example.test")}) {
  Draft draft;
  draft.issuer = name(issuer);
  draft.public_key_info = public_key_info(key(own).public_key().parts());
  draft.extensions = {basic_constraints(false), key_usage(sign_bit), extended_key_usage({der::oid::serverAuth}),
                      subject_key_identifier(identifier(own)), authority_key_identifier(identifier(signer))};
  if (!names.empty()) draft.extensions.push_back(subject_alternative_name(names));
  return draft;
}

inline Octets self_signed_leaf(std::size_t own, std::string_view subject = "Lone server") {
  Draft draft = leaf_draft(own, subject, own);
  draft.subject = name(subject);
  return sign(draft, key(own));
}

/// What most tests build: a root (key 0), an intermediate (key 1) and a leaf (key 2), each to be changed at will.
struct Chain {
  Draft root = ca_draft("Root", 0, "Root", 0);
  Draft intermediate = ca_draft("Intermediate", 1, "Root", 0);
  Draft leaf = leaf_draft(2, "Intermediate", 1);
  TrustSource source = TrustSource::given_file;
};

inline TrustStore store_of(const std::vector<Octets>& roots, TrustSource source = TrustSource::given_file) {
  TrustStore store;
  for (const Octets& root : roots) store.add(parse_certificate(root).value(), source);
  return store;
}

inline Verdict verify(const std::vector<Octets>& chain, const TrustStore& store,
                      std::string_view server_name = "example.test", Purpose purpose = Purpose::server_auth) {
  return verify_chain({.chain = chain, .server_name = server_name, .purpose = purpose, .now = test_now}, store,
                      provider());
}

inline Verdict verify(const Chain& chain, std::string_view server_name = "example.test",
                      Purpose purpose = Purpose::server_auth) {
  const TrustStore store = store_of({sign(chain.root, key(0))}, chain.source);
  return verify({sign(chain.leaf, key(1)), sign(chain.intermediate, key(0))}, store, server_name, purpose);
}

/// The usual chain below a root that is not trusted for servers after this date.
inline Verdict verify_below_root_distrusted_at(WallTime date, Purpose purpose = Purpose::server_auth) {
  Chain chain;
  if (purpose == Purpose::client_auth) set_extension(chain.leaf, extended_key_usage({der::oid::clientAuth}));
  TrustStore store;
  store.add(parse_certificate(sign(chain.root, key(0))).value(), TrustSource::system_bundle, date);
  return verify({sign(chain.leaf, key(1)), sign(chain.intermediate, key(0))}, store, "example.test", purpose);
}

/// Of a client who says that this is its mail address.
inline Verdict verify_mail(Chain chain, std::string_view address) {
  set_extension(chain.leaf, extended_key_usage({der::oid::clientAuth}));
  const std::vector<Octets> sent{sign(chain.leaf, key(1)), sign(chain.intermediate, key(0))};
  return verify_chain({.chain = sent, .mail_address = address, .purpose = Purpose::client_auth, .now = test_now},
                      store_of({sign(chain.root, key(0))}), provider());
}

/// A leaf, then `depth` CAs up to the last, which "Root" (key 0) signed: two keys take turns, names differ.
inline std::vector<Octets> deep_chain(std::size_t depth) {
  const auto ca_name = [depth](std::size_t level) {
    return level > depth ? std::string("Root") : "CA " + std::to_string(level);
  };
  const auto ca_key = [depth](std::size_t level) { return level > depth ? 0 : 1 + level % 2; };
  std::vector<Octets> chain{sign(leaf_draft(3, ca_name(1), ca_key(1)), key(ca_key(1)))};
  for (std::size_t level = 1; level <= depth; ++level) {
    const Draft ca = ca_draft(ca_name(level), ca_key(level), ca_name(level + 1), ca_key(level + 1));
    chain.push_back(sign(ca, key(ca_key(level + 1))));
  }
  return chain;
}
inline TrustStore deep_chain_store() { return store_of({sign(ca_draft("Root", 0, "Root", 0), key(0))}); }

/// The leaf has `names` hosts, the root permits them after `bases` others.
inline Chain chain_with_names(std::size_t names, std::size_t bases) {
  std::vector<GeneralName> hosts{dns("example.test")};
  while (hosts.size() < names) hosts.push_back(dns("h" + std::to_string(hosts.size()) + ".example.test"));
  std::vector<GeneralName> permitted;
  while (permitted.size() + 1 < bases) permitted.push_back(dns("b" + std::to_string(permitted.size()) + ".test"));
  permitted.push_back(dns("example.test"));
  Chain chain;
  set_extension(chain.leaf, subject_alternative_name(hosts));
  set_extension(chain.root, name_constraints(permitted, {}));
  return chain;
}

/// The code of a verdict's error, "trusted" without one.
inline std::string code_of(const Verdict& verdict) {
  return verdict.trusted ? "trusted" : verdict.error ? std::string(verdict.error->rule->code) : "no error";
}

}  // namespace padlock::x509::testing
