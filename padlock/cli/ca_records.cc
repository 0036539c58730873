#include "padlock/cli/ca_records.h"

#include <algorithm>
#include <array>
#include <system_error>

#include "padlock/base/text.h"
#include "padlock/cli/ca_serve_rules.h"
#include "padlock/net/rules.h"

namespace padlock::cli {
namespace {

namespace fs = std::filesystem;

/// A chain of a hundred long names has about 60 KB.
constexpr std::size_t most_bytes = std::size_t{256} * 1024;
constexpr std::string_view suffix = ".json";
/// By RecordKind; accounts before what is theirs.
constexpr std::array folders{"accounts", "orders", "certificates"};

fs::path file_of(const fs::path& directory, const acme::RecordChange& change) {
  return directory / folders.at(static_cast<std::size_t>(change.kind)) / (change.id + std::string(suffix));
}

Result<void> restore_one(acme::CaServer& server, acme::RecordKind kind, const fs::path& file) {
  const auto text = PADLOCK_TRY(net::read_file(file, most_bytes));
  return server.restore(kind, as_text(text));
}

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == suffix) files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

Result<RecordFolder> RecordFolder::open(fs::path directory) {
  PADLOCK_TRY(net::make_private_directory(directory));
  for (const char* const folder : folders) PADLOCK_TRY(net::make_private_directory(directory / folder));
  auto lock = net::lock_file(directory / "lock", std::chrono::milliseconds(0));
  if (!lock && lock.error().rule == &net::rules::lock_busy)
    return broken(rules::ca_served_already, "another process serves the CA in " + escaped(directory.native()));
  if (!lock) return std::unexpected(std::move(lock).error());
  for (const char* const folder : folders) net::remove_temporary_files(directory / folder);
  return RecordFolder(std::move(directory), *std::move(lock));
}

std::vector<std::string> RecordFolder::restore(acme::CaServer& server) const {
  std::vector<std::string> notices;
  for (std::size_t kind = 0; kind < folders.size(); ++kind) {
    for (const fs::path& file : files_in(directory_ / folders.at(kind))) {
      const auto done = restore_one(server, static_cast<acme::RecordKind>(kind), file);
      if (done) continue;
      const fs::path aside = file.native() + ".set-aside";
      const auto moved = net::rename_durably(file, aside);
      notices.push_back(escaped(file.native()) + " is damaged: " + done.error().what +
                        (moved ? "; it is kept as " + escaped(aside.filename().native()) : "; " + moved.error().what));
    }
  }
  return notices;
}

Result<void> RecordFolder::apply(std::span<const acme::RecordChange> changes) const {
  for (std::size_t at = 0; at < changes.size(); ++at) {
    const acme::RecordChange& change = changes[at];
    const auto later = [&](const acme::RecordChange& one) { return one.kind == change.kind && one.id == change.id; };
    if (std::ranges::any_of(changes.subspan(at + 1), later)) continue;  // one that follows says more
    const fs::path file = file_of(directory_, change);
    if (change.text) {
      PADLOCK_TRY(net::write_file_atomically(file, as_bytes(*change.text), net::private_file_mode));
    } else {
      std::error_code error;
      fs::remove(file, error);  // what stays is forgotten again at the next start
    }
  }
  return {};
}

}  // namespace padlock::cli
