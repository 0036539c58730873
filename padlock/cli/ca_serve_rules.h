#pragma once

#include "padlock/base/rule.h"

/// What `padlock ca serve` refuses.
namespace padlock::cli::rules {

inline constexpr Rule ca_serve_option{.code = "cli.ca.serve_option",
                                      .source = {0, "command line"},
                                      .hint = "`padlock ca serve --help` lists the flags and what they take"};
inline constexpr Rule ca_served_already{
    .code = "cli.ca.served_already",
    .source = {0, "Files and process"},
    .hint = "end the other `padlock ca serve`, or give this one another state folder by XDG_STATE_HOME"};
inline constexpr Rule external_accounts_file{
    .code = "cli.ca.external_accounts",
    .source = {8555, "7.3.4"},
    .hint = "it is a JSON object of MAC keys in base64url, 16 bytes or more, by their key identifiers"};

}  // namespace padlock::cli::rules
