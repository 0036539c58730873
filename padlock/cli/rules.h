#pragma once

#include "padlock/base/rule.h"

/// What the command line refuses by itself.
namespace padlock::cli::rules {

inline constexpr Rule serve_option{.code = "cli.serve.option",
                                   .source = {0, "command line"},
                                   .hint = "`padlock serve --help` lists the flags and what they take"};
inline constexpr Rule no_state_directory{.code = "cli.serve.no_state_directory",
                                         .source = {0, "Files and process"},
                                         .hint = "set HOME or XDG_STATE_HOME, or give --cert and --key"};

inline constexpr Rule no_certificate{.code = "cli.cert.no_certificate",
                                     .source = {7468, "5.1"},
                                     .hint = "give a PEM or DER file with certificates, or a server that speaks TLS"};

}  // namespace padlock::cli::rules
