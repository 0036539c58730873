#include "padlock/server/client_authority.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "padlock/der/pem.h"
#include "padlock/net/rules.h"
#include "padlock/server/limits.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_certificates.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::server {
namespace {

namespace pki = x509::testing;
using pki::Octets;

/// A client's certificate by the usual intermediate, whose serial number is 1.
pki::Draft client_draft() {
  pki::Draft draft = pki::leaf_draft(2, "Intermediate", 1, {});
  pki::set_extension(draft, pki::extended_key_usage({der::oid::clientAuth}));
  return draft;
}

class ClientAuthorities : public ::testing::Test {
 protected:
  ClientAuthorities() { std::filesystem::create_directories(folder_); }
  ~ClientAuthorities() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path write(const std::string& name, Bytes bytes) {
    std::ofstream(folder_ / name, std::ios::binary) << as_text(bytes);
    return folder_ / name;
  }
  std::filesystem::path authority(const std::string& name, const Octets& certificate) {
    return write(name, as_bytes(der::write_pem("CERTIFICATE", certificate)));
  }
  std::filesystem::path usual_authority() { return authority("ca.pem", sign(pki::Chain().root, pki::key(0))); }
  /// A list of this issuer's with these certificates, fresh as lists are by default.
  std::filesystem::path list(const std::string& issuer, std::size_t key, const std::vector<Octets>& entries,
                             pki::ListDraft draft = {}) {
    draft.issuer = pki::name(issuer);
    draft.entries = entries;
    draft.extensions = {pki::authority_key_identifier(pki::identifier(key)),
                        pki::extension(der::oid::cRLNumber, false, pki::der_of_integer(1))};
    return write(issuer + ".crl", sign(draft, pki::key(key)));
  }
  static std::shared_ptr<const ClientAuthority> load(const ClientCertificatesConfig& config) {
    return ClientAuthority::load(config, pki::provider()).value();
  }
  /// The code of what is wrong with a client's certificate; empty: nothing.
  static std::string_view fault(const ClientAuthority& authority, const pki::Draft& leaf) {
    tls::ChainVerificationWanted shown{};
    shown.chain = tls::CertificateChain({sign(leaf, pki::key(1)), sign(pki::Chain().intermediate, pki::key(0))});
    const auto judged = authority.judge(shown, pki::test_now, pki::provider());
    return judged ? std::string_view() : judged.error().rule->code;
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-clients-" + std::to_string(::getpid()));
};

TEST_F(ClientAuthorities, TakeCertificatesForClientsThatTheyIssued) {
  const auto authority = load({.authorities = {usual_authority()}});
  EXPECT_TRUE(authority->asks()->required);
  ASSERT_EQ(authority->asks()->authorities.size(), 1U);
  EXPECT_EQ(authority->asks()->authorities[0], pki::name("Root"));
  EXPECT_EQ(fault(*authority, client_draft()), "");
  pki::Draft for_servers = client_draft();
  pki::set_extension(for_servers, pki::extended_key_usage({der::oid::serverAuth}));
  EXPECT_EQ(fault(*authority, for_servers), x509::rules::extended_key_usage.code);
  const auto other = load({.authorities = {this->authority("other.pem", pki::self_signed_leaf(5))}});
  EXPECT_EQ(fault(*other, client_draft()), x509::rules::unknown_issuer.code);
}

TEST_F(ClientAuthorities, WithListsRefuseWhoWasRevokedAndWhoIsOnNoCurrentList) {
  const auto root_list = list("Root", 0, {});
  const ClientCertificatesConfig config{.authorities = {usual_authority()},
                                        .revocation_lists = {root_list, list("Intermediate", 1, {})}};
  EXPECT_EQ(fault(*load(config), client_draft()), "");
  list("Intermediate", 1, {pki::list_entry({0x02, 0x01, 0x01})});
  EXPECT_EQ(fault(*load(config), client_draft()), x509::rules::certificate_revoked.code);
  pki::ListDraft old;
  old.this_update = pki::der_of_time(pki::test_now - std::chrono::days(9));
  old.next_update = pki::der_of_time(pki::test_now - std::chrono::days(2));
  list("Intermediate", 1, {}, old);
  EXPECT_NE(fault(*load(config), client_draft()), "") << "nothing current is known";
  EXPECT_NE(fault(*load({.authorities = {usual_authority()}, .revocation_lists = {root_list}}), client_draft()), "");
}

TEST_F(ClientAuthorities, AskTheSameIfTheyAreTheSame) {
  const auto one = usual_authority(), other = authority("other.pem", pki::self_signed_leaf(5));
  const auto asks = [](const ClientCertificatesConfig& config) { return load(config)->asks(); };
  const auto required = asks({.authorities = {one}});
  EXPECT_TRUE(ask_the_same(nullptr, nullptr));
  EXPECT_TRUE(ask_the_same(required.get(), asks({.authorities = {one}}).get()));
  EXPECT_FALSE(ask_the_same(required.get(), nullptr));
  EXPECT_FALSE(ask_the_same(nullptr, required.get()));
  EXPECT_FALSE(ask_the_same(required.get(), asks({.authorities = {one}, .required = false}).get()));
  EXPECT_FALSE(ask_the_same(required.get(), asks({.authorities = {other}}).get()));
  EXPECT_FALSE(ask_the_same(required.get(), asks({.authorities = {one, other}}).get()));
}

TEST_F(ClientAuthorities, ListTheirNamesWhileTheseAreShort) {
  const auto with_names = [&](std::size_t count) {
    std::string pem;
    for (std::size_t at = 0; at < count; ++at) {
      const std::string name = std::string(60, 'x') + std::to_string(100 + at);
      pem += der::write_pem("CERTIFICATE", sign(pki::ca_draft(name, 0, name, 0), pki::key(0)));
    }
    return load({.authorities = {write("many.pem", as_bytes(pem))}})->asks()->authorities;
  };
  const std::size_t size = with_names(1).front().size(), most = limits::client_authorities_bytes / size;
  EXPECT_EQ(with_names(most).size(), most);
  EXPECT_EQ(with_names(most + 1).size(), 0U);
}

TEST_F(ClientAuthorities, SayWhichFileIsNoGood) {
  const auto missing = ClientAuthority::load({.authorities = {folder_ / "none.pem"}}, pki::provider());
  EXPECT_EQ(missing.error().rule, &net::rules::file_missing);
  EXPECT_NE(missing.error().what.find("none.pem"), std::string::npos);
  EXPECT_FALSE(ClientAuthority::load(
      {.authorities = {usual_authority()}, .revocation_lists = {write("no.crl", as_bytes("none"))}}, pki::provider()));
}

}  // namespace
}  // namespace padlock::server
