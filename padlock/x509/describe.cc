#include "padlock/x509/describe.h"

#include <algorithm>
#include <array>
#include <bit>

#include "padlock/crypto/hash.h"
#include "padlock/x509/names.h"
#include "padlock/x509/octets.h"
#include "padlock/x509/profile.h"

namespace padlock::x509 {

namespace {

using Facts = std::vector<CertificateFact>;
using Strings = std::vector<std::string>;

std::string_view curve_name(crypto::NamedGroup curve) {
  switch (curve) {
    case crypto::NamedGroup::secp256r1: return "P-256";
    case crypto::NamedGroup::secp384r1: return "P-384";
    case crypto::NamedGroup::secp521r1: return "P-521";
    default: return crypto::name_of(curve);
  }
}

template <class Range, class Text>
std::string joined(const Range& values, Text&& text_of) {
  constexpr std::size_t shown = 20;
  std::string all;
  std::size_t count = 0;
  for (const auto& value : values) {
    if (count++ < shown) all.append(all.empty() ? "" : ", ").append(text_of(value));
  }
  if (count > shown) all += " and " + std::to_string(count - shown) + " more";
  return all;
}

std::string validity_text(const Certificate& certificate, WallTime now) {
  const std::string span =
      padlock::to_string(certificate.not_before) + " to " + padlock::to_string(certificate.not_after);
  if (now > certificate.not_after) return span + " (expired " + describe_span(now - certificate.not_after) + " ago)";
  if (now < certificate.not_before) return span + " (begins in " + describe_span(certificate.not_before - now) + ")";
  return span + " (" + describe_span(certificate.not_after - now) + " left)";
}

std::string authority_text(const Certificate& certificate) {
  if (!certificate.ca()) return "no";
  const auto& length = certificate.basic_constraints->path_length;
  return length ? "yes, with at most " + std::to_string(*length) + " CAs below it" : "yes";
}

std::string usage_text(const Certificate& certificate) {
  return joined(key_usage_names(certificate), [](std::string_view name) { return name; });
}

std::string number_text(const std::optional<std::uint32_t>& number, std::string_view what) {
  return number ? std::string(what) + " after " + std::to_string(*number) + " more certificates; " : "";
}

std::string policies_text(const Policies& policies) {
  std::string text = joined(policies.certificate_policies.value_or(std::vector<der::Oid>{}), der::describe);
  if (!policies.mappings.empty()) {
    text += "; mapped: " + joined(policies.mappings, [](const PolicyMapping& one) {
              return der::describe(one.issuer_domain_policy) + " to " + der::describe(one.subject_domain_policy);
            });
  }
  std::string demands = number_text(policies.require_explicit_policy, "one is required") +
                        number_text(policies.inhibit_policy_mapping, "no mapping") +
                        number_text(policies.inhibit_any_policy, "no anyPolicy");
  if (!demands.empty()) text.append(text.empty() ? "" : "; ").append(demands, 0, demands.size() - 2);
  return text;
}

std::string constraints_text(const Certificate& certificate) {
  if (!certificate.name_constraints) return {};
  const auto& constraints = *certificate.name_constraints;
  std::string text = constraints.permitted.empty() ? "" : "permits " + joined(constraints.permitted, text_of);
  if (!constraints.excluded.empty())
    text.append(text.empty() ? "" : "; ").append("excludes ").append(joined(constraints.excluded, text_of));
  return text;
}

std::string extensions_text(const Certificate& certificate) {
  return joined(certificate.extensions, [](const Extension& extension) {
    return der::describe(extension.oid) + (extension.critical ? " (critical)" : "");
  });
}

}  // namespace

std::string describe_key(const crypto::PublicKeyParts& key) {
  if (const auto* const ec = std::get_if<crypto::EcPublicKey>(&key))
    return "ECDSA " + std::string(curve_name(ec->curve));
  if (const auto* const rsa = std::get_if<crypto::RsaPublicKey>(&key)) {
    return "RSA " + std::to_string(bits_of(rsa->modulus)) + " bits" + (rsa->pss_only ? ", for PSS alone" : "");
  }
  return "Ed25519";
}

std::string colon_hex(Bytes bytes) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (const std::uint8_t octet : bytes) {
    if (!text.empty()) text += ':';
    text += digits[octet >> 4];
    text += digits[octet & 0x0f];
  }
  return text;
}

std::string fingerprint(const Certificate& certificate) {
  return colon_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, certificate.der).bytes());
}

std::vector<std::string_view> key_usage_names(const Certificate& certificate) {
  std::vector<std::string_view> names;
  for (unsigned bit = 0; bit < 9; ++bit) {
    const auto usage = static_cast<KeyUsage>(1U << bit);
    if (certificate.key_usage && certificate.may_be_used_for(usage)) names.push_back(name_of(usage));
  }
  return names;
}

std::string names_text(const Certificate& certificate) {
  return joined(certificate.subject_alternative_names, text_of);
}

std::vector<CertificateFact> describe(const Certificate& certificate, WallTime now) {
  const auto as_is = [](const std::string& url) { return escaped(url); };
  Facts facts{
      {"subject", certificate.subject.empty() ? "(empty)" : certificate.subject.text()},
      {"names", names_text(certificate)},
      {"issuer", certificate.issuer.empty() ? "(empty)" : certificate.issuer.text()},
      {"valid", validity_text(certificate, now)},
      {"key", describe_key(certificate.public_key)},
      {"signature", der::describe(certificate.signature_algorithm)},
      {"serial", colon_hex(certificate.serial)},
      {"ca", authority_text(certificate)},
      {"key usage", usage_text(certificate)},
      {"purposes", joined(certificate.extended_key_usage, der::describe)},
      {"policies", policies_text(certificate.policies)},
      {"constraints", constraints_text(certificate)},
      {"must staple", certificate.must_staple ? "yes" : ""},
      {"OCSP", joined(certificate.ocsp_urls, as_is)},
      {"CRL", joined(certificate.crl_urls, as_is)},
      {"issuer at", joined(certificate.ca_issuers_urls, as_is)},
      {"key id", colon_hex(certificate.subject_key_identifier)},
      {"issuer key", colon_hex(certificate.authority_key_identifier)},
      {"extensions", extensions_text(certificate)},
      {"SHA-256", fingerprint(certificate)},
  };
  std::erase_if(facts, [](const CertificateFact& fact) { return fact.text.empty(); });
  return facts;
}

}  // namespace padlock::x509
