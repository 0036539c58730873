#include <array>
#include <memory>
#include <string>

#include "bench/tls/pki.h"
#include "bench/x509/cases.h"
#include "padlock/x509/issue.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/verify.h"

namespace padlock::bench {
namespace {

constexpr std::size_t many = 2048;

std::vector<x509::GeneralName> names(std::string_view beginning) {
  std::vector<x509::GeneralName> all;
  for (std::size_t i = 0; i < many; ++i) {
    const std::string name = std::string(beginning) + std::to_string(i) + ".test";
    all.push_back({x509::GeneralNameForm::dNSName, {as_bytes(name).begin(), as_bytes(name).end()}});
  }
  return all;
}

std::vector<std::uint8_t> common_name(std::string_view text) {
  return x509::make_name(std::array{x509::NameAttribute{der::oid::commonName, text}});
}

/// A root that permits 2,048 names and a leaf that holds 2,048 others, all of them within the last one permitted.
struct Crowd {
  std::shared_ptr<crypto::Provider> provider = crypto::make_provider();
  x509::TrustStore trust;
  std::vector<std::vector<std::uint8_t>> chain;
};

std::shared_ptr<const Crowd> make_crowd() {
  auto crowd = std::make_shared<Crowd>();
  const auto key = crowd->provider->generate_private_key(crypto::KeyKind::ecdsa_p256).value().key;
  x509::CertificateTemplate root{.subject = common_name("bench root"),
                                 .not_before = bench_time() - std::chrono::days(1),
                                 .not_after = bench_time() + std::chrono::days(1),
                                 .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = std::nullopt},
                                 .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::keyCertSign)};
  root.name_constraints = x509::NameConstraints{.permitted = names("permitted"), .excluded = {}};
  root.name_constraints->permitted.back().value = {'t', 'e', 's', 't'};
  x509::CertificateTemplate leaf{.subject = common_name("leaf"),
                                 .not_before = root.not_before,
                                 .not_after = root.not_after,
                                 .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::digitalSignature),
                                 .extended_key_usage = {der::oid::serverAuth},
                                 .subject_alternative_names = names("host")};
  const auto issuer = x509::parse_certificate(x509::issue_self_signed(root, *key, *crowd->provider).value()).value();
  crowd->chain = {x509::issue_certificate(leaf, key->public_key().parts(), {*issuer, *key}, *crowd->provider).value()};
  crowd->trust.add(issuer, x509::TrustSource::given_file);
  return crowd;
}

std::vector<Contender> judges() {
  return {{"padlock", 1, [crowd = make_crowd()] {
             const auto verdict =
                 x509::verify_chain({.chain = crowd->chain, .now = bench_time()}, crowd->trust, *crowd->provider);
             require(verdict.error && verdict.error->rule == &x509::rules::name_budget_exceeded, "the budget's end");
           }}};
}

}  // namespace

std::vector<Case> constraint_cases() {
  return {{.name = "name_constraints_2048x2048", .contenders = judges, .most_ns = 50e6}};
}

}  // namespace padlock::bench
