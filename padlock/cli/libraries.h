#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/crypto/versions.h"

// Libraries that this process runs on, and which of them lack fixes that are known (docs/threats.md, P8).

namespace padlock::cli {

struct Library {
  std::string name, version;
  std::string package{};  ///< the version of Debian's package that holds it, "1.52.0-1+deb12u3"; empty: there is none
};

/// As they are loaded, and as the system's list of packages has them.
std::vector<Library> linked_libraries();

/// What is said of one that is older than the first without a known hole; nothing: it is good, or there is no floor.
/// nghttp2 is judged by its package where there is one: distributions mend old versions.
std::optional<std::string> complaint_about(const Library& library);

/// The complaints about all of them.
std::vector<std::string> complaints_about(const std::vector<Library>& libraries);

/// As `dpkg --compare-versions a lt b` (Debian Policy, section 5.6.12), for versions without an epoch.
bool is_older_package(std::string_view a, std::string_view b);

/// The version that a list of packages in dpkg's form says is installed; empty: none is.
std::string installed_version(std::string_view list, std::string_view package);

}  // namespace padlock::cli
