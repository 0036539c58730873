// `padlock ca`: the local CA by hand: made, asked for certificates, and for what it has issued.
#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/local_ca.h"
#include "padlock/ca/names.h"
#include "padlock/ca/request.h"
#include "padlock/cli/ca_serve.h"
#include "padlock/cli/command.h"
#include "padlock/cli/local_ca.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/client/verdict.h"
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
  std::vector<std::string> domains;
  std::vector<std::string> names;
  std::string request;
  std::string folder = ".";
  bool rsa = false;
  bool force = false;
  int days = static_cast<int>(ca::leaf_life / std::chrono::days{1});
  bool json = false;
  bool intermediate = false;
  std::string revoked;
  std::string reason = "unspecified";
  bool root = false;
  bool pem = false;
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
  for (const std::string& notice : open.ca->notices()) {
    if (!make_it || !notice.starts_with("a new local CA")) print_error(notice);  // who makes it says so
  }
  return open;
}

std::string what_it_may_certify(const std::vector<std::string>& more) {
  std::string text;
  for (const std::string_view domain : ca::permitted_domains)
    text.append(text.empty() ? "" : ", ").append(domain).append(" and below");
  for (const std::string& domain : more) text.append(", ").append(domain).append(" and below");
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
  PADLOCK_TRY(add_domains(flags.domains, settings));
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
                     what_it_may_certify(open.ca->domains()) + "\n";
  if (!settings.url.empty())
    text += "its certificates say that " + escaped(settings.url) + " knows which of them are revoked\n";
  if (made) text += "`padlock trust install` makes it known to this machine's programs\n";
  print(text);
  return fine;
}

// ---- issue ----------------------------------------------------------------------------------------------------------

/// Where a certificate and its key go: named after the first name that was asked for.
struct IssuedFiles {
  path certificate, key;
};

Result<IssuedFiles> files_for(const CaFlags& flags, const std::vector<std::string>& names,
                              const std::vector<std::string>& domains) {
  const auto first = PADLOCK_TRY(ca::alternative_names(std::span(names).first(1), domains));
  const path stem = path(flags.folder) / ca::folder_name(first);
  IssuedFiles files{.certificate = stem.native() + ".pem", .key = stem.native() + "-key.pem"};
  for (const path& file : {files.certificate, files.key}) {
    std::error_code error;
    const bool written = file == files.certificate || flags.request.empty();
    if (written && !flags.force && std::filesystem::exists(std::filesystem::symlink_status(file, error)))
      return broken(rules::file_exists, escaped(file.native()) + " is there already");
  }
  return files;
}

/// What is asked for: names, and the key that somebody else keeps, if there is a request.
struct Wish {
  std::vector<std::string> names;
  std::optional<crypto::PublicKeyParts> key;
};

Result<Wish> wish_of(const CaFlags& flags, crypto::Provider& provider) {
  if (flags.request.empty() == flags.names.empty())
    return broken(rules::issue_option, "names are given, or they stand in the request of --csr");
  if (flags.request.empty()) return Wish{flags.names, std::nullopt};
  if (flags.rsa) return broken(rules::issue_option, "--rsa is for a new key, and the request of --csr has one");
  const auto bytes = PADLOCK_TRY(net::read_file(flags.request, ca::max_file_bytes));
  const auto request = x509::read_certification_request(bytes);
  if (!request) return broken(*request.error().rule, escaped(flags.request) + ": " + request.error().what);
  return Wish{PADLOCK_TRY(ca::names_of_request(**request, provider)), (*request)->public_key};
}

Result<ca::HandedOut> hand_out(ca::LocalCa& ca, const Wish& wish, const CaFlags& flags) {
  const ca::LeafOptions options{.key = flags.rsa ? ca::LeafKey::rsa : ca::LeafKey::ecdsa,
                                .life = std::chrono::days{flags.days}};
  const WallTime now = net::now().wall;
  return wish.key ? ca.certify(wish.names, *wish.key, now, options) : ca.hand_out(wish.names, now, options);
}

Result<int> try_issue(const CaFlags& flags) {
  const auto provider = crypto::make_provider();
  const Wish wish = PADLOCK_TRY(wish_of(flags, *provider));
  OpenCa open = PADLOCK_TRY(open_ca());
  PADLOCK_TRY(ca::alternative_names(wish.names, open.ca->domains()));
  const IssuedFiles files = PADLOCK_TRY(files_for(flags, wish.names, open.ca->domains()));
  const ca::HandedOut given = PADLOCK_TRY(hand_out(*open.ca, wish, flags));
  const std::string chain =
      der::write_pem("CERTIFICATE", given.leaf->der) + der::write_pem("CERTIFICATE", given.intermediate->der);
  std::string text = "a certificate for " + list_of(ca::entry_of(*given.leaf, {}).names) + ", valid until " +
                     client::minute_text(given.leaf->not_after) + "\nserial " + ca::serial_text(given.leaf->serial) +
                     "\n" + escaped(files.certificate.native()) + ": it, and the intermediate's\n";
  if (!wish.key) {
    const SecretBytes key = der::write_secret_pem("PRIVATE KEY", given.pkcs8.reveal());
    PADLOCK_TRY(net::write_file_atomically(files.key, key.reveal(), net::private_file_mode));
    text += escaped(files.key.native()) + ": its private key, for nobody else\n";
  }
  PADLOCK_TRY(net::write_file_atomically(files.certificate, as_bytes(chain), net::public_file_mode));
  print(text);
  return fine;
}

// ---- list -----------------------------------------------------------------------------------------------------------

/// The log, and what was revoked of it.
struct Listing {
  ca::IssueLog log;
  ca::Revocations revocations;
  WallTime now;

  std::string_view state_of(const ca::IssuedEntry& entry) const {
    if (revocations.find(entry.serial, entry.issuer) != nullptr) return "revoked";
    return now > entry.not_after ? "expired" : "valid";
  }
};

std::string to_text(const Listing& listing) {
  const ca::IssueLog& log = listing.log;
  if (log.entries.empty()) return "no certificate has been issued\n";
  constexpr std::size_t serial_width = 34, state_width = 9, time_width = 22;
  std::string text =
      column("serial", serial_width) + column("state", state_width) + column("valid until", time_width) + "names\n";
  for (const ca::IssuedEntry& entry : log.entries) {
    text += column(escaped(entry.serial), serial_width) + column(listing.state_of(entry), state_width) +
            column(client::minute_text(entry.not_after), time_width) + escaped(list_of(entry.names)) + "\n";
  }
  return text;
}

std::string to_json(const Listing& listing) {
  Json list = Json::array();
  for (const ca::IssuedEntry& entry : listing.log.entries) {
    list.push_back({{"serial", entry.serial},
                    {"names", entry.names},
                    {"issued", padlock::to_string(entry.at)},
                    {"not_after", padlock::to_string(entry.not_after)},
                    {"state", listing.state_of(entry)}});
    const ca::Revocation* revocation = listing.revocations.find(entry.serial, entry.issuer);
    if (revocation != nullptr) list.back()["reason"] = x509::name_of(revocation->reason);
  }
  return dump(list, true) + "\n";
}

Result<int> try_list(const CaFlags& flags) {
  const OpenCa open = PADLOCK_TRY(open_ca());
  const Listing listing{.log = PADLOCK_TRY(open.ca->issue_log()),
                        .revocations = PADLOCK_TRY(open.ca->revocations()),
                        .now = net::now().wall};
  const std::size_t unreadable = listing.log.unreadable + listing.revocations.unreadable;
  if (unreadable > 0) print_error(std::to_string(unreadable) + " lines of the log are no entries and are left out");
  print(flags.json ? to_json(listing) : to_text(listing));
  return fine;
}

// ---- revoke ---------------------------------------------------------------------------------------------------------

Result<std::shared_ptr<const x509::Certificate>> certificate_in(const path& file) {
  const auto bytes = PADLOCK_TRY(net::read_file(file, ca::max_file_bytes));
  const auto blocks = der::find_all(as_text(bytes), "CERTIFICATE");
  return x509::parse_certificate(blocks && !blocks->empty() ? Bytes(blocks->front().bytes) : Bytes(bytes));
}

Result<std::vector<ca::Revocation>> revoke(ca::LocalCa& ca, const std::string& what, x509::CRLReason reason) {
  std::error_code error;
  const WallTime now = net::now().wall;
  if (!std::filesystem::is_regular_file(what, error)) return ca.revoke(what, reason, now);
  return ca.revoke(PADLOCK_TRY(certificate_in(what)), reason, now);
}

Result<int> try_revoke(const CaFlags& flags) {
  const auto reason = ca::find_reason(flags.reason);
  if (!reason)
    return broken(rules::no_such_reason, "--reason is " + ca::reasons_for_people() + ", not " + escaped(flags.reason));
  OpenCa open = PADLOCK_TRY(open_ca());
  const auto revoked = PADLOCK_TRY(revoke(*open.ca, flags.revoked, *reason));
  std::string text = revoked.empty() ? "it was revoked already\n" : "";
  for (const ca::Revocation& one : revoked)
    text.append("revoked ").append(one.serial).append(" (").append(x509::name_of(one.reason)).append(")\n");
  if (open.ca->settings().url.empty() && !revoked.empty())
    text += "nobody is told, for the CA has no URL: hand out what `padlock ca crl` writes\n";
  print(text);
  return fine;
}

// ---- crl ------------------------------------------------------------------------------------------------------------

Result<int> try_crl(const CaFlags& flags) {
  OpenCa open = PADLOCK_TRY(open_ca());
  const auto answers = PADLOCK_TRY(open.ca->make_answers(net::now().wall));
  const ca::Document* list = answers.find(flags.root ? "root.crl" : "intermediate.crl");
  PADLOCK_TRY(export_der({.file = flags.exported.file, .der = !flags.pem}, "X509 CRL", {Bytes(list->bytes)}));
  return fine;
}

// ---- export ---------------------------------------------------------------------------------------------------------

Result<int> try_export(const CaFlags& flags) {
  const OpenCa open = PADLOCK_TRY(open_ca());
  const auto& certificate = flags.intermediate ? open.ca->intermediate() : open.ca->root();
  PADLOCK_TRY(export_der(flags.exported, "CERTIFICATE", {Bytes(certificate->der)}));
  return fine;
}

// ---- the command line -----------------------------------------------------------------------------------------------

void add_create(CLI::App& ca, const std::shared_ptr<CaFlags>& flags, Run& run) {
  auto* command = ca.add_subcommand("create", "Make the local CA; `padlock serve` would make it too");
  command->add_option("--name", flags->name, "What its root is called (default Padlock local CA)");
  command->add_option("--url", flags->url,
                      "http://HOST[:PORT] where `padlock serve` has its plain http: certificates will point there for "
                      "what is revoked");
  command
      ->add_option("--allow", flags->domains,
                   "A domain that it may certify besides names of this machine and private ones, such as lan; may be "
                   "repeated")
      ->allow_extra_args(false);
  command->callback([flags, &run] { run = work_of(flags, try_create); });
}

void add_issue(CLI::App& ca, const std::shared_ptr<CaFlags>& flags, Run& run) {
  auto* command = ca.add_subcommand("issue", "Make a certificate and its key, in two files");
  command->add_option("NAME", flags->names, "Host names and addresses");
  command->add_option("--csr", flags->request,
                      "Certify the key of this certification request (PKCS #10) for the names that stand in it; all "
                      "else that it asks for is this CA's to say");
  command->add_option("--out", flags->folder, "The folder of NAME.pem and NAME-key.pem")->capture_default_str();
  command->add_flag("--rsa", flags->rsa, "An RSA key of 2048 bits, for old peers; else ECDSA P-256");
  command->add_option("--days", flags->days, "How long it is valid")
      ->capture_default_str()
      ->check(CLI::Range(1, most_days));
  command->add_flag("--force", flags->force, "Replace files that are there");
  command->callback([flags, &run] { run = work_of(flags, try_issue); });
}

}  // namespace

void add_ca(CLI::App& app, Run& run) {
  auto* ca = app.add_subcommand("ca", "Make the local CA, and certificates by it");
  ca->require_subcommand(1);
  const auto flags = std::make_shared<CaFlags>();
  add_create(*ca, flags, run);
  add_issue(*ca, flags, run);
  add_ca_serve(*ca, run);
  auto* list = ca->add_subcommand("list", "List the certificates that it has issued");
  list->add_flag("--json", flags->json, "As JSON");
  list->callback([flags, &run] { run = work_of(flags, try_list); });
  auto* revoke = ca->add_subcommand("revoke", "Take certificates back, for good");
  revoke
      ->add_option("WHAT", flags->revoked, "A serial number, a name (all certificates with it) or a certificate's file")
      ->required();
  revoke->add_option("--reason", flags->reason, "Why: " + ca::reasons_for_people())->capture_default_str();
  revoke->callback([flags, &run] { run = work_of(flags, try_revoke); });
  auto* crl = ca->add_subcommand("crl", "Write the list of what was revoked, signed, good for seven days");
  crl->add_option("--out", flags->exported.file, "To this file instead of standard output");
  crl->add_flag("--pem", flags->pem, "As PEM instead of DER");
  crl->add_flag("--root", flags->root, "The root's, of intermediates, instead of the intermediate's");
  crl->callback([flags, &run] { run = work_of(flags, try_crl); });
  auto* exported = ca->add_subcommand("export", "Write the root's certificate, or the intermediate's");
  exported->add_flag("--intermediate", flags->intermediate, "The intermediate's");
  exported->add_option("--out", flags->exported.file, "To this file instead of standard output");
  exported->add_flag("--der", flags->exported.der, "As DER instead of PEM");
  exported->callback([flags, &run] { run = work_of(flags, try_export); });
}

}  // namespace padlock::cli
