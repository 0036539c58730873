// pki_tool local DIRECTORY NAME...            a leaf from the local CA in DIRECTORY, as `padlock serve` gets it
// pki_tool outside DIRECTORY SUBJECT NAME...  a leaf that the CA refuses, signed by its intermediate's key all the same
// pki_tool revocation DIRECTORY                  revocation data of a small CA of its own, written to DIRECTORY
// The first two print the chain and the key as PEM. SUBJECT: an organization, or "" for the empty name.
// NAME: a host name, an IP address, or behind "mail:" or "uri:" one of those.
#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/ca/local_ca.h"
#include "padlock/der/pem.h"
#include "padlock/x509/certification_request.h"
#include "padlock/x509/issue.h"
#include "padlock/x509/issue_revocation.h"

namespace {

using namespace padlock;

void print(std::span<const std::vector<std::uint8_t>> chain, Bytes pkcs8) {
  for (const auto& certificate : chain) std::cout << der::write_pem("CERTIFICATE", certificate);
  if (!pkcs8.empty()) std::cout << der::write_pem("PRIVATE KEY", pkcs8);
}

x509::GeneralName general_name(std::string_view text) {
  const auto named = [](x509::GeneralNameForm form, std::string_view value) {
    const Bytes bytes = as_bytes(value);
    return x509::GeneralName{form, {bytes.begin(), bytes.end()}};
  };
  if (text.starts_with("mail:")) return named(x509::GeneralNameForm::rfc822Name, text.substr(5));
  if (text.starts_with("uri:")) return named(x509::GeneralNameForm::uniformResourceIdentifier, text.substr(4));
  if (const auto address = x509::parse_ip_address(text)) {
    return {x509::GeneralNameForm::iPAddress, {address->view().begin(), address->view().end()}};
  }
  return named(x509::GeneralNameForm::dNSName, text);
}

Result<void> local(const std::string& directory, std::span<const std::string> names, crypto::Provider& provider,
                   WallTime now) {
  ca::LocalCa authority = PADLOCK_TRY(ca::LocalCa::open_or_create(directory, provider, now));
  print(PADLOCK_TRY(authority.issue(names, now)).credential.chain, {});
  return {};
}

Result<void> outside(const std::string& directory, const std::string& subject, std::span<const std::string> names,
                     crypto::Provider& provider, WallTime now) {
  const auto folder = std::filesystem::path(directory) / "ca";
  const auto issuer =
      PADLOCK_TRY(ca::load_pair({folder / "intermediate.pem", folder / "intermediate.key"}, provider)).value();
  std::vector<x509::NameAttribute> attributes;
  if (!subject.empty()) attributes.push_back({der::oid::organizationName, subject});
  x509::CertificateTemplate wanted{.subject = x509::make_name(attributes),
                                   .not_before = now,
                                   .not_after = now + std::chrono::days{6},
                                   .key_usage = static_cast<std::uint16_t>(x509::KeyUsage::digitalSignature),
                                   .extended_key_usage = {der::oid::serverAuth}};
  for (const std::string& name : names) wanted.subject_alternative_names.push_back(general_name(name));
  const auto key = PADLOCK_TRY(provider.generate_private_key(crypto::KeyKind::ecdsa_p256));
  const auto leaf = PADLOCK_TRY(
      x509::issue_certificate(wanted, key.key->public_key().parts(), {*issuer.chain.front(), *issuer.key}, provider));
  print(std::array{leaf, issuer.chain.front()->der}, key.pkcs8.reveal());
  return {};
}

/// A CA with a leaf that is good, one that is revoked, and an OCSP responder; what it says of them, and a request.
class RevokingCa {
 public:
  RevokingCa(std::filesystem::path folder, crypto::Provider& provider, WallTime now)
      : folder_(std::move(folder)), provider_(provider), now_(now) {}

  Result<void> write_all() {
    std::filesystem::create_directories(folder_);
    key_ = PADLOCK_TRY(provider_.generate_private_key(crypto::KeyKind::ecdsa_p256)).key;
    auto root = wanted("Revoking CA");
    root.basic_constraints = x509::BasicConstraints{.ca = true, .path_length = {}};
    root.key_usage = std::to_underlying(x509::KeyUsage::keyCertSign) | std::to_underlying(x509::KeyUsage::cRLSign);
    ca_ = PADLOCK_TRY(x509::parse_certificate(PADLOCK_TRY(x509::issue_self_signed(root, *key_, provider_))));
    const auto good = PADLOCK_TRY(issue("good", {}));
    const auto revoked = PADLOCK_TRY(issue("revoked", {}));
    write("ca.pem", der::write_pem("CERTIFICATE", ca_->der));
    PADLOCK_TRY(write_list(*revoked));
    PADLOCK_TRY(write_responses(*good, *revoked));
    const std::array names{general_name("example.test"), general_name("192.0.2.1")};
    write("request.pem",
          der::write_pem("CERTIFICATE REQUEST", PADLOCK_TRY(x509::make_certification_request(names, *key_))));
    return {};
  }

 private:
  x509::CertificateTemplate wanted(std::string_view name) const {
    return {.subject = x509::make_name(std::array{x509::NameAttribute{der::oid::commonName, name}}),
            .not_before = now_ - std::chrono::hours(1),
            .not_after = now_ + std::chrono::days(5)};
  }

  Result<std::shared_ptr<const x509::Certificate>> issue(const std::string& name,
                                                         const std::vector<der::Oid>& purposes) {
    auto leaf = wanted(name);
    leaf.key_usage = std::to_underlying(x509::KeyUsage::digitalSignature);
    leaf.subject_alternative_names = {general_name("example.test")};
    leaf.extended_key_usage = purposes;
    leaf.ocsp_no_check = !purposes.empty();
    leaf.crl_url = "http://crl.example.test/1.crl";
    leaf.ocsp_url = "http://ocsp.example.test/";
    leaf.must_staple = purposes.empty();
    last_key_ = PADLOCK_TRY(provider_.generate_private_key(crypto::KeyKind::ecdsa_p256)).key;
    const auto der =
        PADLOCK_TRY(x509::issue_certificate(leaf, last_key_->public_key().parts(), {*ca_, *key_}, provider_));
    write(name + ".pem", der::write_pem("CERTIFICATE", der));
    return x509::parse_certificate(der);
  }

  Result<void> write_list(const x509::Certificate& revoked) {
    const std::array entries{x509::RevokedEntry{revoked.serial, now_, x509::CRLReason::keyCompromise}};
    const auto list = PADLOCK_TRY(x509::issue_certificate_list({.entries = entries,
                                                                .number = 7,
                                                                .this_update = now_ - std::chrono::hours(1),
                                                                .next_update = now_ + std::chrono::days(5),
                                                                .distribution_point = "http://crl.example.test/1.crl"},
                                                               {*ca_, *key_}));
    write("list.pem", der::write_pem("X509 CRL", list));
    return {};
  }

  Result<void> write_responses(const x509::Certificate& good, const x509::Certificate& revoked) {
    const auto look_up = [&](Bytes serial) -> x509::IssuedStatus {
      if (!std::ranges::equal(serial, revoked.serial)) return {.state = x509::RevocationState::good};
      return {.state = x509::RevocationState::revoked, .revoked_at = now_, .reason = x509::CRLReason::keyCompromise};
    };
    const auto delegate = PADLOCK_TRY(issue("responder", {der::oid::ocspSigning}));
    const x509::OcspRequest request{
        .certificates = {x509::make_cert_id(good, *ca_), x509::make_cert_id(revoked, *ca_)}};
    const x509::ResponseTimes times{now_, now_ - std::chrono::hours(1), now_ + std::chrono::days(5)};
    const auto by_ca = PADLOCK_TRY(x509::issue_ocsp_response(request, look_up, {*ca_, *key_}, times));
    write("by-ca.der", as_text(by_ca));
    const auto by_delegate =
        PADLOCK_TRY(x509::issue_ocsp_response(request, look_up, {*ca_, *last_key_, delegate.get()}, times));
    write("by-delegate.der", as_text(by_delegate));
    return {};
  }

  void write(const std::string& file, std::string_view text) const {
    std::ofstream(folder_ / file, std::ios::binary) << text;
  }

  std::filesystem::path folder_;
  crypto::Provider& provider_;
  WallTime now_;
  std::shared_ptr<const crypto::PrivateKey> key_, last_key_;
  std::shared_ptr<const x509::Certificate> ca_;
};

}  // namespace

int main(int count, char** values) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // what main is given
  const std::vector<std::string> arguments(values + 1, values + count);
  PADLOCK_UNSAFE_BUFFERS_END
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto provider = crypto::make_provider();
  const std::span<const std::string> all(arguments);
  Result<void> done;
  if (all.size() >= 3 && all[0] == "local") {
    done = local(all[1], all.subspan(2), *provider, now);
  } else if (all.size() >= 4 && all[0] == "outside") {
    done = outside(all[1], all[2], all.subspan(3), *provider, now);
  } else if (all.size() == 2 && all[0] == "revocation") {
    done = RevokingCa(all[1], *provider, now).write_all();
  } else {
    std::cerr << "usage: pki_tool local DIRECTORY NAME... | outside DIRECTORY SUBJECT NAME... | revocation DIRECTORY\n";
    return 2;
  }
  if (!done) std::cerr << done.error().to_string() << "\n";
  return done ? 0 : 1;
}
