#include "padlock/certs/file_store.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <tuple>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/ca/pair_file.h"
#include "padlock/certs/rules.h"
#include "padlock/crypto/hash.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"

namespace padlock::certs {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view entry_name = "entry", lease_name = "lease";
constexpr std::string_view magic = "padlock-store 1 sha256 ";
constexpr std::size_t digest_digits = 64;
constexpr std::size_t head_bytes = magic.size() + digest_digits + 1;

/// Of the value and of what it is bound to: a file that was moved to another name is no value of that one.
std::string digest_of(const StoreKey& key, std::string_view file, Bytes value) {
  crypto::Hash hash(crypto::HashAlgorithm::sha256);
  hash.update(as_bytes(to_string(key) + "/" + std::string(file) + "\n"));
  hash.update(value);
  return to_hex(hash.digest());
}

SecretBytes with_head(const StoreKey& key, std::string_view file, Bytes value) {
  const std::string head = std::string(magic) + digest_of(key, file, value) + "\n";
  std::vector<std::uint8_t> bytes(head.size() + value.size());
  copy_bytes(value, copy_bytes(as_bytes(head), bytes));
  return SecretBytes(std::move(bytes));
}

/// The value; nothing: these bytes are not those that were written for this key.
std::optional<Bytes> without_head(const StoreKey& key, std::string_view file, Bytes bytes) {
  if (bytes.size() < head_bytes) return std::nullopt;
  const Bytes value = bytes.subspan(head_bytes);
  const std::string head = std::string(magic) + digest_of(key, file, value) + "\n";
  return as_text(bytes.first(head_bytes)) == head ? std::optional(value) : std::nullopt;
}

std::string text_of(const Lease& lease) {
  return std::to_string(lease.fence) + " " + std::to_string(lease.until.time_since_epoch().count()) + "\n";
}

std::optional<Lease> parse_lease(const StoreKey& key, std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
  const auto fence = parse_decimal(text.substr(0, space));
  const auto until = parse_decimal(text.substr(space + 1, text.size() - space - 2));
  if (!fence || !until) return std::nullopt;
  return Lease{key, *fence, WallTime(std::chrono::seconds(*until))};
}

std::uint64_t seconds_of(WallTime time) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(time.time_since_epoch().count(), 0));
}

}  // namespace

/// The folder of a key, made, with the lock between processes.
struct StoreFolder::Held {
  fs::path folder;
  net::FileLock lock;
};

StoreFolder::StoreFolder(fs::path directory, std::function<WallTime()> clock)
    : directory_(std::move(directory)), clock_(clock ? std::move(clock) : [] { return net::now().wall; }) {}

Result<StoreFolder::Held> StoreFolder::open(const StoreKey& key) const {
  const fs::path folder = directory_ / PADLOCK_TRY(folder_of(key));
  const fs::path kind = directory_ / folder_of(key.kind);
  for (const fs::path& one : {directory_, kind, folder.parent_path(), folder})
    PADLOCK_TRY(net::make_private_directory(one));
  net::FileLock lock = PADLOCK_TRY(net::lock_file(kind / ".lock", folder_patience));
  net::remove_temporary_files(folder);
  return Held{folder, std::move(lock)};
}

// ---- values ---------------------------------------------------------------------------------------------------------

Result<std::optional<SecretBytes>> StoreFolder::get(const StoreKey& key) {
  const fs::path folder = directory_ / PADLOCK_TRY(folder_of(key));
  std::error_code error;
  if (!fs::exists(folder, error)) return std::optional<SecretBytes>();
  PADLOCK_TRY(net::check_private_directory(folder));
  return read(key, folder / entry_name);
}

Result<std::optional<SecretBytes>> StoreFolder::read(const StoreKey& key, const fs::path& file) {
  auto bytes = net::read_private_file(file, max_value_bytes + head_bytes);
  if (!bytes && bytes.error().rule == &net::rules::file_missing) return std::optional<SecretBytes>();
  const bool too_large = !bytes && bytes.error().rule == &net::rules::file_too_large;
  if (!bytes && !too_large) return std::unexpected(std::move(bytes).error());
  if (!too_large) {
    const auto value = without_head(key, file.filename().native(), bytes->reveal());
    if (value) return std::optional(SecretBytes({value->begin(), value->end()}));
  }
  const std::array files{file};
  notices_.push_back(escaped(file.native()) + " is not what was written there; it is now " +
                     PADLOCK_TRY(ca::set_aside(files)));
  return std::optional<SecretBytes>();
}

Result<void> StoreFolder::put(const StoreKey& key, Bytes value, const Lease* held) {
  if (value.size() > max_value_bytes)
    return broken(rules::value_too_large, to_string(key) + " would have " + std::to_string(value.size()) + " bytes");
  const Held open_folder = PADLOCK_TRY(open(key));
  PADLOCK_TRY(check_lease(held, open_folder.folder));
  const SecretBytes bytes = with_head(key, entry_name, value);
  return net::write_file_atomically(open_folder.folder / entry_name, bytes.reveal(), net::private_file_mode);
}

Result<bool> StoreFolder::remove(const StoreKey& key, const Lease* held) {
  const Held open_folder = PADLOCK_TRY(open(key));
  PADLOCK_TRY(check_lease(held, open_folder.folder));
  const fs::path file = open_folder.folder / entry_name;
  if (::unlink(file.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  return broken(net::rules::file_unwritable,
                "cannot remove " + escaped(file.native()) + ": " + std::generic_category().message(errno));
}

Result<std::vector<StoreKey>> StoreFolder::list(Kind kind) const {
  std::vector<StoreKey> keys;
  std::error_code error;
  const auto folders_in = [&](const fs::path& folder) {
    std::vector<fs::path> found;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      std::error_code ignored;
      if (found.size() < max_listed && at->is_directory(ignored)) found.push_back(at->path());
    }
    return found;
  };
  const fs::path all = directory_ / folder_of(kind);
  if (!fs::exists(all, error)) return keys;
  for (const fs::path& ca : folders_in(all)) {
    for (const fs::path& folder : folders_in(ca)) {
      const auto name = name_of_folder(folder.filename().native());
      std::error_code ignored;
      if (name && fs::exists(folder / entry_name, ignored)) keys.push_back({kind, ca.filename().native(), *name});
    }
  }
  if (error)
    return broken(net::rules::file_unreadable, "cannot read " + escaped(all.native()) + ": " + error.message());
  std::ranges::sort(keys, {}, [](const StoreKey& key) { return std::tie(key.ca, key.name); });
  return keys;
}

Result<void> StoreFolder::set_aside(const StoreKey& key, const std::string& why) {
  const Held open_folder = PADLOCK_TRY(open(key));
  const std::array files{open_folder.folder / entry_name};
  const std::string renamed = PADLOCK_TRY(ca::set_aside(files));
  notices_.push_back(escaped(files.front().native()) + ": " + why + "; it is now " + renamed);
  return {};
}

// ---- locks ----------------------------------------------------------------------------------------------------------

Result<std::optional<Lease>> StoreFolder::read_lease(const StoreKey& key, const fs::path& folder) {
  const auto bytes = PADLOCK_TRY(read(key, folder / lease_name));
  return bytes ? parse_lease(key, as_text(bytes->reveal())) : std::nullopt;
}

Result<void> StoreFolder::write_lease(const Lease& lease, const fs::path& folder) const {
  const std::string text = text_of(lease);
  const SecretBytes bytes = with_head(lease.key, lease_name, as_bytes(text));
  return net::write_file_atomically(folder / lease_name, bytes.reveal(), net::private_file_mode);
}

/// A lease that has run out, but that nobody has taken since, is still its holder's: the number tells, not the clock.
Result<void> StoreFolder::check_lease(const Lease* held, const fs::path& folder) {
  if (held == nullptr) return {};
  const auto now = PADLOCK_TRY(read_lease(held->key, folder));
  if (now && now->fence == held->fence) return {};
  return broken(rules::lease_lost, "the lock on " + to_string(held->key) + " is number " +
                                       (now ? std::to_string(now->fence) : "none") + " now, not " +
                                       std::to_string(held->fence));
}

/// The number begins at the time, in seconds: even if its file is lost, it does not go back.
Result<Lease> StoreFolder::lock(const StoreKey& key, std::chrono::seconds life) {
  const Held open_folder = PADLOCK_TRY(open(key));
  const auto before = PADLOCK_TRY(read_lease(key, open_folder.folder));
  const WallTime now = clock_();
  // A lease longer than there are was written before the clock was set back.
  if (before && now < before->until && before->until <= now + max_lease_life)
    return broken(rules::lock_held, to_string(key) + " is locked until " + padlock::to_string(before->until));
  const std::uint64_t next = before ? before->fence + 1 : 1;
  Lease lease{key, std::max(next, seconds_of(now)), now + std::min(life, max_lease_life)};
  PADLOCK_TRY(write_lease(lease, open_folder.folder));
  return lease;
}

Result<void> StoreFolder::renew(Lease& lease, std::chrono::seconds life) {
  const Held open_folder = PADLOCK_TRY(open(lease.key));
  PADLOCK_TRY(check_lease(&lease, open_folder.folder));
  Lease next = lease;
  next.until = clock_() + std::min(life, max_lease_life);
  PADLOCK_TRY(write_lease(next, open_folder.folder));
  lease = std::move(next);
  return {};
}

Result<void> StoreFolder::unlock(const Lease& lease) {
  const Held open_folder = PADLOCK_TRY(open(lease.key));
  if (const auto held = check_lease(&lease, open_folder.folder); !held)
    return held.error().rule == &rules::lease_lost ? Result<void>() : held;
  Lease ended = lease;
  ended.until = WallTime{};
  return write_lease(ended, open_folder.folder);  // its number stays
}

}  // namespace padlock::certs
