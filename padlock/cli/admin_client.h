#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "padlock/base/result.h"
#include "padlock/cli/verdict_json.h"

namespace padlock::cli {

struct AdminReply {
  int status = 0;
  std::string body;
};

/// Asks a running server through its administration's socket, and waits for what it says, two minutes at most.
/// Errors: those of net::connect_unix; rules::admin_answer.
Result<AdminReply> ask_admin(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                             std::string_view body = {});

/// The socket that was named, else that of the one server that runs here. Errors: those of find_admin_socket.
Result<std::filesystem::path> admin_socket_of(const std::string& named);

struct AdminJson {
  int status = 0;
  Json json;
};
/// The same, for an answer that is an object of JSON with this member, or one that says what came of it. Errors: those
/// of ask_admin.
Result<AdminJson> ask_admin_json(const std::filesystem::path& socket, std::string_view method, std::string_view target,
                                 std::string_view member, std::string_view body = {});

}  // namespace padlock::cli
