#include "padlock/x509/issue_parts.h"

#include <algorithm>
#include <array>

#include "padlock/x509/issue_rules.h"

namespace padlock::x509 {

namespace {

constexpr std::array signature_algorithms{
    SignatureAlgorithm{crypto::SignatureScheme::ecdsa_secp256r1_sha256, der::oid::ecdsaWithSHA256},
    SignatureAlgorithm{crypto::SignatureScheme::ecdsa_secp384r1_sha384, der::oid::ecdsaWithSHA384},
    SignatureAlgorithm{crypto::SignatureScheme::ecdsa_secp521r1_sha512, der::oid::ecdsaWithSHA512},
    SignatureAlgorithm{crypto::SignatureScheme::ed25519, der::oid::ed25519},
};

constexpr auto url_form = static_cast<unsigned>(GeneralNameForm::uniformResourceIdentifier);

}  // namespace

Result<SignatureAlgorithm> choose_algorithm(const crypto::PrivateKey& key) {
  for (const crypto::SignatureScheme scheme : key.schemes()) {
    const auto* found = std::ranges::find(signature_algorithms, scheme, &SignatureAlgorithm::scheme);
    if (found != signature_algorithms.end()) return *found;
  }
  return broken(rules::unsupported_issuer_key, "the issuer's key signs none of the schemes for certificates");
}

void write_signature_algorithm(der::Writer& out, const SignatureAlgorithm& algorithm) {
  out.sequence([&](der::Writer& body) {
    body.object_identifier(algorithm.oid);
    if (algorithm.null_parameters) body.null();
  });
}

/// A directoryName's Name is a CHOICE, so its tag is explicit.
void write_general_name(der::Writer& out, const GeneralName& name) {
  const auto number = static_cast<unsigned>(name.form);
  if (name.form == GeneralNameForm::directoryName) {
    out.context(number, [&](der::Writer& body) { body.raw(name.value); });
  } else {
    out.context_primitive(number, name.value);
  }
}

void write_subject_alternative_name(der::Writer& out, std::span<const GeneralName> names, bool critical) {
  write_extension(out, der::oid::subjectAltName, critical, [&](der::Writer& value) {
    value.sequence([&](der::Writer& list) {
      for (const GeneralName& name : names) write_general_name(list, name);
    });
  });
}

void write_authority_key_identifier(der::Writer& out, Bytes key_identifier) {
  if (key_identifier.empty()) return;
  write_extension(out, der::oid::authorityKeyIdentifier, false, [&](der::Writer& value) {
    value.sequence([&](der::Writer& body) { body.context_primitive(0, key_identifier); });
  });
}

bool is_http_url(std::string_view url) {
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  return url.empty() || (url.starts_with("http://") && std::ranges::all_of(url, printable));
}

void write_distribution_point_name(der::Writer& out, std::string_view url) {
  out.context(0, [&](der::Writer& name) {
    name.context(0, [&](der::Writer& full_name) { full_name.context_primitive(url_form, as_bytes(url)); });
  });
}

}  // namespace padlock::x509
