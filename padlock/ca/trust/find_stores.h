#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "padlock/ca/trust/root_store.h"

namespace padlock::ca {

/// Where stores are looked for: this user's and this machine's places.
struct StorePlaces {
  std::filesystem::path home;                   ///< HOME
  std::filesystem::path data_home;              ///< XDG_DATA_HOME, else HOME/.local/share
  std::filesystem::path config_home;            ///< XDG_CONFIG_HOME, else HOME/.config
  std::filesystem::path system_root{"/"};       ///< of the system's store
  std::vector<std::filesystem::path> programs;  ///< PATH's folders: certutil and browsers
};

/// This process's places; nothing without HOME.
std::optional<StorePlaces> places_of_this_user();

/// False too where it cannot be looked for.
bool is_there(const std::filesystem::path& file);

/// Every store that programs here read, the system's first; an AbsentStore for each kind of which there is none.
/// Chromium's counts as there if Chromium, or one that is made of it, is installed: it is made by adding a root.
std::vector<std::unique_ptr<RootStore>> find_stores(const StorePlaces& places);

}  // namespace padlock::ca
