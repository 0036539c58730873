#include "padlock/client/chain_judge.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "padlock/client/rules.h"
#include "padlock/client/testing/crlite_folder.h"
#include "padlock/client/testing/fetching.h"
#include "padlock/client/testing/scripted_server.h"
#include "padlock/x509/revocation_rules.h"
#include "padlock/x509/rules.h"
#include "padlock/x509/test_revocation.h"

namespace padlock::client {
namespace {

using testing::CrliteFolder;
using ::testing::ElementsAre;
using testing::Fetching;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::page;
using testing::says;
using testing::Scripted;
using x509::testing::Octets;
namespace drafts = x509::testing;

std::string whole(const Octets& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields + "\r\n" +
         std::string(as_text(body));
}

/// A root that the client trusts, an intermediate and a leaf for localhost, valid now; a place where its CA answers.
class Judging : public Fetching {
 protected:
  Judging() {
    now_ = net::now().wall;
    for (drafts::Draft* draft : {&chain_.root, &chain_.intermediate, &chain_.leaf})
      draft->validity = drafts::validity(now_ - std::chrono::days(3), now_ + std::chrono::days(60));
    drafts::set_extension(chain_.leaf, drafts::subject_alternative_name({drafts::dns("localhost")}));
    options_.trust.ca_files = {path("root.pem")};
  }
  void set_crl(const std::string& url) { drafts::set_extension(chain_.leaf, drafts::distribution_point(url)); }
  void set_access(const der::Oid& method, const std::string& url) {
    drafts::set_extension(chain_.leaf,
                          drafts::extension_of(der::oid::authorityInfoAccess, false, [&](der::Writer& out) {
                            out.sequence([&](der::Writer& description) {
                              description.object_identifier(method);
                              drafts::write_general_name(description, drafts::uri(url));
                            });
                          }));
  }
  Octets list(const std::vector<Octets>& entries) const {
    drafts::ListDraft draft;
    draft.this_update = drafts::der_of_time(now_ - std::chrono::hours(1));
    draft.next_update = drafts::der_of_time(now_ + std::chrono::days(6));
    draft.entries = entries;
    return drafts::sign(draft, drafts::key(1));
  }
  Octets revoking_list() const {
    return list({drafts::list_entry(chain_.leaf.serial, {drafts::reason_code(1)}, now_ - std::chrono::days(1))});
  }
  Octets response(const Octets& status) const {
    drafts::ResponseDraft draft;
    draft.produced_at = drafts::general_time(now_ - std::chrono::hours(1));
    draft.singles.front().status = status;
    draft.singles.front().this_update = drafts::general_time(now_ - std::chrono::hours(1));
    draft.singles.front().next_update = drafts::general_time(now_ + std::chrono::days(3));
    return drafts::sign(draft);
  }
  Octets intermediate() const { return drafts::sign(chain_.intermediate, drafts::key(0)); }

  /// Fetches from a server with this chain, which leaves the intermediate out if told so.
  FetchOutcome visit(bool whole_chain = true, Octets staple = {}) {
    write("root.pem", to_pem(drafts::sign(chain_.root, drafts::key(0))));
    auto credential = std::make_shared<tls::Credential>();
    credential->chain = {drafts::sign(chain_.leaf, drafts::key(1))};
    if (whole_chain) credential->chain.push_back(intermediate());
    credential->key = key_of_leaf();
    credential->ocsp_staple = std::move(staple);
    Scripted server({page("hello")}, credential);
    outcome_ = fetched(server.at("https"));
    return outcome_;
  }
  static std::shared_ptr<const crypto::PrivateKey> key_of_leaf() {
    return {std::shared_ptr<void>(), &drafts::key(2)};  // the drafts keep it
  }
  /// What was found out about the leaf.
  std::string told() const {
    const x509::Path* const path = outcome_.security.verdict->telling_path();
    return path == nullptr || path->revocation.empty() ? "nothing" : x509::describe(path->revocation.front());
  }
  const Rule* refusal() const { return outcome_.error ? outcome_.error->rule : nullptr; }

  WallTime now_;
  drafts::Chain chain_;
  FetchOutcome outcome_;
};

TEST_F(Judging, SaysThatNothingWasCheckedWhereNobodyCanBeAsked) {
  visit();
  EXPECT_FALSE(outcome_.error) << outcome_.error->what;
  EXPECT_EQ(told(), "not checked: the certificate names no CRL and no OCSP responder");
  EXPECT_THAT(verdict_details(outcome_.security, now_),
              HasSubstr("  revoked  not checked: the certificate names no CRL and no OCSP responder\n"));
  options_.revocation.mode = x509::RevocationMode::off;
  visit();
  EXPECT_EQ(told(), "nothing");
  options_.revocation.mode = x509::RevocationMode::hard;
  visit();
  EXPECT_EQ(refusal(), &x509::rules::no_revocation_source);
}

TEST_F(Judging, FetchesTheListAndKeepsIt) {
  Scripted authority({says(whole(list({}), "ETag: \"one\"\r\n"))});
  set_crl(authority.at("http") + "/leaves.crl");
  visit();
  EXPECT_FALSE(outcome_.error) << outcome_.error->what;
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the CRL of "));
  visit();
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the CRL of ")) << "it was kept; nobody answers any more";
  EXPECT_THAT(authority.requests(), ElementsAre(HasSubstr("GET /leaves.crl HTTP/1.1\r\n")));
}

TEST_F(Judging, RefusesWhatTheListRevokes) {
  Scripted authority({says(whole(revoking_list()))});
  set_crl(authority.at("http") + "/leaves.crl");
  visit();
  EXPECT_EQ(refusal(), &x509::rules::certificate_revoked);
  EXPECT_EQ(outcome_.exit_code(), 60);
  EXPECT_THAT(outcome_.error->what, HasSubstr("its certificate was revoked "));
  EXPECT_EQ(outcome_.security.level, SecurityLevel::broken);
}

TEST_F(Judging, AsksForAnOldListAgainAndKeepsItIfItIsStillRight) {
  std::string second;
  Scripted authority({says(whole(list({}), "ETag: \"one\"\r\n")), [&](const std::string& request) {
                        second = request;
                        return "HTTP/1.1 304 Not Modified\r\nETag: \"one\"\r\n\r\n";
                      }});
  const std::string url = authority.at("http") + "/leaves.crl";
  set_crl(url);
  visit();
  const EvidenceStore store(folder_ / "state" / "cache");
  auto stored = store.find_list(url);
  ASSERT_TRUE(stored);
  EXPECT_EQ(stored->etag, "\"one\"");
  stored->fetched -= std::chrono::hours(25);
  ASSERT_TRUE(store.keep_list(url, stored->list->der, *stored));
  visit();
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the CRL of "));
  EXPECT_THAT(second, HasSubstr("If-None-Match: \"one\"\r\n"));
  EXPECT_GE(store.find_list(url)->fetched, now_) << "the answer counts as a fetch";
}

TEST_F(Judging, AsksTheResponderWhereThereIsNoList) {
  std::string asked;
  Scripted authority({[&](const std::string& request) {
    asked = request;
    return whole(response(drafts::good_status));
  }});
  set_access(der::oid::ocsp, authority.at("http") + "/ocsp");
  visit();
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the OCSP response of "));
  EXPECT_THAT(asked, HasSubstr("POST /ocsp HTTP/1.1\r\n"));
  EXPECT_THAT(asked, HasSubstr("Content-Type: application/ocsp-request\r\n"));
}

TEST_F(Judging, RefusesWhatTheResponderRevokes) {
  Scripted authority({says(whole(response(drafts::revoked_status(1, now_ - std::chrono::days(1)))))});
  set_access(der::oid::ocsp, authority.at("http") + "/ocsp");
  visit();
  EXPECT_EQ(refusal(), &x509::rules::certificate_revoked);
}

TEST_F(Judging, AsksNobodyWhereAStapleTells) {
  Scripted authority({says(whole(list({})))});
  set_crl(authority.at("http") + "/leaves.crl");
  visit(true, response(drafts::good_status));
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the stapled OCSP response of "));
  EXPECT_THAT(authority.requests(), IsEmpty());
}

TEST_F(Judging, DemandsTheStapleThatTheLeafDemands) {
  chain_.leaf.extensions.push_back(
      drafts::extension_of(der::oid::tlsFeature, false, [](der::Writer& out) { out.integer(5); }));
  visit();
  EXPECT_EQ(refusal(), &x509::rules::must_staple_missing);
  visit(true, response(drafts::good_status));
  EXPECT_EQ(refusal(), nullptr);
}

TEST_F(Judging, SaysWhyNobodyAnswered) {
  std::string nobody;
  {
    const Scripted gone({});
    nobody = gone.at("http");
  }
  set_crl(nobody + "/leaves.crl");
  visit();
  EXPECT_EQ(refusal(), nullptr) << "soft: what is not known is said";
  EXPECT_THAT(told(), HasSubstr("not checked: "));
  EXPECT_THAT(told(), HasSubstr("refused"));
  options_.revocation.mode = x509::RevocationMode::hard;
  visit();
  EXPECT_NE(refusal(), nullptr);
  EXPECT_THAT(outcome_.error->what, HasSubstr("whether it was revoked is not known: "));
}

TEST_F(Judging, WaitsNoLongerThanASecond) {
  asio::io_context loop;
  asio::ip::tcp::acceptor deaf(loop, {asio::ip::address_v4::loopback(), 0});  // accepts by its backlog, says nothing
  set_crl("http://localhost:" + std::to_string(deaf.local_endpoint().port()) + "/leaves.crl");
  const auto begun = std::chrono::steady_clock::now();
  visit();
  EXPECT_EQ(refusal(), nullptr);
  EXPECT_THAT(told(), HasSubstr("not checked: "));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

TEST_F(Judging, TakesListsThatItIsGiven) {
  const Octets given = revoking_list();
  write("list.crl", std::string(as_text(given)));
  options_.trust.crl_files = {path("list.crl")};
  visit();
  EXPECT_EQ(refusal(), &x509::rules::certificate_revoked);
  write("list.crl", "nothing of the kind");
  visit();
  EXPECT_EQ(refusal(), &rules::bad_crl_file);
  EXPECT_EQ(outcome_.exit_code(), 2);
}

// CRLite filters.

/// A leaf with a timestamp four days old, and a cache where upki keeps it.
class JudgingByFilters : public Judging {
 protected:
  JudgingByFilters() : cache_(folder_ / "cache" / "upki" / "revocation", now_) {
    set_extension(chain_.leaf, CrliteFolder::timestamps(now_ - std::chrono::days(4)));
    issuer_ = x509::parse_certificate(intermediate()).value();
  }
  void put(bool revoked) {
    cache_.put("a.filter", *issuer_, revoked);
    cache_.write_index();
  }
  x509::RevocationSource source() const { return outcome_.security.verdict->telling_path()->revocation.front().source; }
  CrliteFolder cache_;
  std::shared_ptr<const x509::Certificate> issuer_;
};

TEST_F(JudgingByFilters, RefusesWhatTheyRevoke) {
  put(true);
  visit();
  EXPECT_EQ(refusal(), &x509::rules::certificate_revoked);
  EXPECT_EQ(outcome_.exit_code(), 60);
  EXPECT_THAT(outcome_.error->what, HasSubstr("its certificate was revoked, says the CRLite filter of "));
  EXPECT_EQ(source(), x509::RevocationSource::crlite);
  visit(true, response(drafts::good_status));
  EXPECT_EQ(refusal(), &x509::rules::certificate_revoked) << "a good staple does not outweigh it";
  options_.revocation.mode = x509::RevocationMode::off;
  visit();
  EXPECT_EQ(refusal(), nullptr);
}

TEST_F(JudgingByFilters, AsksNobodyElseWhereTheyTell) {
  Scripted authority({says(whole(revoking_list()))});
  set_crl(authority.at("http") + "/leaves.crl");
  put(false);
  visit();
  EXPECT_EQ(refusal(), nullptr) << outcome_.error->what;
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the CRLite filter of "));
  EXPECT_THAT(authority.requests(), IsEmpty());
  EXPECT_THAT(outcome_.security.notes, IsEmpty());
  EXPECT_THAT(verdict_details(outcome_.security, now_), HasSubstr("  revoked  good, says the CRLite filter of "));
}

TEST_F(JudgingByFilters, GoesOnToOthersWhereTheyHaveNothing) {
  set_extension(chain_.leaf, CrliteFolder::timestamps(now_));
  put(true);
  visit();
  EXPECT_EQ(refusal(), nullptr);
  EXPECT_THAT(told(), HasSubstr("no OCSP responder; the CRLite cache does not cover the certificate"));
  Scripted authority({says(whole(list({})))});
  set_crl(authority.at("http") + "/leaves.crl");
  visit();
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the CRL of "));
  EXPECT_THAT(outcome_.security.notes, IsEmpty()) << "which is nobody's fault";
}

TEST_F(JudgingByFilters, SaysThatTheyAreDamagedAndGoesOn) {
  put(true);
  write("cache/upki/revocation/index.bin", "rubbish");
  visit();
  EXPECT_EQ(refusal(), nullptr) << "soft: what is not known is said";
  EXPECT_THAT(told(), HasSubstr("not checked: the CRLite cache cannot be used: "));
  EXPECT_THAT(outcome_.security.notes, ElementsAre(HasSubstr("; fetch the CRLite cache anew (`upki fetch`)")));
  Scripted authority({says(whole(list({})))});
  set_crl(authority.at("http") + "/leaves.crl");
  visit();
  EXPECT_THAT(told(), ::testing::StartsWith("good, says the CRL of "));
  EXPECT_THAT(outcome_.security.notes, ElementsAre(HasSubstr("the CRLite cache cannot be used: ")));
  options_.revocation.fetch = false;
  options_.revocation.mode = x509::RevocationMode::hard;
  visit();
  EXPECT_EQ(refusal(), &rules::crlite_cache_damaged);
}

TEST_F(JudgingByFilters, SaysThatTheyAreTooOldAndGoesOn) {
  set_extension(chain_.leaf, CrliteFolder::timestamps(now_ - std::chrono::days(20)));
  chain_.leaf.validity = drafts::validity(now_ - std::chrono::days(21), now_ + std::chrono::days(60));
  CrliteFolder old(cache_.folder(), now_ - std::chrono::days(11));
  old.put("a.filter", *issuer_, false);
  old.write_index();
  visit();
  EXPECT_EQ(refusal(), nullptr);
  EXPECT_THAT(told(), HasSubstr("not checked: the CRLite filter is of "));
  EXPECT_THAT(outcome_.security.notes, ElementsAre(HasSubstr("which is too old")));
  old.put("a.filter", *issuer_, true);
  visit();
  EXPECT_EQ(refusal(), &x509::rules::certificate_revoked) << "nobody takes a revocation back";
}

TEST_F(JudgingByFilters, AreNotAskedAboutCertificatesWithoutTimestamps) {
  chain_.leaf.extensions.pop_back();
  put(true);
  visit();
  EXPECT_EQ(told(), "not checked: the certificate names no CRL and no OCSP responder");
}

TEST_F(Judging, FetchesAnIntermediateThatTheServerLeavesOut) {
  Scripted authority({says(whole(intermediate()))});
  set_access(der::oid::caIssuers, authority.at("http") + "/issuer.der");
  visit(false);
  EXPECT_EQ(refusal(), nullptr) << outcome_.error->what;
  EXPECT_THAT(outcome_.security.notes,
              ElementsAre(HasSubstr("the server leaves out the intermediate Intermediate, which was fetched from")));
}

TEST_F(Judging, SaysWhyAMissingIntermediateCannotBeHad) {
  visit(false);
  EXPECT_EQ(refusal(), &x509::rules::unknown_issuer) << "no URL";
  Scripted authority({says(whole({0x30, 0x00})), says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")});
  set_access(der::oid::caIssuers, authority.at("http") + "/issuer.der");
  visit(false);
  EXPECT_EQ(refusal(), &x509::rules::unknown_issuer);
  EXPECT_THAT(outcome_.security.notes, ElementsAre(HasSubstr("is no certificate")));
  visit(false);
  EXPECT_THAT(outcome_.security.notes, ElementsAre(HasSubstr("answered 404")));
}

// docs/threats.md, P10.
TEST(CertificateUrls, LeadNowhereInside) {
  asio::io_context loop;
  const auto refusal = [&loop](std::string_view server, const std::string& url) {
    std::optional<const Rule*> found;
    const auto ask = [&]() -> net::Awaitable<void> {
      CertificateUrls urls({.address = x509::parse_ip_address(server).value(), .port = 443},
                           net::deadline_in(std::chrono::milliseconds(200)));
      UrlQuestion question{.url = url, .most_bytes = 100};
      const auto answer = co_await urls.ask(std::move(question));
      found = answer ? nullptr : answer.error().rule;
    };
    asio::co_spawn(loop, ask(), asio::detached);
    loop.run();
    loop.restart();
    return *found;
  };
  asio::ip::tcp::acceptor inside(loop, {asio::ip::address_v4::loopback(), 0});
  inside.non_blocking(true);
  const std::string port = ":" + std::to_string(inside.local_endpoint().port());
  for (const std::string url :
       {"http://127.0.0.1", "http://localhost", "http://127.1.2.3", "http://[::1]", "http://[::ffff:127.0.0.1]",
        "http://10.0.0.1", "http://172.16.9.9", "http://192.168.1.1", "http://169.254.169.254", "http://[fe80::1]",
        "http://[fd00::1]", "http://100.64.0.1", "http://0.0.0.0", "http://[::]", "http://255.255.255.255",
        "http://224.0.0.1", "http://[64:ff9b::7f00:1]"}) {
    EXPECT_EQ(refusal("93.184.216.34", url + port + "/a.crl"), &rules::certificate_url_refused) << url;
  }
  for (const std::string url : {"https://example.test/a.crl", "ldap://example.test/", "file:///etc/passwd", "http://",
                                "ftp://example.test/a.crl", "gopher://127.0.0.1/"})
    EXPECT_EQ(refusal("127.0.0.1", url), &rules::certificate_url_refused) << url;
  EXPECT_EQ(refusal("10.0.0.1", "http://127.0.0.1" + port + "/"), &rules::certificate_url_refused)
      << "a server of the network is not on this machine";
  std::error_code nobody_came;
  inside.accept(nobody_came);
  EXPECT_EQ(nobody_came, asio::error::would_block) << "no connection was made";
}

TEST(CertificateUrls, AreFollowedTwiceAtMostAndOnlyAsFarAsTheyAreAsked) {
  Scripted authority({says(whole(Octets(10))), says(whole(Octets(11))), says(whole(Octets(1)))});
  asio::io_context loop;
  std::vector<const Rule*> found;
  const auto ask = [&]() -> net::Awaitable<void> {
    CertificateUrls urls({.address = x509::parse_ip_address("127.0.0.1").value(), .port = 443},
                         net::deadline_in(std::chrono::seconds(5)));
    for (int i = 0; i < 3; ++i) {
      UrlQuestion question{.url = authority.at("http"), .most_bytes = 10};
      const auto answer = co_await urls.ask(std::move(question));
      found.push_back(answer ? nullptr : answer.error().rule);
    }
  };
  asio::co_spawn(loop, ask(), asio::detached);
  loop.run();
  EXPECT_THAT(found, ElementsAre(nullptr, &rules::certificate_url_failed, &rules::certificate_url_refused));
}

}  // namespace
}  // namespace padlock::client
