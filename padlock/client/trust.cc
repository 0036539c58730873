#include "padlock/client/trust.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/local_ca.h"
#include "padlock/client/environment.h"
#include "padlock/client/limits.h"
#include "padlock/client/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"
#include "padlock/x509/limits.h"

namespace padlock::client {
namespace {

/// Where distributions keep their bundle: Debian, Fedora, openSUSE, Alpine.
constexpr std::array system_bundles{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
                                    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

/// Where Fedora and openSUSE keep what their bundle cannot say: dates from which a root counts no more.
constexpr const char* distrust_dates = "/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit";

Result<void> add_file(Trust& trust, const std::filesystem::path& path, x509::TrustSource source) {
  const auto bytes = PADLOCK_TRY(net::read_file(path, limits::trust_file_bytes));
  std::vector<Error> refused;
  const auto added = trust.store.add_pem(as_text(bytes), source, &refused);
  if (!added) return broken(*added.error().rule, escaped(path.native()) + ": " + added.error().what);
  // Nobody can mend the system's bundle; who names a file should know what of it does not count.
  if (source == x509::TrustSource::given_file && !refused.empty()) {
    trust.notes.push_back(escaped(path.native()) + ": " + std::to_string(refused.size()) + " of " +
                          std::to_string(*added + refused.size()) + " certificates left out, the first because " +
                          refused.front().what);
  }
  return {};
}

/// The PEM files of one folder; links by hash name the same files again and are added once by the store.
Result<std::size_t> add_folder(Trust& trust, const std::filesystem::path& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->is_regular_file(error) && files.size() < limits::trust_directory_files) files.push_back(at->path());
  }
  if (error)
    return broken(net::rules::file_unreadable,
                  "cannot read folder " + escaped(folder.native()) + ": " + error.message());
  std::ranges::sort(files);
  const std::size_t before = trust.store.size();
  for (const auto& file : files) {
    const auto bytes = PADLOCK_TRY(net::read_file(file, limits::trust_file_bytes));
    std::vector<Error> refused;
    // Other files may stand there too: only what holds certificates counts, and the folder must hold one.
    const auto added = trust.store.add_pem(as_text(bytes), x509::TrustSource::system_bundle, &refused);
    static_cast<void>(added);
  }
  return trust.store.size() - before;
}

Result<void> add_folders(Trust& trust, std::string_view list) {
  std::size_t found = 0;
  while (!list.empty()) {
    const auto colon = std::min(list.find(':'), list.size());
    const std::string_view folder = list.substr(0, colon);
    if (!folder.empty()) found += PADLOCK_TRY(add_folder(trust, std::string(folder)));
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
  if (found == 0) return broken(rules::trust_directory_empty, "SSL_CERT_DIR holds no certificate");
  return {};
}

Result<void> add_distrust_dates(Trust& trust) {
  std::error_code ignored;
  if (!std::filesystem::exists(distrust_dates, ignored)) return {};
  const auto bytes = PADLOCK_TRY(net::read_file(distrust_dates, limits::trust_file_bytes));
  const auto taken = trust.store.take_distrust_dates(as_text(bytes));
  if (!taken) return broken(*taken.error().rule, std::string(distrust_dates) + ": " + taken.error().what);
  return {};
}

Result<void> add_system(Trust& trust) {
  const auto file = environment("SSL_CERT_FILE");
  const auto folders = environment("SSL_CERT_DIR");
  if (file) PADLOCK_TRY(add_file(trust, *file, x509::TrustSource::system_bundle));
  if (folders) PADLOCK_TRY(add_folders(trust, *folders));
  if (file || folders) return {};
  for (const char* const bundle : system_bundles) {
    std::error_code ignored;  // not there is the ordinary case
    if (!std::filesystem::exists(bundle, ignored)) continue;
    PADLOCK_TRY(add_file(trust, bundle, x509::TrustSource::system_bundle));
    return add_distrust_dates(trust);
  }
  trust.notes.emplace_back("no system bundle found (package ca-certificates): public sites cannot be verified");
  return {};
}

Result<void> add_list(Trust& trust, const std::string& file) {
  const auto bytes = PADLOCK_TRY(net::read_file(file, x509::max_crl_bytes));
  auto list = x509::read_certificate_list(bytes);
  if (!list) return broken(rules::bad_crl_file, escaped(file) + ": " + list.error().to_string());
  trust.lists.push_back(*std::move(list));
  return {};
}

void add_local_ca(Trust& trust, const TrustOptions& options, crypto::Provider& provider) {
  const auto directory = state_directory_of(options);
  if (!directory) return;
  auto root = ca::LocalCa::find_root(*directory, provider);
  if (!root) trust.notes.push_back("the local CA is not trusted: " + root.error().what);
  if (root && *root) trust.store.add(*root, x509::TrustSource::local_ca);
}

}  // namespace

std::optional<std::filesystem::path> state_directory() {
  if (const auto state = environment("XDG_STATE_HOME")) return std::filesystem::path(*state) / "padlock";
  if (const auto home = environment("HOME")) return std::filesystem::path(*home) / ".local" / "state" / "padlock";
  return std::nullopt;
}

std::optional<std::filesystem::path> state_directory_of(const TrustOptions& options) {
  return options.state_directory ? options.state_directory : state_directory();
}

Result<std::shared_ptr<const Trust>> load_trust(const TrustOptions& options, crypto::Provider& provider) {
  auto trust = std::make_shared<Trust>();
  for (const std::string& file : options.crl_files) PADLOCK_TRY(add_list(*trust, file));
  for (const std::string& file : options.ca_files) {
    PADLOCK_TRY(add_file(*trust, file, x509::TrustSource::given_file));
  }
  if (!options.ca_files.empty()) return trust;
  PADLOCK_TRY(add_system(*trust));
  add_local_ca(*trust, options, provider);
  return trust;
}

}  // namespace padlock::client
