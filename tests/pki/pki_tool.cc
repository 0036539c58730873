// pki_tool local DIRECTORY NAME...            a leaf from the local CA in DIRECTORY, as `padlock serve` gets it
// pki_tool outside DIRECTORY SUBJECT NAME...  a leaf that the CA refuses, signed by its intermediate's key all the same
// Both print the chain and the key as PEM. SUBJECT: an organization, or "" for the empty name.
// NAME: a host name, an IP address, or behind "mail:" or "uri:" one of those.
#include <array>
#include <chrono>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/ca/local_ca.h"
#include "padlock/der/pem.h"
#include "padlock/x509/issue.h"

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
  } else {
    std::cerr << "usage: pki_tool local DIRECTORY NAME... | outside DIRECTORY SUBJECT NAME...\n";
    return 2;
  }
  if (!done) std::cerr << done.error().to_string() << "\n";
  return done ? 0 : 1;
}
