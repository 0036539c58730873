#include "padlock/ca/trust/find_stores.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <utility>

#include "padlock/ca/limits.h"
#include "padlock/ca/trust/nss_store.h"
#include "padlock/ca/trust/system_store.h"
#include "padlock/net/program.h"

namespace padlock::ca {
namespace {

using std::filesystem::path;
using Stores = std::vector<std::unique_ptr<RootStore>>;

/// Programs that read Chromium's store, and their folders below the user's configuration.
constexpr std::array chromium_programs{"chromium",      "chromium-browser", "google-chrome", "google-chrome-stable",
                                       "brave-browser", "microsoft-edge",   "vivaldi"};
constexpr std::array chromium_folders{"chromium", "google-chrome", "BraveSoftware", "microsoft-edge", "vivaldi"};
/// Below HOME: what Snap's and Flatpak's Chromium sees as its own home.
constexpr std::array chromium_sandboxes{"snap/chromium/current/.pki/nssdb", ".var/app/org.chromium.Chromium/.pki/nssdb",
                                        ".var/app/com.google.Chrome/.pki/nssdb"};
/// Below HOME: folders of profiles. Debian's and Mozilla's own, Snap's, Flatpak's.
constexpr std::array firefox_homes{".mozilla/firefox", "snap/firefox/common/.mozilla/firefox",
                                   ".var/app/org.mozilla.firefox/.mozilla/firefox"};

std::optional<std::string> environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody here changes the environment
  if (value == nullptr || std::string_view(value).empty()) return std::nullopt;
  return value;
}

std::vector<path> folders_of(std::string_view list) {
  std::vector<path> folders;
  while (!list.empty()) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    if (colon > 0 && list.front() == '/') folders.emplace_back(list.substr(0, colon));
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
  return folders;
}

bool has_chromium(const StorePlaces& places) {
  const auto installed = [&](const char* name) { return net::find_program(name, places.programs).has_value(); };
  const auto used = [&](const char* name) { return is_there(places.config_home / name); };
  return std::ranges::any_of(chromium_programs, installed) || std::ranges::any_of(chromium_folders, used);
}

/// Chromium takes the newer place only where the older one is not there.
std::vector<path> chromium_places(const StorePlaces& places) {
  const path older = places.home / ".pki/nssdb", newer = places.data_home / "pki/nssdb";
  std::vector<path> found;
  for (const path& folder : {older, newer}) {
    if (is_there(folder / "cert9.db")) found.push_back(folder);
  }
  for (const char* const folder : chromium_sandboxes) {
    if (is_there(places.home / folder / "cert9.db")) found.push_back(places.home / folder);
  }
  const bool own = !found.empty() && (found.front() == older || found.front() == newer);
  if (!own && has_chromium(places)) found.insert(found.begin(), older);
  return found;
}

std::vector<path> firefox_profiles(const StorePlaces& places) {
  std::vector<path> homes{places.config_home / "mozilla/firefox"};
  for (const char* const folder : firefox_homes) homes.push_back(places.home / folder);
  std::vector<path> found;
  for (const path& home : homes) {
    std::error_code error;
    for (std::filesystem::directory_iterator at(home, error), end; !error && at != end; at.increment(error)) {
      if (is_there(at->path() / "cert9.db") && found.size() < max_firefox_profiles) found.push_back(at->path());
    }
  }
  std::ranges::sort(found);
  return found;
}

void add_nss(Stores& stores, StoreKind kind, const std::vector<path>& folders, const StorePlaces& places,
             std::string_view why_not) {
  const auto certutil = net::find_program("certutil", places.programs);
  for (const path& folder : folders) stores.push_back(std::make_unique<NssStore>(kind, folder, certutil, places.home));
  if (folders.empty()) stores.push_back(std::make_unique<AbsentStore>(kind, std::string(why_not)));
}

}  // namespace

bool is_there(const path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error);
}

std::optional<StorePlaces> places_of_this_user() {
  const auto home = environment("HOME");
  if (!home) return std::nullopt;
  StorePlaces places;
  places.home = *home;
  places.data_home = places.home / ".local/share";
  places.config_home = places.home / ".config";
  if (const auto data = environment("XDG_DATA_HOME")) places.data_home = *data;
  if (const auto config = environment("XDG_CONFIG_HOME")) places.config_home = *config;
  places.programs = folders_of(environment("PATH").value_or(""));
  return places;
}

Stores find_stores(const StorePlaces& places) {
  Stores stores;
  if (auto system = SystemStore::find(places.system_root)) {
    stores.push_back(std::make_unique<SystemStore>(*std::move(system)));
  } else {
    stores.push_back(std::make_unique<AbsentStore>(StoreKind::system, "none that Padlock knows how to change"));
  }
  add_nss(stores, StoreKind::chromium, chromium_places(places), places, "no Chromium, and nothing like it, is here");
  add_nss(stores, StoreKind::firefox, firefox_profiles(places), places, "no Firefox profile is here");
  return stores;
}

}  // namespace padlock::ca
