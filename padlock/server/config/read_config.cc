#include "padlock/server/config/read_config.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>
#include <tuple>
#include <utility>

#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/unix_socket.h"
#include "padlock/server/config/config_table.h"
#include "padlock/server/config/read_acme.h"
#include "padlock/server/config/read_client_certificates.h"
#include "padlock/server/config/read_on_event.h"
#include "padlock/server/config/read_route.h"
#include "padlock/server/config/read_route_options.h"
#include "padlock/server/config/read_store.h"
#include "padlock/server/limits.h"
#include "padlock/tls/policy.h"
#include "padlock/x509/host_name.h"

namespace padlock::server {
namespace {

namespace fs = std::filesystem;

/// Reads the tables of one file into the configuration.
class Reading {
 public:
  /// What the configuration has already stays its own.
  Reading(Config& config, ConfigProblems& problems) : config_(config), problems_(problems) {
    for (const SiteConfig& site : config.sites)
      for (const std::string& name : site.names) owners_.try_emplace(name, site.names.front());
  }

  void main(const ConfigText& text) {
    root_ = ConfigTable::parse(text.file.native(), text.text, problems_);
    if (!root_) return;
    ConfigTable& root = *root_;
    addresses(root);
    if (const auto port = root.number("https_port", 0, 65535)) config_.https_port = static_cast<std::uint16_t>(*port);
    if (const auto port = root.number("http_port", 0, 65535)) config_.http_port = static_cast<std::uint16_t>(*port);
    if (config_.https_port != 0 && config_.https_port == config_.http_port)
      root.problem("http_port", "https_port and http_port are both " + std::to_string(config_.https_port),
                   "each has a port of its own");
    config_.workers = root.number("workers", 1, limits::workers).value_or(0);
    config_.user = root.text("user");
    config_.policy = policy(root).value_or(config_.policy);
    config_.early_data = root.flag("early_data").value_or(false);
    domain(root, text.file.parent_path());
    config_.trusted_proxies = read_address_ranges(root, "trusted_proxies");
    if (auto acme = root.table("acme")) config_.acme = read_acme(*acme, text.file.parent_path());
    if (auto store = root.table("store")) config_.store = read_store(*store, text.file.parent_path());
    if (auto events = root.table("on_event")) config_.on_event = read_on_event(*events, text.file.parent_path());
    if (auto limits = root.table("limits")) this->limits(*limits);
    if (auto log = root.table("log")) this->log(*log, text.file.parent_path());
    if (auto admin = root.table("admin")) this->admin(*admin, text.file.parent_path());
    sites(root, text.file.parent_path());
  }

  void drop_in(const ConfigText& text) {
    auto root = ConfigTable::parse(text.file.native(), text.text, problems_);
    if (!root) return;
    sites(*root, text.file.parent_path());
    root->finish();
  }

  void service(const ConfigText& text) {
    const std::size_t before = problems_.size();
    const std::string stem = text.file.stem().native();
    const auto name = parse_service_name(stem, *config_.domain);
    auto root = ConfigTable::parse(text.file.native(), text.text, problems_);
    if (!root) return;
    if (name != stem)
      return root->problem("", in_quotes(stem) + " is no name for a service",
                           "name the file after one, in lower case: shop.toml");
    SiteConfig site = this->site(*root, stem + "." + *config_.domain, text.file.parent_path());
    site.service = stem;
    if (site.files.empty()) site.files = config_.domain_files;
    site.acme = site.acme && site.files.empty();
    site.place = text.file.native();
    if (problems_.size() == before) {
      config_.sites.push_back(std::move(site));
    } else {
      for (const std::string& taken : site.names) owners_.erase(taken);
    }
  }

  /// What needs the names of all sites.
  void end() {
    if (!root_) return;
    config_.fallback = root_->text("fallback");
    if (config_.fallback && !owners_.contains(to_lower_ascii(*config_.fallback)))
      root_->problem("fallback", "no site has the name " + in_quotes(*config_.fallback),
                     "it is the name of a site: " + suggestion(*config_.fallback, names()));
    if (config_.fallback) config_.fallback = to_lower_ascii(*config_.fallback);
    if (config_.acme && config_.acme->on_demand) on_demand(*root_->table("acme")->table("on_demand"));
    root_->finish();
  }

  /// A host may begin without a site.
  bool names_a_domain() const { return root_ && root_->has("domain"); }

 private:
  std::vector<std::string_view> names() const {
    std::vector<std::string_view> all;
    all.reserve(owners_.size());
    for (const auto& [name, owner] : owners_) all.push_back(name);
    return all;
  }

  /// A client of one name on demand could come to all of them: what it has shown would be nobody's in particular.
  void on_demand(ConfigTable table) const {
    const std::string& name = config_.acme->on_demand->site;
    const auto site =
        std::ranges::find_if(config_.sites, [&](const SiteConfig& one) { return std::ranges::count(one.names, name); });
    if (site == config_.sites.end())
      table.problem("site", "no site has the name " + in_quotes(name),
                    "it is the name of a site: " + suggestion(name, names()));
    else if (site->clients)
      table.problem("site", "the site " + in_quotes(name) + " asks its clients for certificates",
                    "names on demand belong to a site that does not");
  }

  void domain(ConfigTable& root, const fs::path& folder) {
    const auto text = root.text("domain");
    config_.domain = to_lower_ascii(text.value_or("localhost"));
    if (text && !x509::is_host_name(*text))
      root.problem("domain", in_quotes(*text) + " is no domain", R"(write "example.com": services are below it)");
    config_.domain_files = certificate_files(root, "domain_certificate", "domain_key", folder);
  }

  void addresses(ConfigTable& root) {
    for (const std::string& text : root.texts("listen")) {
      const auto address = x509::parse_ip_address(text);
      if (!address)
        root.problem("listen", in_quotes(text) + " is no IP address",
                     R"(write "0.0.0.0", "::" or one of this machine's)");
      if (address) config_.listen.push_back(*address);
    }
  }

  static std::optional<tls::Policy> policy(ConfigTable& table) {
    const auto text = table.text("policy");
    const auto found = text ? tls::find_policy(*text) : std::nullopt;
    if (text && !found)
      table.problem("policy", "there is no policy " + in_quotes(*text), suggestion(*text, tls::policy_names));
    return found;
  }

  void limits(ConfigTable& table) {
    constexpr std::uint64_t many = 10'000'000;
    config_.connections = table.number("connections", 1, many);
    config_.connections_per_address = table.number("connections_per_address", 1, many);
    LoadLimits& load = config_.load;
    load.requests = table.number("requests_in_work", 1, many).value_or(load.requests);
    load.handshake_percent =
        static_cast<unsigned>(table.number("handshake_percent", 1, 100).value_or(load.handshake_percent));
    load.memory = table.size("memory").value_or(load.memory);
    if (const auto bytes = table.size("file_cache")) config_.file_cache = *bytes;
    Timers& timers = config_.timers;
    const std::array<std::pair<std::string_view, std::chrono::nanoseconds*>, 5> times{{{"handshake", &timers.handshake},
                                                                                       {"head", &timers.head},
                                                                                       {"idle", &timers.idle},
                                                                                       {"write", &timers.write},
                                                                                       {"drain", &timers.drain}}};
    for (const auto& [key, time] : times) {
      const auto given = table.duration(key);
      if (given && *given == std::chrono::milliseconds::zero())
        table.problem(key, std::string(key) + " is no time at all", R"(write at least "1 ms")");
      if (given) *time = *given;
    }
    table.finish();
  }

  void log(ConfigTable& table, const fs::path& folder) {
    using To = RequestLogConfig::To;
    if (const auto to = table.text("requests"); to && *to == "off") {
      config_.log.to = To::nowhere;
    } else if (to && *to != "stderr") {
      config_.log.to = To::file;
      config_.log.file = folder / *to;
    }
    constexpr std::array<std::string_view, 3> formats{"plain", "combined", "json"};
    if (const auto format = table.text("format")) {
      const auto found = std::ranges::find(formats, *format);
      if (found == formats.end())
        table.problem("format", "there is no format " + in_quotes(*format), suggestion(*format, formats));
      else
        config_.log.format = static_cast<RequestFormat>(found - formats.begin());
    }
    table.finish();
  }

  void admin(ConfigTable& table, const fs::path& folder) {
    using Socket = AdminConfig::Socket;
    if (const auto socket = table.text("socket")) {
      config_.admin.socket = *socket == "off" ? Socket::off : Socket::file;
      if (*socket != "off") config_.admin.file = folder / *socket;
    }
    config_.admin.group = table.text("group");
    if (config_.admin.group && !net::find_group(*config_.admin.group))
      table.problem("group", "this machine has no group " + in_quotes(*config_.admin.group),
                    "`getent group` lists those that there are");
    if (const auto listen = table.text("listen")) {
      const auto endpoint = net::parse_endpoint(*listen);
      const bool good = endpoint && net::is_loopback(endpoint->address);
      if (!good)
        table.problem("listen",
                      in_quotes(*listen) + (endpoint ? " can be reached from elsewhere" : " is no address with a port"),
                      R"(write "127.0.0.1:9180" or "[::1]:9180")");
      if (good) config_.admin.listen = *endpoint;
    }
    table.finish();
  }

  void sites(ConfigTable& root, const fs::path& folder) {
    for (auto& [name, table] : root.tables_in("sites")) config_.sites.push_back(site(table, name, folder));
  }

  SiteConfig site(ConfigTable& table, const std::string& name, const fs::path& folder) {
    SiteConfig site;
    site.place = table.place();
    take_name(table, "", name, site);
    for (const std::string& other : table.texts("names")) take_name(table, "names", other, site);
    const RouteReader reader{folder, config_.trusted_proxies};
    static_cast<RouteConfig&>(site) = reader.site(table);
    site.paths = reader.paths(table, site.options);
    site.files = certificate_files(table, "certificate", "key", folder);
    site.acme = table.flag("acme").value_or(config_.acme && !is_local(site.names)) && site.files.empty();
    if (site.acme && !config_.acme)
      table.problem("acme", "there is no table [acme]", R"(add [acme] with directory = "https://...")");
    if (auto clients = table.table("client_certificates")) site.clients = read_client_certificates(*clients, folder);
    site.policy = policy(table);
    site.staple = table.flag("staple").value_or(true);
    table.finish();
    return site;
  }

  void take_name(ConfigTable& table, std::string_view key, const std::string& text, SiteConfig& site) {
    const auto good = parse_site_name(text);
    if (!good)
      return table.problem(key, in_quotes(text) + " is no name for a site",
                           R"(write "example.com", "*.example.com" or an IP address)");
    const std::string& name = *good;
    const auto [owner, is_new] = owners_.try_emplace(name, site.names.empty() ? name : site.names.front());
    if (!is_new)
      return table.problem(
          key, "the name " + in_quotes(name) + " belongs to the site " + in_quotes(owner->second) + " already",
          "a name is one site's alone");
    site.names.push_back(name);
  }

  /// Names that no public CA certifies (RFC 6761, section 6.3).
  static bool is_local(const std::vector<std::string>& names) {
    return std::ranges::any_of(names, [](const std::string& name) {
      const auto address = x509::parse_ip_address(name);
      return address ? net::is_loopback(*address) : x509::is_within(name, "localhost");
    });
  }

  static std::vector<CertificateFiles> certificate_files(ConfigTable& table, const std::string& certificate,
                                                         const std::string& key, const fs::path& folder) {
    const auto certificates = table.texts(certificate), keys = table.texts(key);
    std::vector<CertificateFiles> files;
    files.reserve(certificates.size());
    for (std::size_t at = 0; at < std::min(certificates.size(), keys.size()); ++at)
      files.push_back({folder / certificates[at], folder / keys[at]});
    if (certificates.size() > keys.size())
      table.problem(certificate, "a certificate without its key", "add " + key + R"( = "/path/to/key.pem")");
    if (certificates.size() < keys.size())
      table.problem(key, "a key without its certificate", "add " + certificate + R"( = "/path/to/chain.pem")");
    return files;
  }

  Config& config_;
  ConfigProblems& problems_;
  std::optional<ConfigTable> root_;                         ///< of the main file
  std::map<std::string, std::string, std::less<>> owners_;  ///< by each name, the site that has it
};

ConfigProblem unreadable(const fs::path& file, std::string what) {
  return {.file = file.native(), .what = std::move(what)};
}

std::optional<ConfigText> read_text(const fs::path& file, ConfigProblems& problems) {
  const auto bytes = net::read_file(file, limits::config_file_bytes);
  if (bytes) return ConfigText{file, std::string(as_text(*bytes))};
  problems.push_back(unreadable(file, bytes.error().what));
  return std::nullopt;
}

/// The files of TOML in a folder, by name. No folder is none of them.
std::vector<fs::path> toml_files_in(const fs::path& folder, ConfigProblems& problems) {
  std::error_code error;
  std::vector<fs::path> files;
  if (!fs::exists(folder, error)) return files;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".toml") files.push_back(at->path());
  }
  if (error) problems.push_back(unreadable(folder, "cannot read this folder: " + error.message()));
  std::ranges::sort(files);
  return files;
}

}  // namespace

std::optional<std::string> parse_site_name(std::string_view text) {
  std::string name = to_lower_ascii(text);
  const std::string_view host = name.starts_with("*.") ? std::string_view(name).substr(2) : std::string_view(name);
  const bool address = x509::parse_ip_address(host).has_value();
  const bool good = address ? host == name : x509::is_host_name(host);
  return good ? std::optional(std::move(name)) : std::nullopt;
}

bool same_site(const SiteConfig& a, const SiteConfig& b) {
  const RouteConfig& route = a;
  return route == b && std::tie(a.names, a.paths, a.files, a.acme, a.clients, a.policy, a.staple, a.service) ==
                           std::tie(b.names, b.paths, b.files, b.acme, b.clients, b.policy, b.staple, b.service);
}

std::expected<Config, ConfigProblems> parse_config(const ConfigText& main, const std::vector<ConfigText>& drop_ins) {
  Config config;
  ConfigProblems problems;
  Reading reading(config, problems);
  reading.main(main);
  for (const ConfigText& text : drop_ins) reading.drop_in(text);
  reading.end();
  if (problems.empty() && config.sites.empty() && !reading.names_a_domain())
    problems.push_back({.file = main.file.native(),
                        .what = "it has no site",
                        .advice = R"(add [sites."example.com"] with dir = "/srv/www")"});
  if (problems.empty()) return config;
  std::ranges::stable_sort(problems, {},
                           [](const ConfigProblem& one) { return std::tie(one.file, one.line, one.column); });
  return std::unexpected(std::move(problems));
}

std::expected<Config, ConfigProblems> read_config(const fs::path& file) {
  ConfigProblems problems;
  const auto main = read_text(file, problems);
  std::vector<ConfigText> drop_ins;
  for (const fs::path& one : toml_files_in(file.parent_path() / "conf.d", problems)) {
    if (auto text = read_text(one, problems)) drop_ins.push_back(*std::move(text));
  }
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return parse_config(*main, drop_ins);
}

// ---- services -------------------------------------------------------------------------------------------------------

std::optional<std::string> parse_service_name(std::string_view text, std::string_view domain) {
  std::string name = to_lower_ascii(text);
  const std::string end = "." + std::string(domain);
  if (name.ends_with(end)) name.resize(name.size() - end.size());
  return x509::is_host_name(name + end) ? std::optional(std::move(name)) : std::nullopt;
}

std::vector<ConfigText> read_services(const fs::path& folder, ConfigProblems& problems) {
  std::vector<ConfigText> services;
  for (const fs::path& file : toml_files_in(folder, problems)) {
    if (auto text = read_text(file, problems)) services.push_back(*std::move(text));
  }
  return services;
}

ConfigProblems add_services(Config& config, const std::vector<ConfigText>& services) {
  ConfigProblems problems;
  Reading reading(config, problems);
  for (const ConfigText& text : services) reading.service(text);
  return problems;
}

}  // namespace padlock::server
