#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "padlock/server/config/read_config.h"
#include "padlock/server/config/units.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view site = "[sites.\"a.test\"]\ndir = \"www\"\n";

Config good(std::string_view text, const std::vector<ConfigText>& drop_ins = {}) {
  auto config = parse_config({"etc/padlock.toml", std::string(text)}, drop_ins);
  if (!config) {
    for (const ConfigProblem& problem : config.error()) ADD_FAILURE() << to_string(problem);
    return {};
  }
  return *std::move(config);
}

/// What is wrong with a text, as people read it.
std::vector<std::string> wrong(std::string_view text, const std::vector<ConfigText>& drop_ins = {}) {
  const auto config = parse_config({"etc/padlock.toml", std::string(text)}, drop_ins);
  std::vector<std::string> all;
  if (config) return all;
  for (const ConfigProblem& problem : config.error()) all.push_back(to_string(problem));
  return all;
}

TEST(Configuration, OfTwoLinesIsASite) {
  const Config config = good(site);
  ASSERT_EQ(config.sites.size(), 1U);
  EXPECT_THAT(config.sites[0].names, ElementsAre("a.test"));
  EXPECT_EQ(std::get<FolderSource>(config.sites[0].content).folder, "etc/www") << "relative to the file";
  EXPECT_EQ(std::get<FolderSource>(config.sites[0].content).options, FolderOptions{});
  EXPECT_THAT(config.sites[0].files, IsEmpty());
  EXPECT_EQ(config.sites[0].place, "etc/padlock.toml:1");
  EXPECT_FALSE(config.sites[0].options.hsts);
  EXPECT_EQ(config.https_port, 443);
  EXPECT_EQ(config.http_port, 80);
  EXPECT_THAT(config.listen, IsEmpty()) << "all addresses";
  EXPECT_EQ(config.policy, tls::Policy::intermediate);
  EXPECT_EQ(config.file_cache, std::size_t{64} << 20);
}

TEST(Configuration, OfASiteSaysWhatItsClientsMustShow) {
  const std::string table = std::string(site) + "[sites.\"a.test\".client_certificates]\n";
  const Config config = good(table + "ca = \"ca.pem\"\n");
  EXPECT_EQ(config.sites[0].clients, (ClientCertificatesConfig{.authorities = {"etc/ca.pem"}}));
  EXPECT_FALSE(same_site(config.sites[0], good(site).sites[0])) << "a reload makes another site of it";
  EXPECT_EQ(good(table + "ca = [\"a.pem\", \"/b.pem\"]\ncrl = \"a.crl\"\nmode = \"optional\"\n").sites[0].clients,
            (ClientCertificatesConfig{
                .authorities = {"etc/a.pem", "/b.pem"}, .revocation_lists = {"etc/a.crl"}, .required = false}));
  EXPECT_EQ(good(table + "ca = \"a.pem\"\nmode = \"required\"\n").sites[0].clients->required, true);
  EXPECT_THAT(wrong(table), ElementsAre(HasSubstr(":3:17: nothing says whose certificates clients may show")));
  EXPECT_THAT(wrong(table + "ca = []\n"), ElementsAre(HasSubstr("there is no file")));
  EXPECT_THAT(wrong(table + "ca = \"a.pem\"\nmode = \"require\"\ncrls = 1\n"),
              ElementsAre(HasSubstr("there is no mode \"require\""), HasSubstr("there is no key \"crls\"")));
}

TEST(Configuration, OfASiteSaysWhetherItStaples) {
  EXPECT_TRUE(good(site).sites[0].staple);
  const Config config = good(std::string(site) + "staple = false\n");
  EXPECT_FALSE(config.sites[0].staple);
  EXPECT_FALSE(same_site(config.sites[0], good(site).sites[0]));
}

TEST(Configuration, SaysWhichCaCertifiesPublicNames) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n";
  const Config plain = good(acme + std::string(site));
  EXPECT_EQ(plain.acme, (certs::AcmeSettings{.directory = "https://ca.test/dir"}));
  EXPECT_TRUE(plain.sites[0].acme);
  EXPECT_FALSE(same_site(plain.sites[0], good(site).sites[0]));
  const Config all =
      good(acme +
           "email = \"a@ca.test\"\nagree = true\nca_file = \"ca.pem\"\nchallenge = \"http-01\"\n"
           "profile = \"shortlived\"\nroot = \"Root X\"\neab = { key_id = \"kid\", mac_key = \"key\" }\n" +
           std::string(site));
  EXPECT_EQ(all.acme, (certs::AcmeSettings{.directory = "https://ca.test/dir",
                                           .email = "a@ca.test",
                                           .agree = true,
                                           .ca_files = {"etc/ca.pem"},
                                           .challenges = {acme::ChallengeType::http_01},
                                           .profile = "shortlived",
                                           .preferred_root = "Root X",
                                           .eab_key_identifier = "kid",
                                           .eab_mac_key = "key"}));
}

TEST(Configuration, HasPersistentRecordsWhereItSaysSoAlone) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n";
  const auto persistent = acme::ChallengeType::dns_persist_01;
  const auto of = [&](const std::string& more) { return good(acme + more + std::string(site)).acme->challenges; };
  EXPECT_EQ(std::ranges::count(of(""), persistent), 0);
  EXPECT_EQ(std::ranges::count(of("acme_dns = \"dns.json\"\n"), persistent), 0);
  EXPECT_EQ(of("challenge = [\"dns-persist-01\", \"http-01\"]\n"),
            (std::vector{persistent, acme::ChallengeType::http_01}));
}

TEST(Configuration, OfAcmeDnsAllowsDns01Too) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\nacme_dns = \"dns.json\"\n";
  EXPECT_EQ(good(acme + std::string(site)).acme->challenges.back(), acme::ChallengeType::dns_01);
  EXPECT_EQ(good(acme + "challenge = \"dns-01\"\n" + std::string(site)).acme->challenges,
            std::vector{acme::ChallengeType::dns_01});
}

TEST(Configuration, SaysWhereRecordsOfDns01Go) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n";
  const auto update =
      good(acme + "[acme.rfc2136]\nserver = \"ns.a.test\"\nkey = \"tsig.key\"\n" + std::string(site)).acme;
  EXPECT_EQ(update->dns_update, (certs::DnsUpdateSettings{.server = "ns.a.test", .key_file = "etc/tsig.key"}));
  EXPECT_EQ(update->challenges.back(), acme::ChallengeType::dns_01);
  const auto all = good(acme +
                        "[acme.rfc2136]\nserver = \"192.0.2.1:5353\"\nkey = \"/k\"\nzone = \"a.test\"\n"
                        "authoritative = [\"ns2.a.test\", \"[::1]:53\"]\npatience = \"5 min\"\n" +
                        std::string(site));
  EXPECT_EQ(all.acme->dns_update, (certs::DnsUpdateSettings{.server = "192.0.2.1:5353",
                                                            .key_file = "/k",
                                                            .zone = "a.test",
                                                            .authoritative = {"ns2.a.test", "[::1]:53"},
                                                            .patience = std::chrono::minutes(5)}));
  const auto hook = good(acme + "exec = \"/usr/bin/hook\"\n" + std::string(site)).acme;
  EXPECT_EQ(hook->dns_hook, "/usr/bin/hook");
  EXPECT_EQ(hook->challenges.back(), acme::ChallengeType::dns_01);
}

TEST(Configuration, NamesOtherCasInTheirOrder) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\nemail = \"a@b.test\"\n";
  const auto settings = good(acme +
                             "[[acme.fallback]]\ndirectory = \"https://z.test/\"\nagree = true\n"
                             "eab = { key_id = \"kid\", mac_key = \"key\" }\n"
                             "[[acme.fallback]]\ndirectory = \"https://b.test/\"\nemail = \"\"\n" +
                             std::string(site))
                            .acme;
  ASSERT_EQ(settings->others.size(), 2U);
  EXPECT_EQ(settings->others[0], (certs::AcmeSettings{.directory = "https://z.test/",
                                                      .email = "a@b.test",
                                                      .agree = true,
                                                      .eab_key_identifier = "kid",
                                                      .eab_mac_key = "key"}));
  EXPECT_EQ(settings->others[1].email, "");
}

TEST(ConfigurationProblems, OfRecordsAndOtherCasSayWhatToWrite) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n";
  const auto told = [&](std::string_view more) { return wrong(acme + std::string(more) + std::string(site)); };
  EXPECT_THAT(told("[acme.rfc2136]\nserver = \"ns\"\n"), ElementsAre(HasSubstr("the zone's primary and a key")));
  EXPECT_THAT(told("[acme.rfc2136]\nserver = \"n s\"\nkey = \"k\"\nzone = \"a..b\"\n"),
              ElementsAre(HasSubstr("\"n s\" is no name server"), HasSubstr("is no domain name")));
  EXPECT_THAT(told("exec = \"/h\"\nacme_dns = \"a.json\"\n"), ElementsAre(HasSubstr("one place alone")));
  EXPECT_THAT(told("[[acme.fallback]]\nagree = true\n"), ElementsAre(HasSubstr("no https URL")));
  EXPECT_THAT(told("[[acme.fallback]]\ndirectory = \"https://ca.test/dir\"\n"),
              ElementsAre(HasSubstr("asked already")));
  EXPECT_THAT(told("fallback = 1\n"), ElementsAre(HasSubstr("[[fallback]]")));
}

TEST(Configuration, SaysWhichNamesAreHadOnDemand) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n[acme.on_demand]\nsite = \"A.test\"\n";
  EXPECT_EQ(good("[acme]\ndirectory = \"https://ca.test/dir\"\n" + std::string(site)).acme->on_demand, std::nullopt);
  EXPECT_EQ(good(acme + "allow = [\"*.shop.test\", \"B.test\"]\n" + std::string(site)).acme->on_demand,
            (certs::OnDemandSettings{.site = "a.test", .allow = {"*.shop.test", "b.test"}}));
  for (const std::string url :
       {"http://127.0.0.1:9000/allowed", "http://localhost/?a=b", "http://[::1]:9000/", "https://rules.a.test/allowed"})
    EXPECT_EQ(good(std::string(acme).append("ask = \"").append(url).append("\"\n").append(site)).acme->on_demand,
              (certs::OnDemandSettings{.site = "a.test", .ask = url}));
}

TEST(ConfigurationProblems, OfNamesOnDemandSayWhatToWrite) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n[acme.on_demand]\n";
  const auto told = [&](std::string_view more, std::string_view sites = site) {
    return wrong(acme + std::string(more) + std::string(sites));
  };
  EXPECT_THAT(
      told("site = \"a.test\"\n"),
      ElementsAre("etc/padlock.toml:3:7: nothing says which names may have a certificate: anybody could have the "
                  "CA asked for any\n    3 | [acme.on_demand]\n      |       ^^^^^^^^^ add allow = "
                  "[\"*.example.com\"] or ask = \"http://127.0.0.1:9000/allowed\""));
  EXPECT_THAT(told("allow = []\nask = \"\"\n"),
              ElementsAre(HasSubstr("which site has the names"), HasSubstr("which names may have")));
  EXPECT_THAT(told("site = \"a.test\"\nallow = [\"192.0.2.1\", \"*\", \"a b\", \"*.co.uk\"]\n"),
              ElementsAre(HasSubstr("\"192.0.2.1\" is no name"), HasSubstr("\"*\" is no name"),
                          HasSubstr("\"a b\" is no name"), HasSubstr("\"*.co.uk\" allows the names of everybody")));
  EXPECT_THAT(told("site = \"a.test\"\nask = \"rules\"\n"), ElementsAre(HasSubstr("\"rules\" is no URL")));
  for (const std::string_view url : {"http://192.0.2.1/", "http://rules.test/", "http://localhost.test/"})
    EXPECT_THAT(told("site = \"a.test\"\nask = \"" + std::string(url) + "\"\n"),
                ElementsAre(HasSubstr("plain http to another machine")));
  EXPECT_THAT(told("site = \"b.test\"\nask = \"https://rules.test/\"\n"),
              ElementsAre(AllOf(HasSubstr(":4:8: no site has the name \"b.test\""), HasSubstr("a.test"))));
  EXPECT_THAT(told("site = \"a.test\"\nask = \"https://rules.test/\"\n",
                   std::string(site) + "client_certificates = { ca = \"ca.pem\" }\n"),
              ElementsAre(HasSubstr("asks its clients for certificates")));
  EXPECT_THAT(told("site = \"a.test\"\nalow = \"b.test\"\n"),
              ElementsAre(HasSubstr("which names"), HasSubstr("there is no key \"alow\"")));
}

TEST(Configuration, SaysWhoIsToldOfCertificates) {
  EXPECT_EQ(good(site).on_event, std::nullopt);
  EXPECT_EQ(good("[on_event]\nexec = \"/usr/bin/tell\"\n" + std::string(site)).on_event,
            (certs::EventSettings{.program = "/usr/bin/tell"}));
  EXPECT_EQ(good("[on_event]\nwebhook = \"https://hooks.test/a?b\"\nca_file = \"ca.pem\"\n"
                 "events = [\"cert_failed\", \"cert_expired\"]\n" +
                 std::string(site))
                .on_event,
            (certs::EventSettings{
                .webhook = "https://hooks.test/a?b",
                .ca_files = {"etc/ca.pem"},
                .only = {certs::CertificateEvent::Kind::cert_failed, certs::CertificateEvent::Kind::cert_expired}}));
  for (const std::string_view url : {"http://127.0.0.1:9000/", "http://localhost/hook", "http://[::1]:1/"})
    EXPECT_EQ(good("[on_event]\nwebhook = \"" + std::string(url) + "\"\n" + std::string(site)).on_event,
              (certs::EventSettings{.webhook = std::string(url)}));
}

TEST(ConfigurationProblems, OfWhoIsToldSayWhatToWrite) {
  const auto told = [&](std::string_view keys) {
    return wrong("[on_event]\n" + std::string(keys) + std::string(site));
  };
  EXPECT_THAT(told(""), ElementsAre("etc/padlock.toml:1:2: nothing says who is told\n    1 | [on_event]\n      |  "
                                    "^^^^^^^^ add exec = \"/usr/local/bin/on-event\" or webhook = "
                                    "\"https://hooks.example.com/padlock\""));
  for (const std::string_view url : {"http://192.0.2.1/", "http://hooks.test/", "http://localhost.test/"})
    EXPECT_THAT(told("webhook = \"" + std::string(url) + "\"\n"),
                ElementsAre(AllOf(HasSubstr(":2:11: "), HasSubstr("plain http to another machine"))));
  EXPECT_THAT(told("webhook = \"hooks\"\n"),
              ElementsAre(AllOf(HasSubstr("\"hooks\" is no URL"),
                                HasSubstr("webhook = \"https://hooks.example.com/padlock\""))));
  EXPECT_THAT(told("exec = \"/h\"\nevents = [\"cert_expire\", \"x\"]\n"),
              ElementsAre(AllOf(HasSubstr("there is no event \"cert_expire\""), HasSubstr("cert_expired")),
                          AllOf(HasSubstr("\"x\""), HasSubstr("cert_obtained, cert_renewed"))));
  EXPECT_THAT(told("exec = \"/h\"\nca_file = \"ca.pem\"\n"), ElementsAre(HasSubstr("without a webhook")));
  EXPECT_THAT(told("exek = \"/h\"\n"),
              ElementsAre(HasSubstr("nothing says who"), AllOf(HasSubstr("no key \"exek\""), HasSubstr("exec"))));
}

TEST(Configuration, LeavesLocalNamesToTheLocalCa) {
  const std::string acme = "[acme]\ndirectory = \"https://ca.test/dir\"\n";
  for (const std::string_view name : {"localhost", "shop.localhost", "127.0.0.1", "::1"}) {
    const std::string table = "[sites.\"" + std::string(name) + "\"]\ndir = \"www\"\n";
    EXPECT_FALSE(good(acme + table).sites[0].acme) << name;
    EXPECT_TRUE(good(acme + table + "acme = true\n").sites[0].acme) << name;
  }
  EXPECT_FALSE(good(acme + std::string(site) + "acme = false\n").sites[0].acme);
  EXPECT_FALSE(good(acme + std::string(site) + "certificate = \"c.pem\"\nkey = \"k.pem\"\n").sites[0].acme);
}

TEST(ConfigurationProblems, OfAcmeSayWhatToWrite) {
  const auto told = [](std::string_view table) { return wrong(std::string(table) + std::string(site)); };
  EXPECT_THAT(told("[acme]\n"), ElementsAre(HasSubstr("the CA's directory is no https URL")));
  EXPECT_THAT(told("[acme]\ndirectory = \"http://ca.test/\"\n"), ElementsAre(HasSubstr("no https URL")));
  const std::string good_url = "[acme]\ndirectory = \"https://ca.test/\"\n";
  EXPECT_THAT(told(good_url + "challenge = \"htp-01\"\n"), ElementsAre(HasSubstr("http-01")));
  EXPECT_THAT(told(good_url + "challenge = \"dns-01\"\n"), ElementsAre(HasSubstr("where the records of dns-01 go")));
  EXPECT_THAT(told(good_url + "eab = { key_id = \"kid\" }\n"), ElementsAre(HasSubstr("two parts")));
  EXPECT_THAT(told(good_url + "mail = \"a@ca.test\"\n"), ElementsAre(HasSubstr("email")));
  EXPECT_THAT(wrong(std::string(site) + "acme = true\n"), ElementsAre(HasSubstr("there is no table [acme]")));
}

TEST(Configuration, SaysWhereAFleetSharesItsStore) {
  const auto store = [](std::string_view keys) {
    return good("[store]\nseal_key = \"seal.key\"\n" + std::string(keys) + std::string(site)).store.value();
  };
  EXPECT_EQ(good(site).store, std::nullopt);
  EXPECT_EQ(store("redis = \"redis://localhost\"\n"),
            (certs::RedisSettings{.host = "localhost", .seal_key = "etc/seal.key"}));
  EXPECT_EQ(store("redis = \"rediss://[::1]:6380/7\"\nuser = \"padlock\"\npassword_file = \"/run/p\"\nca = \"ca.pem\"\n"
                  "older_seal_keys = [\"old.key\"]\nprefix = \"fleet:1\"\ntimeout = \"1 s\"\n"),
            (certs::RedisSettings{.host = "::1",
                                  .port = 6380,
                                  .tls = true,
                                  .database = 7,
                                  .user = "padlock",
                                  .password_file = "/run/p",
                                  .ca_files = {"etc/ca.pem"},
                                  .seal_key = "etc/seal.key",
                                  .older_keys = {"etc/old.key"},
                                  .prefix = "fleet:1",
                                  .patience = 1s}));
}

TEST(Configuration, TakesEarlyDataWhereItSaysSoInAFleetToo) {
  EXPECT_FALSE(good(site).early_data);
  EXPECT_TRUE(good("early_data = true\n" + std::string(site)).early_data);
  const std::string fleet = "early_data = true\n[store]\nseal_key = \"k\"\nredis = \"redis://localhost\"\n";
  EXPECT_TRUE(good(fleet + std::string(site)).early_data);
}

TEST(ConfigurationProblems, OfAStoreSayWhatToWrite) {
  const auto told = [](std::string_view keys) {
    return wrong("[store]\nseal_key = \"seal.key\"\n" + std::string(keys) + std::string(site));
  };
  EXPECT_THAT(told(""), ElementsAre(HasSubstr("nothing says where the store is")));
  for (const auto* const url :
       {"http://localhost", "localhost:6379", "redis://", "redis://localhost:0x", "redis://localhost/x",
        "redis://localhost/1/2", "redis://localhost/?db=1", "redis://localhost/99999999"})
    EXPECT_THAT(told("redis = \"" + std::string(url) + "\"\n"), ElementsAre(HasSubstr("is no URL of a Redis"))) << url;
  EXPECT_THAT(told("redis = \"redis://user:secret@localhost\"\n"), ElementsAre(HasSubstr("password_file = ")));
  const std::string good_url = "redis = \"redis://localhost\"\n";
  EXPECT_THAT(told(good_url + "user = \"padlock\"\n"), ElementsAre(HasSubstr("a user has a password")));
  EXPECT_THAT(told(good_url + "ca = \"ca.pem\"\n"), ElementsAre(HasSubstr("nothing to verify without TLS")));
  EXPECT_THAT(told(good_url + "prefix = \"a b\"\n"), ElementsAre(HasSubstr("is no prefix")));
  EXPECT_THAT(told(good_url + "timeout = \"1 ms\"\n"), ElementsAre(HasSubstr("10 ms to 30 s")));
  EXPECT_THAT(told(good_url + "pasword_file = \"p\"\n"), ElementsAre(HasSubstr("password_file")));
  EXPECT_THAT(wrong("[store]\n" + good_url + std::string(site)), ElementsAre(HasSubstr("padlock store key seal.key")));
}

TEST(Configuration, SaysAllThatAServerCanBeTold) {
  const Config config = good(R"(
listen = ["127.0.0.1", "::1"]
https_port = 8443
http_port = 0
workers = 3
user = "padlock"
policy = "modern"
fallback = "WWW.a.test"

[limits]
connections = 100
connections_per_address = 10
requests_in_work = 300
handshake_percent = 25
memory = "1 GiB"
handshake = "5s"
head = "6 seconds"
idle = "2 min"
write = "1500 ms"
drain = "1 h"
file_cache = "1 GiB"

[log]
requests = "requests.log"
format = "json"

[admin]
socket = "run/admin.sock"
group = "root"
listen = "127.0.0.1:9180"

[sites."A.test"]
names = ["www.a.test", "*.b.test", "192.0.2.1"]
dir = "/srv/a"
index = ["index.htm", "start page.html"]
listing = true
fallback_file = "app/index.html"
cache_control = "public, max-age=3600"
precompressed = false
compress = false
certificate = "a.pem"
key = "/etc/keys/a.key"
hsts = "1 year"

[sites."c.test"]
names = "d.test"
redirect = "https://WWW.a.test:8443/"
certificate = ["rsa.pem", "ecdsa.pem"]
key = ["rsa.key", "ecdsa.key"]
)");
  EXPECT_EQ(config.listen.size(), 2U);
  EXPECT_EQ(config.https_port, 8443);
  EXPECT_EQ(config.http_port, 0);
  EXPECT_EQ(config.workers, 3U);
  EXPECT_EQ(config.user, "padlock");
  EXPECT_EQ(config.policy, tls::Policy::modern);
  EXPECT_EQ(config.fallback, "www.a.test");
  EXPECT_EQ(config.connections, 100U);
  EXPECT_EQ(config.connections_per_address, 10U);
  EXPECT_EQ(config.load, (LoadLimits{.requests = 300, .handshake_percent = 25, .memory = std::uint64_t{1} << 30}));
  EXPECT_EQ(config.timers.handshake, 5s);
  EXPECT_EQ(config.timers.head, 6s);
  EXPECT_EQ(config.timers.idle, 2min);
  EXPECT_EQ(config.timers.write, 1500ms);
  EXPECT_EQ(config.timers.drain, 1h);
  EXPECT_EQ(config.file_cache, std::size_t{1} << 30);
  EXPECT_EQ(config.log, (RequestLogConfig{RequestLogConfig::To::file, "etc/requests.log", RequestFormat::json}));
  EXPECT_EQ(config.admin, (AdminConfig{AdminConfig::Socket::file, "etc/run/admin.sock", "root",
                                       net::parse_endpoint("127.0.0.1:9180")}));
  ASSERT_EQ(config.sites.size(), 2U);
  EXPECT_THAT(config.sites[0].names, ElementsAre("a.test", "www.a.test", "*.b.test", "192.0.2.1"));
  EXPECT_EQ(std::get<FolderSource>(config.sites[0].content), (FolderSource{"/srv/a",
                                                                           {.index = {"index.htm", "start page.html"},
                                                                            .listing = true,
                                                                            .fallback_file = "app/index.html",
                                                                            .precompressed = false,
                                                                            .compress = false,
                                                                            .cache_control = "public, max-age=3600"}}));
  EXPECT_EQ(config.sites[0].files.at(0).certificate, "etc/a.pem");
  EXPECT_EQ(config.sites[0].files.at(0).key, "/etc/keys/a.key");
  EXPECT_EQ(config.sites[0].options.hsts, 365 * 24h);
  EXPECT_THAT(config.sites[1].names, ElementsAre("c.test", "d.test"));
  EXPECT_THAT(config.sites[1].files, ElementsAre(CertificateFiles{"etc/rsa.pem", "etc/rsa.key"},
                                                 CertificateFiles{"etc/ecdsa.pem", "etc/ecdsa.key"}));
  EXPECT_EQ(std::get<RedirectTarget>(config.sites[1].content), RedirectTarget{"https://www.a.test:8443"});
}

TEST(Configuration, TakesSitesFromDropIns) {
  const Config config = good("fallback = \"b.test\"\n", {{"etc/conf.d/b.toml", "[sites.\"b.test\"]\ndir = \"b\"\n"}});
  ASSERT_EQ(config.sites.size(), 1U);
  EXPECT_EQ(std::get<FolderSource>(config.sites[0].content).folder, "etc/conf.d/b");
}

TEST(Configuration, ReadsUpstreams) {
  const Config config = good(R"(
trusted_proxies = ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"]
[sites."a.test"]
proxy = ["http://127.0.0.1:3000 weight=3", "localhost:3001", "3002", "https://app.internal"]
[sites."a.test".upstream]
balance = "least_connections"
http2 = true
ca = "upstream-ca.pem"
host = "app.internal"
client_certificate_chain = true
connect_timeout = "1 s"
response_timeout = "5 min"
health = "/healthz?deep"
health_interval = "3 s"
[sites."b.test"]
proxy = "3000"
)");
  const auto& target = std::get<ProxyTarget>(config.sites.at(0).content);
  std::vector<std::string> origins;
  origins.reserve(target.upstreams.size());
  for (const UpstreamConfig& one : target.upstreams)
    origins.push_back(one.url.origin() + " " + std::to_string(one.weight));
  EXPECT_THAT(origins, ElementsAre("http://127.0.0.1:3000 3", "http://localhost:3001 1", "http://localhost:3002 1",
                                   "https://app.internal 1"));
  EXPECT_EQ(target.balance, Balance::least_connections);
  EXPECT_TRUE(target.http2);
  EXPECT_EQ(target.ca, "etc/upstream-ca.pem");
  EXPECT_EQ(target.host, "app.internal");
  EXPECT_TRUE(target.client_certificate_chain);
  EXPECT_EQ(target.connect, 1s);
  EXPECT_EQ(target.response, 5min);
  EXPECT_EQ(target.health, (HealthCheckConfig{"/healthz?deep", 3s}));
  EXPECT_EQ(target.trusted_proxies.size(), 3U);
  EXPECT_EQ(std::get<ProxyTarget>(config.sites.at(1).content).balance, Balance::round_robin);
}

TEST(Configuration, ReadsPathsOfASite) {
  const Config config = good(R"(
trusted_proxies = "10.0.0.1"
[sites."a.test"]
respond = "hello"
status = 418
content_type = "text/html"
hsts = "1 day"
allow = ["10.0.0.0/8"]
max_body = "1 KiB"
policy = "modern"
error_pages_for_upstreams = true
error_pages = { 404 = "errors/404.html", 502 = "/srv/502.html" }
rate_limit = { requests = 100, per = "1 min", burst = 200 }
cors = { origins = ["https://b.test", "http://c.test:3000"], methods = ["GET", "PUT"], headers = "X-A", credentials = true, max_age = "1 h" }
auth = { realm = "staff", users = "users", pass = true }
[sites."a.test".response_headers]
remove = "Server"
set = { X-Frame-Options = "DENY" }
add = { Link = ["</a>; rel=x", "</b>; rel=y"] }
[sites."a.test".paths."/api/"]
proxy = "3000"
strip_prefix = true
request_headers = { set = { X-Part = "api" } }
allow = []
auth = false
rate_limit = false
cors = false
[sites."a.test".paths."/old"]
redirect = "/new/"
redirect_status = 301
rewrite = { from = "/old", to = "/" }
[sites."a.test".paths."/closed"]
maintenance = "back at noon"
)");
  const SiteConfig& whole = config.sites.at(0);
  EXPECT_EQ(std::get<FixedResponse>(whole.content), (FixedResponse{"hello", 418, "text/html"}));
  EXPECT_EQ(whole.options.allow.size(), 1U);
  EXPECT_EQ(whole.options.trusted_proxies.size(), 1U);
  EXPECT_EQ(whole.options.max_body, 1024U);
  EXPECT_EQ(config.sites[0].policy, tls::Policy::modern);
  EXPECT_TRUE(whole.options.error_pages_for_upstreams);
  EXPECT_EQ(whole.options.error_pages,
            (std::map<int, std::filesystem::path>{{404, "etc/errors/404.html"}, {502, "/srv/502.html"}}));
  EXPECT_EQ(whole.options.rate_limit, (RateLimitConfig{100, 1min, 200}));
  EXPECT_EQ(whole.options.cors,
            (CorsConfig{{"https://b.test", "http://c.test:3000"}, {"GET", "PUT"}, {"X-A"}, true, 3600s}));
  EXPECT_EQ(whole.options.response_fields, (FieldRules{.remove = {"Server"},
                                                       .set = {{"X-Frame-Options", "DENY"}},
                                                       .add = {{"Link", "</a>; rel=x"}, {"Link", "</b>; rel=y"}}}));
  EXPECT_EQ(whole.options.auth, (AuthConfig{"staff", "etc/users", true}));
  ASSERT_EQ(whole.paths.size(), 3U);
  const auto part = [&](std::string_view prefix) {
    return std::ranges::find(whole.paths, PathPrefix::parse(prefix).value(), &PathConfig::prefix)->route;
  };
  const RouteConfig api = part("/api");
  EXPECT_EQ(std::get<ProxyTarget>(api.content).upstreams.at(0).url.port, 3000);
  EXPECT_EQ(api.map, (PathMap{PathPrefix::parse("/api").value(), {}}));
  EXPECT_EQ(api.options.request_fields, (FieldRules{.set = {{"X-Part", "api"}}}));
  EXPECT_EQ(api.options.hsts, 24h) << "what a path does not say is as its site says";
  EXPECT_EQ(api.options.response_fields, whole.options.response_fields);
  EXPECT_THAT(api.options.allow, IsEmpty());
  EXPECT_FALSE(api.options.rate_limit || api.options.cors || api.options.auth);
  EXPECT_TRUE(part("/closed").options.auth) << "what guards a site guards its parts";
  EXPECT_EQ(std::get<RedirectTarget>(part("/old").content), (RedirectTarget{"/new", 301, true}));
  EXPECT_EQ(part("/old").map, (PathMap{PathPrefix::parse("/old").value(), {}}));
  EXPECT_EQ(part("/closed").options.maintenance, "back at noon");
  EXPECT_EQ(part("/closed").options.allow.size(), 1U);
}

TEST(ConfigurationProblems, OfRoutesSayWhatToWrite) {
  const auto with = [](const std::string& more) { return "[sites.\"a.test\"]\ndir = \"x\"\n" + more + "\n"; };
  const auto path = [&](const std::string& prefix, const std::string& more = "dir = \"x\"") {
    return with("[sites.\"a.test\".paths.\"" + prefix + "\"]\n" + more);
  };
  const std::vector<std::pair<std::string, std::string>> kinds{
      {path("api"), "\"api\" is no beginning of a path"},
      {path("/a/../b"), "is no beginning of a path"},
      {path("/"), "is the whole site"},
      {path("/a/") + "[sites.\"a.test\".paths.\"/a\"]\ndir = \"x\"\n", "is there twice"},
      {path("/a/", ""), "this path has nothing to show"},
      {path("/a/", "dir = \"x\"\nhstss = \"1 s\""), "there is no key \"hstss\" here"},
      {path("/a/", "dir = \"x\"\nstrip_prefix = true\nrewrite = { from = \"/a\", to = \"/\" }"), "rewrites this path"},
      {with("strip_prefix = true"), "a site has no prefix"},
      {with("rewrite = { from = \"a\", to = \"/\" }"), "\"a\" is no beginning of a path"},
      {with("response_headers = { set = { \"X Y\" = \"1\" } }"), "\"X Y\" is no name of a header field"},
      {with("response_headers = { set = { X = \"1\\n2\" } }"), "is no value of a header field"},
      {with("response_headers = { set = { X = [\"1\", \"2\"] } }"), "has one value"},
      {with("response_headers = { set = { content-length = \"1\" } }"), "is for the connection to write"},
      {with("response_headers = { remove = \"Transfer-Encoding\" }"), "is for the connection to write"},
      {with("request_headers = { add = { Host = \"b.test\" } }"), "upstream.host"},
      {with("request_headers = { Host = \"b.test\" }"), "there is no key \"Host\" here"},
      {with("error_pages = { 200 = \"x\" }"), "\"200\" is no status of an error"},
      {with("allow = \"10.0.0.1/8\""), "is no range of addresses"},
      {with("maintenance = 1"), "maintenance is a whole number"},
      {with("rate_limit = true"), "rate_limit is a table"},
      {with("rate_limit = { per = \"1 s\" }"), "a rate says how many requests"},
      {with("rate_limit = { requests = 1, per = \"0 s\" }"), "per is no time at all"},
      {with("auth = {}"), "nobody could have a password"},
      {with("auth = { users = \"u\", realm = \"a\\\"b\" }"), "cannot stand in a header field"},
      {with("cors = {}"), "there is no origin"},
      {with("cors = { origins = \"https://B.test/\" }"), "is no origin"},
      {with("cors = { origins = \"*\", credentials = true }"), "every page could act"},
      {with("cors = { origins = \"*\", methods = \"GET, PUT\" }"), "is no name"},
      {"[sites.\"a.test\"]\nrespond = \"x\"\nstatus = 204\n", "has no text"},
      {"[sites.\"a.test\"]\nrespond = \"x\"\ncontent_type = \"\"\n", "is no type"},
      {"[sites.\"a.test\"]\nredirect = \"/b\"\nredirect_status = 303\n", "no redirect has this status"},
      {"[sites.\"a.test\"]\nredirect = \"//b.test\"\n", "is no URL"},
  };
  for (const auto& [text, what] : kinds) {
    const auto all = wrong(text);
    ASSERT_GE(all.size(), 1U) << text;
    EXPECT_THAT(all[0], HasSubstr(what)) << text;
  }
}

TEST(ConfigurationProblems, OfUpstreamsSayWhatToWrite) {
  const auto proxy = [](const std::string& more) { return "[sites.\"a.test\"]\n" + more + "\n"; };
  const auto option = [&](const std::string& more) {
    return proxy("proxy = \"3000\"\n[sites.\"a.test\".upstream]\n" + more);
  };
  const std::vector<std::pair<std::string, std::string>> kinds{
      {proxy("proxy = \"ftp://a\""), "\"ftp://a\" is no upstream"},
      {proxy("proxy = \"http://a.test/x\""), "is no upstream"},
      {proxy("proxy = \"3000 weight=0\""), "is no upstream"},
      {proxy("proxy = \"3000 weight=101\""), "is no upstream"},
      {proxy("proxy = \"70000\""), "is no upstream"},
      {proxy("proxy = []"), "there is no upstream"},
      {proxy("dir = \"x\"\nproxy = \"3000\""), "not two of these"},
      {proxy("dir = \"x\"\n[sites.\"a.test\".upstream]\nhttp2 = true"), "there is no key \"upstream\" here"},
      {option("balance = \"least\""), "there is no balance \"least\""},
      {option("health = \"healthz\""), "\"healthz\" is no path"},
      {option("health_interval = \"3 s\""), "nothing is asked at this interval"},
      {option("connect_timeout = \"0 s\""), "connect_timeout is no time at all"},
      {option("host = \"a b\""), "\"a b\" is no host"},
      {"trusted_proxies = \"10.0.0.1/8\"\n" + proxy("dir = \"x\""), "is no range of addresses"},
  };
  for (const auto& [text, what] : kinds) {
    const auto all = wrong(text);
    ASSERT_GE(all.size(), 1U) << text;
    EXPECT_THAT(all[0], HasSubstr(what)) << text;
  }
}

TEST(ConfigurationProblems, AreShownWhereTheyStand) {
  EXPECT_THAT(wrong("\n[sites.\"a.test\"]\ndri = \"/srv/www\"\n"),
              ElementsAre("etc/padlock.toml:2:8: this site has nothing to show\n"
                          "    2 | [sites.\"a.test\"]\n"
                          "      |        ^^^^^^^^ add dir = \"/srv/www\", proxy = "
                          "\"http://127.0.0.1:3000\" or redirect = \"https://...\"",
                          "etc/padlock.toml:3:1: there is no key \"dri\" here\n"
                          "    3 | dri = \"/srv/www\"\n"
                          "      | ^^^ did you mean dir?"));
}

TEST(ConfigurationProblems, AreAllToldAtOnce) {
  const auto all = wrong(
      "https_prot = 1\nworkers = \"two\"\nhttp_port = 70000\nlisten = [\"localhost\", 7]\n"
      "policy = \"modren\"\nfallback = \"b.test\"\n[limits]\nidle = \"soon\"\nhead = \"0 s\"\n" +
      std::string(site) + "certificate = \"a.pem\"\nhsts = 7\n");
  EXPECT_THAT(
      all, ElementsAre(
               HasSubstr(":1:1: there is no key \"https_prot\" here"), HasSubstr(":2:11: workers is a text"),
               HasSubstr(":3:13: http_port is out of range"), HasSubstr(":4:10: \"localhost\" is no IP address"),
               HasSubstr(":4:24: an entry of listen is a whole number"),
               HasSubstr(":5:10: there is no policy \"modren\""), HasSubstr(":6:12: no site has the name \"b.test\""),
               HasSubstr(":8:8: idle is no time: \"soon\""), HasSubstr(":9:8: head is no time at all"),
               HasSubstr(":12:15: a certificate without its key"), HasSubstr(":13:8: hsts is a whole number")));
}

TEST(ConfigurationProblems, OfEachKindSayWhatToDo) {
  const std::vector<std::pair<std::string, std::string>> kinds{
      {"a = ", "this is no TOML"},
      {"", "it has no site"},
      {"sites = 7\n", "sites is a whole number"},
      {"[sites]\n\"a.test\" = 7\n", "a.test is a whole number"},
      {"[sites.\"a test\"]\ndir = \"x\"\n", "\"a test\" is no name for a site"},
      {"[sites.\"*.127.0.0.1\"]\ndir = \"x\"\n", "is no name for a site"},
      {"[sites.\"a.test\"]\ndir = \"x\"\nredirect = \"https://b.test\"\n", "not two of these"},
      {"[sites.\"a.test\"]\nredirect = \"b.test\"\n", "\"b.test\" is no URL"},
      {"[sites.\"a.test\"]\nredirect = \"https://b.test/x?y\"\n", "cannot follow a query"},
      {"[sites.\"a.test\"]\nredirect = \"/\"\n", "is where it was asked for"},
      {std::string(site) + "[sites.\"A.TEST\"]\ndir = \"x\"\n", "the name \"a.test\" belongs to the site \"a.test\""},
      {std::string(site) + "names = [\"a.test\"]\n", "belongs to the site \"a.test\" already"},
      {std::string(site) + "index = [\"a/index.html\"]\n", "\"a/index.html\" is no name of a file"},
      {std::string(site) + "index = \"..\"\n", "\"..\" is no name of a file"},
      {std::string(site) + "index = \"\"\n", "\"\" is no name of a file"},
      {std::string(site) + "index = true\n", "index is true or false"},
      {std::string(site) + "listing = \"yes\"\n", "listing is a text"},
      {std::string(site) + "fallback_file = \"../x\"\n", "\"../x\" is no file in the folder"},
      {std::string(site) + "fallback_file = \"/srv/x\"\n", "\"/srv/x\" is no file in the folder"},
      {std::string(site) + "fallback_file = \"a/\"\n", "\"a/\" is no file in the folder"},
      {std::string(site) + "fallback_file = \".env\"\n", "\".env\" is no file in the folder"},
      {std::string(site) + "cache_control = \"a\\r\\nX: y\"\n", "is no value of a field"},
      {std::string(site) + "cache_control = \"\"\n", "is no value of a field"},
      {std::string(site) + "fallback = \"index.html\"\n", "there is no key \"fallback\" here"},
      {"[sites.\"a.test\"]\nredirect = \"https://b.test\"\nlisting = true\n", "there is no key \"listing\" here"},
      {std::string(site) + "key = \"x\"\n", "a key without its certificate"},
      {std::string(site) + "hsts = \"1 fortnight\"\n", "hsts is no time: \"1 fortnight\""},
      {"https_port = 80\n" + std::string(site), "https_port and http_port are both 80"},
      {"[log]\nformat = \"jsn\"\n" + std::string(site), "there is no format \"jsn\""},
      {"[limits]\nfile_cache = \"64 MB\"\n" + std::string(site), "file_cache is no size: \"64 MB\""},
      {"workers = 0\n" + std::string(site), "write a number from 1 to"},
      {"fallback = \"b.test\"\n" + std::string(site), "no site has the name \"b.test\""},
  };
  for (const auto& [text, what] : kinds) {
    const auto all = wrong(text);
    ASSERT_EQ(all.size(), 1U) << text << (all.empty() ? "" : all.back());
    EXPECT_THAT(all[0], HasSubstr(what)) << text;
  }
}

TEST(ConfigurationProblems, OfDropInsNameTheirFile) {
  EXPECT_THAT(
      wrong(site, {{"etc/conf.d/b.toml", "listen = \"::\"\n[sites.\"a.test\"]\ndir = \"b\"\n"}}),
      ElementsAre(HasSubstr("etc/conf.d/b.toml:1:1: there is no key \"listen\" here"),
                  HasSubstr("etc/conf.d/b.toml:2:8: the name \"a.test\" belongs to the site \"a.test\" already")));
}

TEST(ConfigurationProblems, LeaveNothingForATerminalToObey) {
  for (const std::string& text : wrong("\"\\u001b[2J\" = 1\n" + std::string(site)))
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  for (const std::string& text : wrong("# \xc3\xa4\x1b[2J\na\x1b = 1\n"))
    EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
}

TEST(ConfigurationFiles, AreReadWithTheirDropIns) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "padlock-config";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "conf.d");
  std::ofstream(folder / "padlock.toml") << site;
  std::ofstream(folder / "conf.d/2.toml") << "[sites.\"c.test\"]\ndir = \"c\"\n";
  std::ofstream(folder / "conf.d/1.toml") << "[sites.\"b.test\"]\ndir = \"b\"\n";
  std::ofstream(folder / "conf.d/1.toml.off") << "no TOML";
  const auto config = read_config(folder / "padlock.toml");
  ASSERT_TRUE(config) << to_string(config.error().front());
  ASSERT_EQ(config->sites.size(), 3U);
  EXPECT_EQ(config->sites[0].names[0], "a.test");
  EXPECT_EQ(config->sites[1].names[0], "b.test");
  const auto missing = read_config(folder / "nothing.toml");
  ASSERT_FALSE(missing);
  EXPECT_THAT(to_string(missing.error().front()), HasSubstr("nothing.toml"));
  std::filesystem::remove_all(folder);
}

TEST(Configuration, OfAHostMayBeginWithoutASite) {
  EXPECT_EQ(good("domain = \"Example.com\"\n").domain, "example.com");
  EXPECT_EQ(good(std::string(site)).domain, "localhost");
  EXPECT_THAT(wrong("domain = \"a b\"\n"), ElementsAre(HasSubstr(":1:10: \"a b\" is no domain")));
  EXPECT_THAT(wrong("domain = \"*.a.test\"\n"), ElementsAre(HasSubstr("services are below it")));
}

TEST(Services, AreReadFromTheirFolder) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "padlock-services";
  std::filesystem::remove_all(folder);
  ConfigProblems problems;
  EXPECT_TRUE(read_services(folder, problems).empty());
  std::filesystem::create_directories(folder / "folder.toml");
  std::ofstream(folder / "b.toml") << "dir = \"b\"\n";
  std::ofstream(folder / "a.toml") << "dir = \"a\"\n";
  std::ofstream(folder / "c.toml.set-aside") << "no TOML";
  const auto services = read_services(folder, problems);
  ASSERT_EQ(services.size(), 2U);
  EXPECT_EQ(services[0].file, folder / "a.toml");
  EXPECT_EQ(services[1].text, "dir = \"b\"\n");
  ASSERT_EQ(problems.size(), 1U) << "a folder is no file";
  std::filesystem::remove_all(folder);
}

TEST(Units, AreWholeNumbersOfTimeAndSize) {
  EXPECT_EQ(parse_duration("250 ms"), 250ms);
  EXPECT_EQ(parse_duration("30s"), 30s);
  EXPECT_EQ(parse_duration("1 day"), 24h);
  EXPECT_EQ(parse_duration("100 years"), 100 * 365 * 24h);
  for (const auto* text :
       {"", "s", "30", "1.5 s", "-1 s", "1  s", "1 s ", "1 S", "101 years", "99999999999999999999 s"})
    EXPECT_FALSE(parse_duration(text)) << text;
  EXPECT_EQ(parse_size("512 B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("10 MiB"), std::uint64_t{10} << 20);
  for (const auto* text : {"", "10", "10 MB", "1 mib", "-1 B", "2000000000 GiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(Configuration, OfTheAdministrationIsForThisMachineAlone) {
  const auto said = [](std::string_view lines) { return wrong("[admin]\n" + std::string(lines) + std::string(site)); };
  EXPECT_EQ(good("[admin]\nsocket = \"off\"\n" + std::string(site)).admin.socket, AdminConfig::Socket::off);
  EXPECT_THAT(said("listen = \"0.0.0.0:9180\"\n"), ElementsAre(HasSubstr("can be reached from elsewhere")));
  EXPECT_THAT(said("listen = \"9180\"\n"), ElementsAre(HasSubstr("is no address with a port")));
  EXPECT_THAT(said("group = \"padlock-no-such-group\"\n"), ElementsAre(HasSubstr("this machine has no group")));
  EXPECT_THAT(said("sokcet = \"off\"\n"), ElementsAre(HasSubstr("did you mean socket?")));
}

}  // namespace
}  // namespace padlock::server
