#include "conformance/x509_differential/mutants.h"

#include <array>
#include <functional>

#include "conformance/differential.h"
#include "padlock/x509/test_certificates.h"

namespace padlock::differential {
namespace {

using namespace x509::testing;
using x509::GeneralName;
using x509::KeyUsage;

/// Root (key 0), intermediate (key 1), leaf (key 2), and who really signs the two that are sent.
struct Drafts {
  Chain chain;
  std::size_t leaf_signer = 1;
  std::size_t intermediate_signer = 0;
  std::string what;

  Draft& any(std::mt19937_64& random) {
    const std::array<Draft*, 3> all{&chain.leaf, &chain.intermediate, &chain.root};
    const std::size_t which = below(random, 3);
    what += std::array{"leaf ", "intermediate ", "root "}[which];
    return *all[which];
  }
};

const std::vector<std::vector<GeneralName>>& names() {
  static const std::vector<std::vector<GeneralName>> all{
      {dns("example.test")},
      {dns("*.test")},
      {dns("*.example.test"), dns("example.test")},
      {dns("EXAMPLE.test")},
      {dns("example.test.")},
      {dns("ex*mple.test")},
      {dns("*")},
      {dns("example.test"), dns("a..b")},
      {dns("example.test"), ip("10.0.0.1")},
      {dns("example.test"), mail("a@b.test")},
      {dns("example.test"), uri("https://b.test/")},
      {dns("example.test"), directory("Someone")},
      {dns("example.test"), dns("under_score.test")},
      {dns(std::string_view("example.test\0.evil", 18))},
      {mail("a@example.test")},
  };
  return all;
}

/// Without directory names, on which Go has no opinion: it refuses every chain with a critical constraint on them.
const std::vector<std::vector<GeneralName>>& bases() {
  static const std::vector<std::vector<GeneralName>> all{
      {},
      {dns("test")},
      {dns("example.test")},
      {dns(".example.test")},
      {dns("other.test")},
      {dns("")},
      {ip_range("10.0.0.0", "255.0.0.0")},
      {ip_range("10.0.0.0", "255.0.255.0")},
      {mail("b.test")},
      {mail(".test")},
      {uri("b.test")},
  };
  return all;
}

using Change = std::function<void(Drafts&, std::mt19937_64&)>;
struct NamedChange {
  const char* name;
  Change change;
};

/// Never to the very second, at which OpenSSL has a certificate's end behind it (RFC 5280, section 4.1.2.5, includes
/// it).
void change_validity(Drafts& drafts, std::mt19937_64& random) {
  const auto begin = test_now - std::chrono::minutes(210) + std::chrono::hours(below(random, 5));
  drafts.any(random).validity = validity(begin, begin + std::chrono::hours(2));
}

void change_basic_constraints(Drafts& drafts, std::mt19937_64& random) {
  Draft& draft = drafts.any(random);
  if (below(random, 4) == 0) return remove_extension(draft, der::oid::basicConstraints);
  const auto length = below(random, 2) == 0 ? std::optional<unsigned>() : static_cast<unsigned>(below(random, 3));
  set_extension(draft, basic_constraints(below(random, 2) == 0, length, below(random, 3) != 0));
}

void change_key_usage(Drafts& drafts, std::mt19937_64& random) {
  Draft& draft = drafts.any(random);
  if (below(random, 4) == 0) return remove_extension(draft, der::oid::keyUsage);
  set_extension(draft, key_usage(static_cast<std::uint16_t>(random() & 0x1ff), below(random, 2) == 0));
}

void change_purposes(Drafts& drafts, std::mt19937_64& random) {
  static const std::array purposes{der::oid::serverAuth, der::oid::clientAuth, der::oid::anyExtendedKeyUsage,
                                   der::make_oid("1.3.6.1.5.5.7.3.4")};
  Draft& draft = drafts.any(random);
  if (below(random, 4) == 0) return remove_extension(draft, der::oid::extKeyUsage);
  set_extension(draft, extended_key_usage({one_of(random, purposes)}, below(random, 4) == 0));
}

void change_names(Drafts& drafts, std::mt19937_64& random) {
  if (below(random, 8) == 0) return remove_extension(drafts.chain.leaf, der::oid::subjectAltName);
  set_extension(drafts.chain.leaf, subject_alternative_name(one_of(random, names()), below(random, 4) == 0));
}

void change_constraints(Drafts& drafts, std::mt19937_64& random) {
  Draft& ca = below(random, 2) == 0 ? drafts.chain.root : drafts.chain.intermediate;
  set_extension(ca, name_constraints(one_of(random, bases()), one_of(random, bases()), below(random, 4) != 0));
}

void change_policies(Drafts& drafts, std::mt19937_64& random) {
  static const std::array policies{der::oid::anyPolicy, der::make_oid("1.2.3.1"), der::make_oid("1.2.3.2")};
  for (Draft* const draft : {&drafts.chain.leaf, &drafts.chain.intermediate}) {
    if (below(random, 2) == 0) set_extension(*draft, certificate_policies({one_of(random, policies)}));
  }
  if (below(random, 2) == 0)
    set_extension(drafts.chain.intermediate, policy_constraints(static_cast<std::uint8_t>(below(random, 3))));
  if (below(random, 3) == 0) set_extension(drafts.chain.intermediate, inhibit_any_policy(0));
  if (below(random, 4) == 0)
    set_extension(drafts.chain.intermediate, policy_mappings({{one_of(random, policies), one_of(random, policies)}}));
}

void change_key_identifiers(Drafts& drafts, std::mt19937_64& random) {
  Draft& draft = drafts.any(random);
  switch (below(random, 4)) {
    case 0: return remove_extension(draft, der::oid::authorityKeyIdentifier);
    case 1: return remove_extension(draft, der::oid::subjectKeyIdentifier);
    case 2: return set_extension(draft, authority_key_identifier({1, 2, 3}, below(random, 4) == 0));
    default: return set_extension(draft, subject_key_identifier({4, 5, 6}, below(random, 4) == 0));
  }
}

void change_head(Drafts& drafts, std::mt19937_64& random) {
  Draft& draft = drafts.any(random);
  switch (below(random, 4)) {
    case 0:
      draft.version = below(random, 2) == 0 ? std::optional<unsigned>() : static_cast<unsigned>(below(random, 4));
      return;
    case 1: draft.serial = below(random, 2) == 0 ? Octets{0x02, 0x01, 0x00} : Octets{0x02, 0x01, 0xff}; return;
    case 2: draft.outer_algorithm = algorithm(der::oid::ecdsaWithSHA384); return;
    default: draft.signature_algorithm = algorithm(der::oid::ecdsaWithSHA256, true); return;
  }
}

void add_unknown_extension(Drafts& drafts, std::mt19937_64& random) {
  const Octets value = der::make_der([](der::Writer& out) { out.null(); });
  drafts.any(random).extensions.push_back(extension(der::make_oid("1.2.3.4"), below(random, 2) == 0, value));
}

void repeat_an_extension(Drafts& drafts, std::mt19937_64& random) {
  Draft& draft = drafts.any(random);
  if (!draft.extensions.empty()) draft.extensions.push_back(one_of(random, draft.extensions));
}

void change_subject(Drafts& drafts, std::mt19937_64& random) {
  drafts.chain.leaf.subject = below(random, 2) == 0 ? name("") : name("other.test");
}

void sign_with_another_key(Drafts& drafts, std::mt19937_64& random) {
  (below(random, 2) == 0 ? drafts.leaf_signer : drafts.intermediate_signer) = 4;
}

const std::vector<NamedChange>& changes() {
  static const std::vector<NamedChange> all{{"validity", change_validity},
                                            {"basicConstraints", change_basic_constraints},
                                            {"keyUsage", change_key_usage},
                                            {"extKeyUsage", change_purposes},
                                            {"names", change_names},
                                            {"nameConstraints", change_constraints},
                                            {"policies", change_policies},
                                            {"key identifiers", change_key_identifiers},
                                            {"head", change_head},
                                            {"unknown extension", add_unknown_extension},
                                            {"repeated extension", repeat_an_extension},
                                            {"subject", change_subject},
                                            {"signer", sign_with_another_key}};
  return all;
}

/// A byte changed, doubled or left out.
void disturb(Octets& der, std::mt19937_64& random) {
  const std::size_t at = below(random, der.size());
  const auto place = der.begin() + static_cast<std::ptrdiff_t>(at);
  switch (below(random, 3)) {
    case 0: *place = static_cast<std::uint8_t>(*place ^ (1U << below(random, 8))); return;
    case 1: der.insert(place, *place); return;
    default: der.erase(place); return;
  }
}

/// Signs what was disturbed, so that a verifier has to find it in the content.
Octets sign_disturbed(const Draft& draft, const crypto::PrivateKey& signer, std::mt19937_64& random) {
  Octets tbs = write_tbs(draft);
  disturb(tbs, random);
  const Octets signature = signer.sign(signer.schemes().front(), tbs).value();
  return der::make_der([&](der::Writer& out) {
    out.sequence([&](der::Writer& certificate) {
      certificate.raw(tbs);
      certificate.raw(draft.signature_algorithm);
      certificate.bit_string(signature);
    });
  });
}

}  // namespace

Mutant make_mutant(std::mt19937_64& random) {
  Drafts drafts;
  const std::size_t way = below(random, 8);
  const std::size_t count = way == 0 ? 0 : 1 + below(random, 3);
  for (std::size_t i = 0; i < count; ++i) {
    const NamedChange& one = one_of(random, changes());
    drafts.what += std::string(drafts.what.empty() ? "" : ", ") + one.name + " ";
    one.change(drafts, random);
  }
  Mutant mutant{{sign(drafts.chain.leaf, key(drafts.leaf_signer)),
                 sign(drafts.chain.intermediate, key(drafts.intermediate_signer))},
                sign(drafts.chain.root, key(0)),
                drafts.what};
  if (way == 0 || way == 1) {
    const bool leaf = below(random, 2) == 0;
    mutant.what += leaf ? ", a byte of the leaf's content" : ", a byte of the intermediate's content";
    mutant.chain[leaf ? 0 : 1] = leaf ? sign_disturbed(drafts.chain.leaf, key(1), random)
                                      : sign_disturbed(drafts.chain.intermediate, key(0), random);
  } else if (way == 2) {
    mutant.what += ", a byte of a certificate";
    disturb(mutant.chain[below(random, 2)], random);
  }
  return mutant;
}

}  // namespace padlock::differential
