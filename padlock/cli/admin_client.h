#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace padlock::cli {

struct AdminReply {
  int status = 0;
  std::string body;
};

/// Asks a running server through its administration's socket, and waits for what it says, two minutes at most.
/// Errors: those of net::connect_unix; rules::admin_answer.
Result<AdminReply> ask_admin(const std::filesystem::path& socket, std::string_view method, std::string_view target);

}  // namespace padlock::cli
