#pragma once

#include <filesystem>
#include <string>

namespace padlock::net {

/// Differs from what it was when the file has been replaced or written to since; one that is not there has a state too.
/// To be compared, and for nothing else.
std::string state_of_file(const std::filesystem::path& file);

}  // namespace padlock::net
