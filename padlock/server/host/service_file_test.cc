#include "padlock/server/host/service_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/server/config/read_config.h"

namespace padlock::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// The service's site, as it is read.
SiteConfig site_of(const std::string& text) {
  Config config;
  config.domain = "localhost";
  const auto problems = add_services(config, {{"hosts.d/shop.toml", text}});
  EXPECT_TRUE(problems.empty()) << to_string(problems.front()) << text;
  return config.sites.at(0);
}

std::vector<std::string> upstreams_of(const ContentConfig& content) {
  std::vector<std::string> all;
  for (const UpstreamConfig& one : std::get<ProxyTarget>(content).upstreams) all.push_back(one.url.origin());
  return all;
}

TEST(ServiceFiles, AreSitesOfTheDomain) {
  const auto text =
      with_content("", "", {.to = {"localhost:3000"}, .dir = {}, .health = "/healthz", .hsts = "1 year"}).value();
  const SiteConfig site = site_of(text);
  EXPECT_EQ(site.names, std::vector<std::string>{"shop.localhost"});
  EXPECT_EQ(site.service, "shop");
  EXPECT_EQ(site.place, "hosts.d/shop.toml");
  EXPECT_EQ(upstreams_of(site.content), std::vector<std::string>{"http://localhost:3000"});
  EXPECT_EQ(std::get<ProxyTarget>(site.content).health->target, "/healthz");
  EXPECT_EQ(site.options.hsts, std::chrono::days(365));
  const SiteConfig folder = site_of(with_content("", "", {.to = {}, .dir = "/srv/\"www\"", .health = {}}).value());
  EXPECT_EQ(std::get<FolderSource>(folder.content).folder, "/srv/\"www\"");
}

TEST(ServiceFiles, KeepWhatElseAPersonWroteThere) {
  const std::string written =
      "# mine\nproxy = [\"localhost:1\", \"localhost:2\"]\nhsts = \"1 year\"\n[upstream]\nhost = \"app\"\n"
      "[paths.\"/docs/\"]\ndir = \"/srv/docs\"\nlisting = true\n";
  const auto moved = with_content(written, "", {.to = {"localhost:3", "localhost:4"}, .dir = {}, .health = {}}).value();
  const SiteConfig site = site_of(moved);
  EXPECT_EQ(upstreams_of(site.content), (std::vector<std::string>{"http://localhost:3", "http://localhost:4"}));
  EXPECT_EQ(std::get<ProxyTarget>(site.content).host, "app");
  EXPECT_TRUE(site.options.hsts);
  ASSERT_EQ(site.paths.size(), 1U);
  EXPECT_TRUE(std::get<FolderSource>(site.paths[0].route.content).options.listing);
}

TEST(ServiceFiles, HaveParts) {
  const auto whole = with_content("", "", {.to = {"3000"}, .dir = {}, .health = {}}).value();
  const auto both = with_content(whole, "/api/", {.to = {"4000"}, .dir = {}, .health = {}}).value();
  const SiteConfig site = site_of(both);
  ASSERT_EQ(site.paths.size(), 1U);
  EXPECT_EQ(upstreams_of(site.paths[0].route.content), std::vector<std::string>{"http://localhost:4000"});
  EXPECT_EQ(without_path(both, "/api"), whole);
  EXPECT_EQ(site_of(with_content(both, "/api", {.to = {"5000"}, .dir = {}, .health = {}}).value()).paths.size(), 1U);
  EXPECT_FALSE(without_path(whole, "/api/"));
  EXPECT_FALSE(without_path(both, "/other/"));
  EXPECT_FALSE(with_content("no TOML", "", {.to = {"1"}, .dir = {}, .health = {}}));
  EXPECT_FALSE(without_path("no TOML", "/api/"));
}

TEST(Services, ThatAreWrongAreLeftOut) {
  Config config;
  config.domain = "localhost";
  config.sites.push_back({});
  config.sites.back().names = {"taken.localhost", "also.test"};
  const auto problems = add_services(config, {{"h/taken.toml", "dir = \"/a\"\n"},
                                              {"h/a.toml", "dri = \"/a\"\n"},
                                              {"h/b.toml", "dir = \"/b\"\nnames = \"b.test\"\n"},
                                              {"h/c.toml", "no TOML"},
                                              {"h/d.toml", "dir = \"/d\"\nnames = [\"d.test\", \"b.test\"]\n"},
                                              {"h/e.toml", "dir = \"/e\"\nnames = \"d.test\"\n"},
                                              {"h/D.toml", "dir = \"/d\"\n"},
                                              {"h/a_b.toml", "dir = \"/d\"\n"}});
  std::string text;
  for (const ConfigProblem& problem : problems) text += to_string(problem) + "\n";
  EXPECT_THAT(text, HasSubstr("the name \"taken.localhost\" belongs to the site \"taken.localhost\" already"));
  EXPECT_THAT(text, HasSubstr("h/a.toml:1:1: there is no key \"dri\" here"));
  EXPECT_THAT(text, HasSubstr("h/c.toml:1:"));
  EXPECT_THAT(text, HasSubstr("the name \"b.test\" belongs to the site \"b.localhost\" already"));
  EXPECT_THAT(text, HasSubstr("\"D\" is no name for a service"));
  EXPECT_THAT(text, HasSubstr("\"a_b\" is no name for a service"));
  EXPECT_THAT(text, Not(HasSubstr("h/e.toml")));
  ASSERT_EQ(config.sites.size(), 3U);
  EXPECT_EQ(config.sites[1].service, "b");
  EXPECT_EQ(config.sites[2].names, (std::vector<std::string>{"e.localhost", "d.test"}));
}

TEST(Services, HaveTheDomainsCertificateUnlessTheyNameOne) {
  auto config =
      parse_config({"etc/p.toml", "domain = \"a.test\"\ndomain_certificate = \"w.pem\"\ndomain_key = \"w.key\"\n"}, {});
  ASSERT_TRUE(config);
  EXPECT_TRUE(add_services(*config, {{"h/b.toml", "dir = \"/b\"\n"},
                                     {"h/c.toml", "dir = \"/c\"\ncertificate = \"c.pem\"\nkey = \"c.key\"\n"}})
                  .empty());
  EXPECT_EQ(config->sites.at(0).files.at(0), (CertificateFiles{"etc/w.pem", "etc/w.key"}));
  EXPECT_EQ(config->sites.at(1).files.at(0), (CertificateFiles{"h/c.pem", "h/c.key"}));
}

TEST(Services, HaveNamesBelowTheDomain) {
  EXPECT_EQ(parse_service_name("Shop", "localhost"), "shop");
  EXPECT_EQ(parse_service_name("shop.localhost", "localhost"), "shop");
  EXPECT_EQ(parse_service_name("api.shop", "example.com"), "api.shop");
  EXPECT_EQ(parse_service_name("xn--bcher-kva", "localhost"), "xn--bcher-kva");
  for (const auto* const name :
       {"", ".", "-a", "a-", "a_b", "a..b", ".a", "a.", "*", "*.a", "a/b", "../a", "a b", "b\xc3\xbchr", ".localhost"})
    EXPECT_FALSE(parse_service_name(name, "localhost")) << name;
  EXPECT_FALSE(parse_service_name(std::string(64, 'a'), "localhost"));
  EXPECT_TRUE(parse_service_name(std::string(63, 'a'), "localhost"));
}

}  // namespace
}  // namespace padlock::server
