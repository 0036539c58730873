#include "padlock/cli/sandbox_rules.h"

#include <system_error>
#include <variant>

#include "padlock/client/trust.h"
#include "padlock/net/atomic_file.h"

namespace padlock::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t dns = 53;

/// What a site's content is read from. A source that connects to somewhere has its port in `connect_ports`.
struct NeedsOfContent {
  net::SandboxRules& rules;
  void operator()(const server::FolderSource& source) const { rules.read.push_back(source.folder); }
  void operator()(const server::RedirectTarget&) const {}
  void operator()(const server::FixedResponse&) const {}
  void operator()(const server::NothingHere&) const {}
  void operator()(const server::ProxyTarget& target) const {
    rules.connect_ports->push_back(dns);
    for (const server::UpstreamConfig& one : target.upstreams) rules.connect_ports->push_back(one.url.port);
    for (const auto* const file : {"/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/gai.conf"})
      rules.read.emplace_back(file);
  }
};

/// A file is replaced by renaming another over it, or by another link's leading elsewhere in a folder of many versions,
/// as certbot has it: so it is its folders that must stay open.
void add_folders_of(const fs::path& file, std::vector<fs::path>& folders) {
  if (file.empty()) return;
  folders.push_back(fs::absolute(file).parent_path());
  std::error_code ignored;  // what is not there leads nowhere
  const fs::path target = fs::canonical(file, ignored);
  if (!target.empty() && target.parent_path() != folders.back()) folders.push_back(target.parent_path());
}

void add_written(const server::Config& config, bool reloaded, const fs::path& admin_socket, net::SandboxRules& rules) {
  if (const auto state = client::state_directory()) {
    // A reload may want the local CA for the first time; then its folder could no more be made.
    if (reloaded) static_cast<void>(net::make_private_directory(*state));
    rules.write.push_back(*state);
  }
  add_folders_of(config.log.file, rules.write);
  add_folders_of(admin_socket, rules.write);
}

}  // namespace

net::SandboxRules sandbox_rules(const server::Config& config, const fs::path& file, const fs::path& admin_socket,
                                const std::vector<std::uint16_t>& responder_ports) {
  net::SandboxRules rules;
  const bool may_change = !file.empty() || config.domain;
  add_written(config, may_change, admin_socket, rules);
  if (may_change) {
    rules.read = {"/"};
    return rules;
  }
  rules.connect_ports.emplace(responder_ports);
  if (!responder_ports.empty()) rules.connect_ports->push_back(dns);
  // The C library's: names of users, hosts and services, and the parts of it that look them up.
  rules.read = {"/dev/null",      "/etc/passwd",      "/etc/nsswitch.conf", "/etc/hosts",
                "/etc/host.conf", "/etc/resolv.conf", "/etc/gai.conf",      "/etc/services",
                "/lib",           "/lib64",           "/etc/ld.so.cache",   "/usr/lib"};
  for (const server::SiteConfig& site : config.sites) {
    std::visit(NeedsOfContent{rules}, site.content);
    for (const server::CertificateFiles& files : site.files) {
      add_folders_of(files.certificate, rules.read);
      add_folders_of(files.key, rules.read);
    }
  }
  return rules;
}

}  // namespace padlock::cli
