// `padlock ca`: the local CA by hand: made, asked for certificates, and for what it has issued.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/local_ca.h"
#include "padlock/ca/names.h"
#include "padlock/cli/command.h"
#include "padlock/cli/local_ca.h"
#include "padlock/cli/rules.h"
#include "padlock/der/pem.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"

namespace padlock::cli {
namespace {

using std::filesystem::path;

constexpr int most_days = static_cast<int>(ca::max_leaf_life / std::chrono::days{1});

struct CaFlags {
  std::string name;
  std::string url;
  std::vector<std::string> names;
  std::string folder = ".";
  bool rsa = false;
  bool force = false;
  int days = static_cast<int>(ca::leaf_life / std::chrono::days{1});
  bool json = false;
  bool intermediate = false;
  ExportFlags exported;
};

/// The CA, and the provider that it lives by.
struct OpenCa {
  path state;
  std::unique_ptr<crypto::Provider> provider = crypto::make_provider();
  std::optional<ca::LocalCa> ca;
};

/// The CA that is there; it is not made by asking it for something. Error: rules::no_local_ca and those of LocalCa.
Result<OpenCa> open_ca(bool make_it = false) {
  OpenCa open{.state = PADLOCK_TRY(own_state_directory()), .ca = {}};
  if (!make_it) PADLOCK_TRY(existing_root(open.state));
  open.ca = PADLOCK_TRY(ca::LocalCa::open_or_create(open.state, *open.provider, net::now().wall));
  for (const std::string& notice : open.ca->notices()) print_error(notice);
  return open;
}

std::string what_it_may_certify() {
  std::string text;
  for (const std::string_view domain : ca::permitted_domains)
    text.append(text.empty() ? "" : ", ").append(domain).append(" and below");
  for (const ca::AddressRange& range : ca::permitted_ranges())
    text.append(", ").append(x509::to_string(range.address)).append("/").append(std::to_string(range.prefix_bits));
  return text;
}

// ---- create ---------------------------------------------------------------------------------------------------------

Result<ca::Settings> wanted_settings(const CaFlags& flags, const path& state, bool exists) {
  ca::Settings settings;
  if (exists) settings = PADLOCK_TRY(ca::read_settings(state / "ca"));
  if (!flags.name.empty()) settings.name = flags.name;
  if (!flags.url.empty()) settings.url = PADLOCK_TRY(ca::canonical_ca_url(flags.url));
  return settings;
}

Result<int> try_create(const CaFlags& flags) {
  const path state = PADLOCK_TRY(own_state_directory());
  const auto provider = crypto::make_provider();
  const auto before = PADLOCK_TRY(ca::LocalCa::find_root(state, *provider));
  const ca::Settings settings = PADLOCK_TRY(wanted_settings(flags, state, before != nullptr));
  PADLOCK_TRY(ca::LocalCa::configure(state, settings, *provider));
  const OpenCa open = PADLOCK_TRY(open_ca(true));
  const bool made = !before || before->der != open.ca->root()->der;
  std::string text = (made ? "a new local CA stands in " : "the local CA is there already, in ") +
                     escaped((state / "ca").native()) + "\n" + describe_root(*open.ca->root()) + "it may certify " +
                     what_it_may_certify() + "\n";
  if (!settings.url.empty())
    text += "its certificates say that " + escaped(settings.url) + " knows which of them are revoked\n";
  if (made) text += "`padlock trust install` makes it known to this machine's programs\n";
  print(text);
  return fine;
}

// ---- issue ----------------------------------------------------------------------------------------------------------

/// Where a certificate and its key go: named after the first name that was typed.
struct IssuedFiles {
  path certificate, key;
};

Result<IssuedFiles> files_for(const CaFlags& flags) {
  const auto first = PADLOCK_TRY(ca::alternative_names(std::span(flags.names).first(1)));
  const path stem = path(flags.folder) / ca::folder_name(first);
  IssuedFiles files{.certificate = stem.native() + ".pem", .key = stem.native() + "-key.pem"};
  for (const path& file : {files.certificate, files.key}) {
    std::error_code error;
    if (!flags.force && std::filesystem::exists(std::filesystem::symlink_status(file, error)))
      return broken(rules::file_exists, escaped(file.native()) + " is there already");
  }
  return files;
}

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

Result<int> try_issue(const CaFlags& flags) {
  PADLOCK_TRY(ca::alternative_names(flags.names));
  const IssuedFiles files = PADLOCK_TRY(files_for(flags));
  OpenCa open = PADLOCK_TRY(open_ca());
  const auto given = PADLOCK_TRY(open.ca->hand_out(
      flags.names, net::now().wall,
      {.key = flags.rsa ? ca::LeafKey::rsa : ca::LeafKey::ecdsa, .life = std::chrono::days{flags.days}}));
  const SecretBytes key = der::write_secret_pem("PRIVATE KEY", given.pkcs8.reveal());
  const std::string chain =
      der::write_pem("CERTIFICATE", given.leaf->der) + der::write_pem("CERTIFICATE", given.intermediate->der);
  PADLOCK_TRY(net::write_file_atomically(files.key, key.reveal(), net::private_file_mode));
  PADLOCK_TRY(net::write_file_atomically(files.certificate, as_bytes(chain), net::public_file_mode));
  print("a certificate for " + list_of(ca::entry_of(*given.leaf, {}).names) + ", valid until " +
        minute_of(given.leaf->not_after) + "\nserial " + ca::serial_text(given.leaf->serial) + "\n" +
        escaped(files.certificate.native()) + ": it, and the intermediate's\n" + escaped(files.key.native()) +
        ": its private key, for nobody else\n");
  return fine;
}

// ---- list -----------------------------------------------------------------------------------------------------------

std::string_view state_of(const ca::IssuedEntry& entry, WallTime now) {
  return now > entry.not_after ? "expired" : "valid";
}

std::string as_text(const ca::IssueLog& log, WallTime now) {
  if (log.entries.empty()) return "no certificate has been issued\n";
  constexpr std::size_t serial_width = 34, state_width = 9, time_width = 22;
  const auto cell = [](std::string_view text, std::size_t width) {
    std::string padded(text);
    padded.resize(std::max(width, padded.size() + 1), ' ');
    return padded;
  };
  std::string text =
      cell("serial", serial_width) + cell("state", state_width) + cell("valid until", time_width) + "names\n";
  for (const ca::IssuedEntry& entry : log.entries) {
    text += cell(escaped(entry.serial), serial_width) + cell(state_of(entry, now), state_width) +
            cell(minute_of(entry.not_after), time_width) + escaped(list_of(entry.names)) + "\n";
  }
  return text;
}

std::string as_json(const ca::IssueLog& log, WallTime now) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const ca::IssuedEntry& entry : log.entries) {
    list.push_back({{"serial", entry.serial},
                    {"names", entry.names},
                    {"issued", padlock::to_string(entry.at)},
                    {"not_after", padlock::to_string(entry.not_after)},
                    {"state", state_of(entry, now)}});
  }
  return list.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

Result<int> try_list(const CaFlags& flags) {
  const OpenCa open = PADLOCK_TRY(open_ca());
  const ca::IssueLog log = PADLOCK_TRY(open.ca->issue_log());
  if (log.unreadable > 0)
    print_error(std::to_string(log.unreadable) + " lines of the log are no entries and are left out");
  const WallTime now = net::now().wall;
  print(flags.json ? as_json(log, now) : as_text(log, now));
  return fine;
}

// ---- export ---------------------------------------------------------------------------------------------------------

Result<int> try_export(const CaFlags& flags) {
  const OpenCa open = PADLOCK_TRY(open_ca());
  const auto& certificate = flags.intermediate ? open.ca->intermediate() : open.ca->root();
  PADLOCK_TRY(export_certificates(flags.exported, {Bytes(certificate->der)}));
  return fine;
}

// ---- the command line -----------------------------------------------------------------------------------------------

void run_as(CLI::App& command, const std::shared_ptr<CaFlags>& flags, Run& run, Result<int> (*work)(const CaFlags&)) {
  command.callback([flags, &run, work] {
    run = [flags, work] {
      const auto done = work(*flags);
      return done ? *done : stopped_by(done.error());
    };
  });
}

void add_create(CLI::App& ca, const std::shared_ptr<CaFlags>& flags, Run& run) {
  auto* command = ca.add_subcommand("create", "Make the local CA; `padlock serve` would make it too");
  command->add_option("--name", flags->name, "What its root is called (default Padlock local CA)");
  command->add_option("--url", flags->url,
                      "http://HOST[:PORT] where `padlock serve` has its plain http: certificates will point there for "
                      "what is revoked");
  run_as(*command, flags, run, try_create);
}

void add_issue(CLI::App& ca, const std::shared_ptr<CaFlags>& flags, Run& run) {
  auto* command = ca.add_subcommand("issue", "Make a certificate and its key, in two files");
  command->add_option("NAME", flags->names, "Host names and addresses")->required();
  command->add_option("--out", flags->folder, "The folder of NAME.pem and NAME-key.pem")->capture_default_str();
  command->add_flag("--rsa", flags->rsa, "An RSA key of 2048 bits, for old peers; else ECDSA P-256");
  command->add_option("--days", flags->days, "How long it is valid")
      ->capture_default_str()
      ->check(CLI::Range(1, most_days));
  command->add_flag("--force", flags->force, "Replace files that are there");
  run_as(*command, flags, run, try_issue);
}

}  // namespace

void add_ca(CLI::App& app, Run& run) {
  auto* ca = app.add_subcommand("ca", "Make the local CA, and certificates by it");
  ca->require_subcommand(1);
  const auto flags = std::make_shared<CaFlags>();
  add_create(*ca, flags, run);
  add_issue(*ca, flags, run);
  auto* list = ca->add_subcommand("list", "List the certificates that it has issued");
  list->add_flag("--json", flags->json, "As JSON");
  run_as(*list, flags, run, try_list);
  auto* exported = ca->add_subcommand("export", "Write the root's certificate, or the intermediate's");
  exported->add_flag("--intermediate", flags->intermediate, "The intermediate's");
  exported->add_option("--out", flags->exported.file, "To this file instead of standard output");
  exported->add_flag("--der", flags->exported.der, "As DER instead of PEM");
  run_as(*exported, flags, run, try_export);
}

}  // namespace padlock::cli
