#include "padlock/cli/admin_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <system_error>

#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/cli/rules.h"
#include "padlock/client/trust.h"
#include "padlock/net/unix_socket.h"

namespace padlock::cli {
namespace {

namespace fs = std::filesystem;

const fs::path system_folder = "/run/padlock";

std::optional<fs::path> folder_in(const char* variable) {
  const char* const value = std::getenv(variable);  // NOLINT(concurrency-mt-unsafe): nobody writes the environment
  if (value == nullptr) return std::nullopt;
  const std::string text(value);
  fs::path folder = text.substr(0, text.find(':'));  // systemd names several so
  return folder.is_absolute() ? std::optional(std::move(folder)) : std::nullopt;
}

/// The user's own, as it should be: whoever becomes root may still have another's in the environment.
std::optional<fs::path> users_runtime_folder() {
  const auto folder = folder_in("XDG_RUNTIME_DIR");
  struct stat status{};
  const bool ours = folder && ::stat(folder->c_str(), &status) == 0 && status.st_uid == ::geteuid();
  return ours ? std::optional(*folder / "padlock") : std::nullopt;
}

std::optional<fs::path> state_folder() {
  const auto state = client::state_directory();
  return state ? std::optional(*state / "run") : std::nullopt;
}

/// Every place where a server may have put it, this user's first.
std::vector<fs::path> folders() {
  std::vector<fs::path> all;
  for (const auto& one :
       {folder_in("RUNTIME_DIRECTORY"), users_runtime_folder(), state_folder(), std::optional(system_folder)})
    if (one && std::ranges::find(all, *one) == all.end()) all.push_back(*one);
  return all;
}

std::vector<fs::path> live_sockets(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;  // no folder, or one of another user: nothing for us
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename().native();
    if (name.starts_with("admin-") && name.ends_with(".sock") && net::connect_unix(at->path()))
      found.push_back(at->path());
  }
  std::ranges::sort(found);
  return found;
}

std::string path_text(const fs::path& path) { return escaped(path.native()); }

}  // namespace

std::optional<fs::path> usual_admin_socket(std::uint16_t https_port) {
  const std::string name = "admin-" + std::to_string(https_port) + ".sock";
  if (const auto folder = folder_in("RUNTIME_DIRECTORY")) return *folder / name;
  if (const auto folder = users_runtime_folder()) return *folder / name;
  if (::geteuid() == 0) return system_folder / name;
  if (const auto folder = state_folder()) return *folder / name;
  return std::nullopt;
}

Result<fs::path> find_admin_socket() {
  std::vector<fs::path> found;
  for (const fs::path& folder : folders()) {
    const auto here = live_sockets(folder);
    found.insert(found.end(), here.begin(), here.end());
  }
  if (found.size() == 1) return found.front();
  if (found.empty())
    return broken(rules::no_server_found,
                  "no server runs that this user may administer: there is no live admin-*.sock in " +
                      list_of(folders(), path_text));
  return broken(rules::several_servers, "several servers run: " + list_of(found, path_text));
}

}  // namespace padlock::cli
