#pragma once

#include "padlock/base/rule.h"

/// What `padlock acme` refuses by itself.
namespace padlock::cli::rules {

inline constexpr Rule no_acme{.code = "cli.acme.no_configuration",
                              .source = {0, "command line"},
                              .hint = "name a configuration with the table [acme] by --config"};
inline constexpr Rule no_acme_certificate{
    .code = "cli.acme.no_certificate",
    .source = {0, "command line"},
    .hint = "give the first name of a site, as its table has it; run this as the user that serves it"};

inline constexpr Rule persist_record_option{
    .code = "cli.acme.persist_record",
    .source = {0, "command line"},
    .hint =
        "NAME is a host name, perhaps with `*.` in front; --until takes 2027-03-01 or 2027-03-01T12:00:00Z, later "
        "than now"};

}  // namespace padlock::cli::rules
