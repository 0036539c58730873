#include "padlock/ca/trust/system_store.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "padlock/ca/limits.h"
#include "padlock/ca/trust/find_stores.h"
#include "padlock/ca/trust/rules.h"
#include "padlock/der/pem.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/program.h"
#include "padlock/net/rules.h"

namespace padlock::ca {
namespace {

using std::filesystem::path;

/// Debian and those that took its script; Fedora's and Arch's ways with p11-kit.
constexpr std::array layouts{
    SystemLayout{.anchors = "usr/local/share/ca-certificates",
                 .bundle = "etc/ssl/certs/ca-certificates.crt",
                 .program = "update-ca-certificates",
                 .argument = "",
                 .keeps_within = true},
    SystemLayout{.anchors = "etc/pki/ca-trust/source/anchors",
                 .bundle = "etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
                 .program = "update-ca-trust",
                 .argument = "extract"},
    SystemLayout{.anchors = "etc/ca-certificates/trust-source/anchors",
                 .bundle = "etc/ca-certificates/extracted/tls-ca-bundle.pem",
                 .program = "trust",
                 .argument = "extract-compat"},
};

/// Root runs what the system has, whatever PATH says.
const std::array<path, 4> system_folders{"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

/// The certificates of a PEM file; none if it cannot be read or is no such file.
std::vector<der::PemBlock> certificates_of(const path& file, std::size_t most) {
  const auto bytes = net::read_file(file, most);
  if (!bytes) return {};
  auto blocks = der::find_all(as_text(*bytes), "CERTIFICATE");
  return blocks ? *std::move(blocks) : std::vector<der::PemBlock>();
}

std::unexpected<Error> failed(std::string_view verb, const path& file, const std::error_code& error) {
  return broken(net::rules::file_unwritable,
                "cannot " + std::string(verb) + " " + escaped(file.native()) + ": " + error.message());
}

}  // namespace

std::optional<SystemStore> SystemStore::find(const path& root) {
  const bool own = root == "/";
  for (const SystemLayout& layout : layouts) {
    if (!own && !layout.keeps_within) continue;
    const auto program = net::find_program(layout.program, system_folders);
    if (program && (!own || is_there(root / layout.anchors))) return SystemStore(layout, root, *program);
  }
  return std::nullopt;
}

path SystemStore::anchor(const std::string& fingerprint) const {
  return in_root(layout_.anchors) / (store_name_of(fingerprint) + ".crt");
}

/// The administrator's files that hold this certificate alone, whatever they are called.
std::vector<path> SystemStore::anchors_with(const std::string& fingerprint) const {
  std::vector<path> found;
  std::error_code error;
  std::size_t seen = 0;
  for (std::filesystem::directory_iterator at(in_root(layout_.anchors), error), end; !error && at != end;
       at.increment(error)) {
    if (++seen > max_anchor_files) break;
    const auto blocks = certificates_of(at->path(), max_file_bytes);
    if (blocks.size() == 1 && fingerprint_of(blocks.front().bytes) == fingerprint) found.push_back(at->path());
  }
  std::ranges::sort(found);
  return found;
}

bool SystemStore::bundle_holds(const std::string& fingerprint) const {
  const auto blocks = certificates_of(in_root(layout_.bundle), max_bundle_bytes);
  return std::ranges::any_of(blocks, [&](const auto& one) { return fingerprint_of(one.bytes) == fingerprint; });
}

Standing SystemStore::standing(const std::string& fingerprint) const {
  if (bundle_holds(fingerprint)) return {Presence::yes};
  const auto files = anchors_with(fingerprint);
  if (files.empty()) return {Presence::no};
  return {Presence::no, files.front().native() + " stands, but " + in_root(layout_.bundle).native() + " lacks it"};
}

/// Debian's script can be told where everything lies.
std::vector<std::string> SystemStore::update_arguments(bool fresh) const {
  std::vector<std::string> arguments;
  if (!layout_.argument.empty()) arguments.emplace_back(layout_.argument);
  if (layout_.keeps_within && fresh) arguments.emplace_back("--fresh");  // else the links of what is gone stay
  if (root_ == "/") return arguments;
  for (const auto& [flag, place] :
       {std::pair{"--certsconf", "etc/ca-certificates.conf"}, std::pair{"--certsdir", "usr/share/ca-certificates"},
        std::pair{"--localcertsdir", "usr/local/share/ca-certificates"}, std::pair{"--etccertsdir", "etc/ssl/certs"},
        std::pair{"--hooksdir", "etc/ca-certificates/update.d"}}) {
    arguments.emplace_back(flag);
    arguments.push_back(in_root(place).native());
  }
  return arguments;
}

std::vector<std::string> SystemStore::steps_to_add(const std::string& fingerprint) const {
  return {"write " + anchor(fingerprint).native(), "run " + command_line(program_.file, update_arguments(false))};
}

std::vector<std::string> SystemStore::steps_to_remove(const std::string& fingerprint) const {
  std::vector<std::string> steps;
  for (const path& file : anchors_with(fingerprint)) steps.push_back("remove " + file.native());
  steps.push_back("run " + command_line(program_.file, update_arguments(true)));
  return steps;
}

bool SystemStore::needs_root() const { return root_ == "/" && ::geteuid() != 0; }

Result<void> SystemStore::update(bool fresh) {
  PADLOCK_TRY(run_store_program(program_, update_arguments(fresh)));
  return {};
}

/// What Debian's script takes for granted, in a root that is only beginning.
Result<void> SystemStore::make_folders() const {
  for (const std::string_view folder :
       {layout_.anchors, std::string_view("etc/ssl/certs"), std::string_view("usr/share/ca-certificates")}) {
    std::error_code error;
    std::filesystem::create_directories(in_root(folder), error);
    if (error) return failed("make folder", in_root(folder), error);
  }
  return {};
}

Result<void> SystemStore::add(Bytes der) {
  const std::string fingerprint = fingerprint_of(der);
  const path file = anchor(fingerprint);
  if (root_ != "/") PADLOCK_TRY(make_folders());
  const auto same = anchors_with(fingerprint);
  if (same.empty() && is_there(file)) {
    return broken(rules::foreign_store_file, escaped(file.native()) + " holds something else");
  }
  const std::string pem = der::write_pem("CERTIFICATE", der);
  if (same.empty()) PADLOCK_TRY(net::write_file_atomically(file, as_bytes(pem), net::public_file_mode));
  PADLOCK_TRY(update(false));
  if (bundle_holds(fingerprint)) return {};
  return broken(rules::store_unchanged,
                in_root(layout_.bundle).native() + " lacks the root after " + program_.file.native());
}

Result<void> SystemStore::remove(const std::string& fingerprint) {
  const auto files = anchors_with(fingerprint);
  if (files.empty() && !bundle_holds(fingerprint)) return {};
  for (const path& file : files) {
    std::error_code error;
    std::filesystem::remove(file, error);
    if (error) return failed("remove", file, error);
  }
  PADLOCK_TRY(update(true));
  if (!bundle_holds(fingerprint)) return {};
  PADLOCK_TRY(strip_bundle(fingerprint));
  return {};
}

/// Debian's script leaves the old bundle in place when there is not one certificate left for a new one.
Result<void> SystemStore::strip_bundle(const std::string& fingerprint) const {
  const path bundle = in_root(layout_.bundle);
  const auto blocks = certificates_of(bundle, max_bundle_bytes);
  if (blocks.size() != 1) {
    return broken(rules::store_unchanged, bundle.native() + " still holds the root " + store_name_of(fingerprint) +
                                              " after " + program_.file.native());
  }
  return net::write_file_atomically(bundle, {}, net::public_file_mode);
}

}  // namespace padlock::ca
