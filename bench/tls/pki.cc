#include "bench/tls/pki.h"

#include <array>
#include <chrono>

#include "bench/harness.h"
#include "padlock/x509/issue.h"

namespace padlock::bench {
namespace {

using std::chrono::sys_days;
using std::chrono::year;
constexpr WallTime not_before{sys_days{year{2026} / 1 / 1}};
constexpr WallTime not_after{sys_days{year{2036} / 1 / 1}};

template <class Value>
Value must(Result<Value> result) {
  require(result.has_value(), "making certificates");
  return *std::move(result);
}

std::vector<std::uint8_t> bytes_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

std::vector<std::uint8_t> name(std::string_view common_name) {
  return x509::make_name(std::array{x509::NameAttribute{der::oid::commonName, common_name}});
}

x509::CertificateTemplate ca(std::string_view common_name) {
  return {.subject = name(common_name),
          .not_before = not_before,
          .not_after = not_after,
          .basic_constraints = x509::BasicConstraints{.ca = true, .path_length = std::nullopt},
          .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::keyCertSign)};
}

x509::CertificateTemplate leaf() {
  return {.subject = name(server_name),
          .not_before = not_before,
          .not_after = not_after,
          .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::digitalSignature),
          .extended_key_usage = {der::oid::serverAuth},
          .subject_alternative_names = {{x509::GeneralNameForm::dNSName, bytes_of(as_bytes(server_name))}}};
}

PkiFiles make_ecdsa_pki() {
  const auto provider = crypto::make_provider();
  const auto generate = [&] { return must(provider->generate_private_key(crypto::KeyKind::ecdsa_p256)); };
  const auto root_key = generate().key;
  const auto intermediate_key = generate().key;
  const auto leaf_key = generate();

  auto root_der = must(x509::issue_self_signed(ca("bench root"), *root_key, *provider));
  const auto root = must(x509::parse_certificate(root_der));
  auto intermediate_der = must(x509::issue_certificate(ca("bench intermediate"), intermediate_key->public_key().parts(),
                                                       {*root, *root_key}, *provider));
  const auto intermediate = must(x509::parse_certificate(intermediate_der));
  auto leaf_der = must(x509::issue_certificate(leaf(), leaf_key.key->public_key().parts(),
                                               {*intermediate, *intermediate_key}, *provider));
  return {std::move(root_der), std::move(intermediate_der), std::move(leaf_der), bytes_of(leaf_key.pkcs8.reveal())};
}

Pki make(PkiFiles files) {
  const auto provider = crypto::make_provider();
  const auto root = must(x509::parse_certificate(files.root));
  Pki made{
      .credential = std::make_shared<const tls::Credential>(tls::Credential{
          {std::move(files.leaf), std::move(files.intermediate)}, must(provider->load_private_key(files.leaf_key))}),
      .leaf_key = std::move(files.leaf_key),
      .root = std::move(files.root),
      .trust = {}};
  made.trust.add(root, x509::TrustSource::given_file);
  return made;
}

}  // namespace

const Pki& pki(crypto::KeyKind keys) {
  if (keys == crypto::KeyKind::rsa_2048) {
    static const Pki rsa = make(make_rsa_pki());
    return rsa;
  }
  static const Pki ecdsa = make(make_ecdsa_pki());
  return ecdsa;
}

WallTime bench_time() { return WallTime{sys_days{year{2026} / 6 / 1}}; }

}  // namespace padlock::bench
