#include "padlock/client/evidence_store.h"

#include <algorithm>
#include <system_error>

#include "padlock/base/text.h"
#include "padlock/client/limits.h"
#include "padlock/crypto/hash.h"
#include "padlock/net/atomic_file.h"
#include "padlock/x509/limits.h"

namespace padlock::client {
namespace {

using std::filesystem::path;

constexpr std::string_view heading = "padlock revocation list 1";
constexpr std::size_t heading_bytes = 16 << 10;  // lines of text in front of a list

std::string hash_name(Bytes bytes) {
  return to_hex(crypto::hash_of(crypto::HashAlgorithm::sha256, bytes).bytes().first(16));
}

/// Takes "NAME VALUE" and its line feed from the front; the value.
std::optional<std::string> take_line(Bytes& bytes, std::string_view name) {
  const std::string_view text = as_text(bytes.first(std::min(bytes.size(), heading_bytes)));
  const auto end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(name)) return std::nullopt;
  bytes = bytes.subspan(end + 1);
  return std::string(text.substr(0, end).substr(std::min(end, name.size() + 1)));
}

/// Fields of HTTP hold no line feed, but a file of ours never relies on it.
std::string line(std::string_view name, std::string_view value) {
  std::string text(name);
  text.append(" ").append(value.substr(0, 4096));
  std::ranges::replace(text, '\n', ' ');
  return text + "\n";
}

std::optional<StoredList> read_stored(Bytes bytes, const std::string& url) {
  StoredList stored;
  const auto head = take_line(bytes, heading);
  const auto of = take_line(bytes, "url");
  const auto etag = take_line(bytes, "etag");
  const auto modified = take_line(bytes, "last-modified");
  const auto fetched = take_line(bytes, "fetched");
  const auto seconds = fetched ? parse_decimal(*fetched) : std::nullopt;
  if (!head || of != url || !etag || !modified || !seconds || *seconds > INT64_MAX) return std::nullopt;
  auto list = x509::parse_certificate_list(bytes);
  if (!list) return std::nullopt;
  return StoredList{*std::move(list), *etag, *modified,
                    WallTime(std::chrono::seconds(static_cast<std::int64_t>(*seconds)))};
}

/// Removes the files that were written first, until `most` are left.
void make_room(const path& folder, std::size_t most) {
  std::vector<std::pair<std::filesystem::file_time_type, path>> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const auto written = at->last_write_time(error);
    if (!error) files.emplace_back(written, at->path());
  }
  std::ranges::sort(files);
  for (std::size_t i = 0; i + most < files.size(); ++i) std::filesystem::remove(files[i].second, error);
}

Result<void> keep(const path& file, Bytes bytes, std::size_t most) {
  PADLOCK_TRY(net::make_private_directory(file.parent_path()));
  PADLOCK_TRY(net::write_file_atomically(file, bytes, net::private_file_mode));
  make_room(file.parent_path(), most);
  return {};
}

}  // namespace

path EvidenceStore::list_file(const std::string& url) const {
  return folder_ / "crls" / (hash_name(as_bytes(url)) + ".crl");
}

std::optional<StoredList> EvidenceStore::find_list(const std::string& url) const {
  const auto bytes = net::read_file(list_file(url), x509::max_crl_bytes + heading_bytes);
  return bytes ? read_stored(*bytes, url) : std::nullopt;
}

Result<void> EvidenceStore::keep_list(const std::string& url, Bytes der, const StoredList& about) const {
  const auto seconds = about.fetched.time_since_epoch().count();
  const std::string text = std::string(heading) + "\n" + line("url", url) + line("etag", about.etag) +
                           line("last-modified", about.last_modified) + line("fetched", std::to_string(seconds));
  std::vector<std::uint8_t> bytes(as_bytes(text).begin(), as_bytes(text).end());
  bytes.insert(bytes.end(), der.begin(), der.end());
  return keep(list_file(url), bytes, limits::stored_lists);
}

std::vector<std::shared_ptr<const x509::Certificate>> EvidenceStore::find_intermediates(Bytes subject) const {
  std::vector<std::shared_ptr<const x509::Certificate>> found;
  const std::string beginning = hash_name(subject) + "-";
  std::error_code error;  // no folder: nothing is kept yet
  for (std::filesystem::directory_iterator at(folder_ / "intermediates", error), end; !error && at != end;
       at.increment(error)) {
    if (!at->path().filename().native().starts_with(beginning)) continue;
    const auto bytes = net::read_file(at->path(), x509::max_certificate_bytes);
    if (!bytes) continue;
    auto certificate = x509::parse_certificate(*bytes);
    if (certificate && std::ranges::equal((*certificate)->subject.der, subject))
      found.push_back(*std::move(certificate));
  }
  return found;
}

Result<void> EvidenceStore::keep_intermediate(const x509::Certificate& certificate) const {
  const path file = folder_ / "intermediates" / (hash_name(certificate.subject.der) + "-" + hash_name(certificate.der));
  std::error_code ignored;  // not there is the reason to write it
  if (std::filesystem::exists(file, ignored)) return {};
  return keep(file, certificate.der, limits::stored_intermediates);
}

}  // namespace padlock::client
