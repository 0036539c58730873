#pragma once

#include <string>
#include <vector>

namespace padlock::crypto {

/// A library that this process runs on, with its version at run time: "libcrypto", "3.0.19".
struct LibraryVersion {
  std::string name;
  std::string version;
};

/// libcrypto as it is loaded, then libipsec-mb if Padlock was built with it.
std::vector<LibraryVersion> library_versions();

/// The library whose AEADs `make_provider()` takes on this CPU: "libipsec-mb" or "libcrypto".
std::string active_aead_library();

}  // namespace padlock::crypto
