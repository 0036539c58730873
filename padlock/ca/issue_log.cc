#include "padlock/ca/issue_log.h"

#include <algorithm>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/json_lines.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/names.h"
#include "padlock/net/atomic_file.h"

namespace padlock::ca {
namespace {

bool is_entry(const Json& line) {
  const auto is_text = [](const Json& one) { return one.is_string(); };
  return line.is_object() && has_text(line, "serial") && has_text(line, "issuer") && has_time(line, "at") &&
         has_time(line, "not_after") && line.contains("names") && line["names"].is_array() &&
         std::ranges::all_of(line["names"], is_text);
}

/// The newest that fit into half of the room, so that a full log is not written anew for each entry.
std::string compacted(const std::vector<IssuedEntry>& entries, WallTime now) {
  std::vector<std::string> kept;
  std::size_t size = 0;
  for (auto at = entries.rbegin(); at != entries.rend(); ++at) {
    if (at->not_after + expired_entry_life < now) continue;
    std::string line = issued_line(*at);
    if (size + line.size() > max_issue_log_bytes / 2) break;
    size += line.size();
    kept.push_back(std::move(line));
  }
  std::string text;
  for (auto at = kept.rbegin(); at != kept.rend(); ++at) text += *at;
  return text;
}

}  // namespace

std::string serial_text(Bytes serial) {
  std::string text = to_hex(serial);
  const std::size_t first = text.find_first_not_of('0');
  return first == std::string::npos ? "0" : text.substr(first);
}

IssuedEntry entry_of(const x509::Certificate& certificate, WallTime at) {
  IssuedEntry entry{.serial = serial_text(certificate.serial),
                    .names = {},
                    .at = at,
                    .not_after = certificate.not_after,
                    .issuer = to_hex(certificate.authority_key_identifier)};
  for (const x509::GeneralName& name : certificate.subject_alternative_names) entry.names.push_back(to_text(name));
  return entry;
}

std::string issued_line(const IssuedEntry& entry) {
  const Json line{{"serial", entry.serial},
                  {"names", entry.names},
                  {"at", entry.at.time_since_epoch().count()},
                  {"not_after", entry.not_after.time_since_epoch().count()},
                  {"issuer", entry.issuer}};
  return line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
}

std::optional<IssuedEntry> parse_issued_line(std::string_view text) {
  const Json line = Json::parse(text, nullptr, false);
  if (!is_entry(line)) return std::nullopt;
  return IssuedEntry{.serial = line["serial"].get<std::string>(),
                     .names = line["names"].get<std::vector<std::string>>(),
                     .at = time_of(line["at"]),
                     .not_after = time_of(line["not_after"]),
                     .issuer = line["issuer"].get<std::string>()};
}

Result<IssueLog> read_issue_log(const std::filesystem::path& file) {
  return read_lines<IssueLog>(file, max_issue_log_bytes + max_file_bytes, parse_issued_line);
}

Result<void> append_to_issue_log(const std::filesystem::path& file, const IssuedEntry& entry, WallTime now) {
  const std::string line = issued_line(entry);
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (!error && size + line.size() > max_issue_log_bytes) {
    const IssueLog log = PADLOCK_TRY(read_issue_log(file));
    PADLOCK_TRY(net::write_file_atomically(file, as_bytes(compacted(log.entries, now)), net::private_file_mode));
  }
  return net::append_line_durably(file, line);
}

}  // namespace padlock::ca
