#include "padlock/ca/trust/nss_store.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "padlock/ca/limits.h"
#include "padlock/ca/trust/rules.h"
#include "padlock/der/pem.h"
#include "padlock/net/atomic_file.h"

namespace padlock::ca {
namespace {

constexpr std::string_view flags_for_ca = "C,,";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// "C,,", "CT,C,c": two commas and letters alone.
bool are_flags(std::string_view word) {
  return std::ranges::count(word, ',') == 2 && word.find_first_not_of(",pPcCTuwBgG") == std::string_view::npos;
}

bool names_us(const NssEntry& entry) { return to_lower_ascii(entry.nickname).find("padlock") != std::string::npos; }

/// True if one of the certificates of this PEM text is the one.
bool holds(std::string_view pem, const std::string& fingerprint) {
  const auto blocks = der::find_all(pem, "CERTIFICATE");
  return blocks && std::ranges::any_of(
                       *blocks, [&](const der::PemBlock& one) { return fingerprint_of(one.bytes) == fingerprint; });
}

}  // namespace

std::vector<NssEntry> parse_nss_list(std::string_view table) {
  std::vector<NssEntry> entries;
  while (!table.empty()) {
    const std::size_t end = std::min(table.find('\n'), table.size());
    const std::string_view line = trimmed(table.substr(0, end));
    table.remove_prefix(std::min(end + 1, table.size()));
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos || !are_flags(line.substr(space + 1))) continue;
    const std::string_view flags = line.substr(space + 1);
    const std::string_view for_servers = flags.substr(0, flags.find(','));
    entries.push_back({.nickname = std::string(trimmed(line.substr(0, space))),
                       .trusted_for_servers = for_servers.find_first_of("CT") != std::string_view::npos});
  }
  return entries;
}

bool NssStore::made() const {
  std::error_code error;
  return std::filesystem::exists(folder_ / "cert9.db", error);
}

std::vector<std::string> NssStore::with_store(std::vector<std::string> arguments) const {
  std::vector<std::string> all{"-d", "sql:" + folder_.native()};
  std::ranges::move(arguments, std::back_inserter(all));
  return all;
}

Result<std::string> NssStore::run(std::vector<std::string> arguments, std::string input) const {
  if (!certutil_) return broken(rules::store_program_missing, "certutil, which keeps this store, is not installed");
  return run_store_program({*certutil_, home_}, with_store(std::move(arguments)), std::move(input));
}

/// Only what may be ours is looked at: Firefox keeps hundreds of intermediates, and each look is a run of certutil.
/// NSS gives one nickname to all certificates of a subject, so the name alone proves nothing.
Result<std::vector<NssEntry>> NssStore::entries_with(const std::string& fingerprint) const {
  if (!made()) return std::vector<NssEntry>();
  std::vector<NssEntry> entries = parse_nss_list(PADLOCK_TRY(run({"-L"})));
  std::erase_if(entries, [](const NssEntry& entry) { return !names_us(entry); });
  if (entries.size() > max_nss_entries) entries.resize(max_nss_entries);
  std::vector<NssEntry> found;
  for (NssEntry& entry : entries) {
    if (holds(PADLOCK_TRY(run({"-L", "-n", entry.nickname, "-a"})), fingerprint)) found.push_back(std::move(entry));
  }
  return found;
}

Standing NssStore::standing(const std::string& fingerprint) const {
  const auto entries = entries_with(fingerprint);
  if (!entries) return {Presence::unknown, entries.error().what};
  if (std::ranges::any_of(*entries, &NssEntry::trusted_for_servers)) return {Presence::yes};
  if (!entries->empty()) return {Presence::no, "it stands there, without being trusted"};
  return {Presence::no};
}

std::vector<std::string> NssStore::steps_to_add(const std::string& fingerprint) const {
  const std::string program = certutil_.value_or("certutil");
  std::vector<std::string> steps;
  if (!made()) steps.push_back("run " + command_line(program, with_store({"-N", "--empty-password"})));
  steps.push_back("run " + command_line(program, with_store({"-A", "-a", "-t", std::string(flags_for_ca), "-n",
                                                             store_name_of(fingerprint)})));
  return steps;
}

std::vector<std::string> NssStore::steps_to_remove(const std::string& fingerprint) const {
  std::vector<std::string> steps;
  for (const NssEntry& entry : entries_with(fingerprint).value_or(std::vector<NssEntry>()))
    steps.push_back("run " + command_line(certutil_.value_or("certutil"), with_store({"-D", "-n", entry.nickname})));
  return steps;
}

Result<void> NssStore::make() {
  PADLOCK_TRY(net::make_private_directory(folder_));
  PADLOCK_TRY(run({"-N", "--empty-password"}));
  return {};
}

/// certutil reads the certificate from its input: no file can be another one by the time that it is read.
Result<void> NssStore::add(Bytes der) {
  const std::string fingerprint = fingerprint_of(der);
  if (!certutil_) PADLOCK_TRY(run({}));
  if (!made()) PADLOCK_TRY(make());
  const bool stood = !PADLOCK_TRY(entries_with(fingerprint)).empty();
  const auto added = run({"-A", "-a", "-t", std::string(flags_for_ca), "-n", store_name_of(fingerprint)},
                         der::write_pem("CERTIFICATE", der));
  if (!added) {  // a store with a password takes the certificate, and refuses to trust it
    if (!stood) static_cast<void>(remove(fingerprint));
    return std::unexpected(added.error());
  }
  if (standing(fingerprint).presence == Presence::yes) return {};
  return broken(rules::store_unchanged, escaped(folder_.native()) + " does not trust the root after certutil");
}

Result<void> NssStore::remove(const std::string& fingerprint) {
  for (const NssEntry& entry : PADLOCK_TRY(entries_with(fingerprint))) PADLOCK_TRY(run({"-D", "-n", entry.nickname}));
  if (PADLOCK_TRY(entries_with(fingerprint)).empty()) return {};
  return broken(rules::store_unchanged, escaped(folder_.native()) + " still holds the root after certutil");
}

}  // namespace padlock::ca
