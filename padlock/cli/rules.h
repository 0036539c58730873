#pragma once

#include "padlock/base/rule.h"

/// What the command line refuses by itself.
namespace padlock::cli::rules {

inline constexpr Rule serve_option{.code = "cli.serve.option",
                                   .source = {0, "command line"},
                                   .hint = "`padlock serve --help` lists the flags and what they take"};
inline constexpr Rule no_configuration{
    .code = "cli.serve.no_configuration",
    .source = {0, "command line"},
    .hint =
        "name a folder, or a file with --config; two lines make a site: [sites.\"localhost\"] and dir = \"FOLDER\""};
inline constexpr Rule doctor_option{.code = "cli.doctor.option",
                                    .source = {0, "command line"},
                                    .hint = "write ns.example.com, 192.0.2.1:5353 or [2001:db8::1]:53"};
inline constexpr Rule restart_needed{
    .code = "cli.serve.restart_needed",
    .source = {0, "P5"},
    .hint =
        "addresses, ports, workers, logs, numbers of connections, memory and the administration are what a server "
        "starts with; restart it for these"};
inline constexpr Rule passed_socket_unmatched{
    .code = "cli.serve.passed_socket_unmatched",
    .source = {0, "Files and process"},
    .hint = "say FileDescriptorName=https or =http in the socket unit, or let its port be that of the configuration"};
inline constexpr Rule no_such_user{
    .code = "cli.serve.no_such_user", .source = {0, "P7"}, .hint = "`getent passwd` lists those that there are"};
inline constexpr Rule user_needs_root{
    .code = "cli.serve.user_needs_root", .source = {0, "P7"}, .hint = "start it as root, or take the user out"};
inline constexpr Rule no_keeper{.code = "cli.serve.no_keeper",
                                .source = {0, "P5"},
                                .hint = "start it with --keeper, and another worker can take its place"};
inline constexpr Rule event_program{.code = "cli.serve.event_program",
                                    .source = {0, "A19"},
                                    .hint =
                                        "`exec` in [on_event] names a program that its owner alone may change, who is "
                                        "root or whoever starts the server"};
inline constexpr Rule no_staple{.code = "cli.serve.no_staple",
                                .source = {6960, "2"},
                                .hint =
                                    "clients get the certificate without an OCSP response, and it is tried again; "
                                    "`staple = false` in the site's table has nobody asked"};
inline constexpr Rule host_option{.code = "cli.host.option",
                                  .source = {0, "command line"},
                                  .status = 400,
                                  .hint = "`padlock host --help` lists what it takes"};
inline constexpr Rule host_name{.code = "cli.host.name",
                                .source = {1123, "2.1"},
                                .status = 400,
                                .hint =
                                    "a name has letters, digits and hyphens, perhaps dots between them: shop, "
                                    "api.shop; any other is written in its xn-- form"};
inline constexpr Rule host_upstream{
    .code = "cli.host.upstream",
    .source = {0, "command line"},
    .status = 400,
    .hint =
        "write 3000, localhost:3000, http://127.0.0.1:3000 or https://app.internal; the path of the request is kept"};
inline constexpr Rule host_path{.code = "cli.host.path",
                                .source = {0, "command line"},
                                .status = 400,
                                .hint = "write the beginning of a path: /api/, without dots and %XX"};
inline constexpr Rule host_folder{.code = "cli.host.folder",
                                  .source = {0, "command line"},
                                  .status = 400,
                                  .hint = "name a folder by its whole path, that the server's user may read"};
inline constexpr Rule host_exists{
    .code = "cli.host.exists",
    .source = {0, "command line"},
    .status = 409,
    .hint = "`padlock host switch` has it answered by another, `padlock host remove` ends it"};
inline constexpr Rule host_unknown{.code = "cli.host.unknown",
                                   .source = {0, "command line"},
                                   .status = 404,
                                   .hint = "`padlock host list` says which there are"};
inline constexpr Rule host_unwell{.code = "cli.host.unwell",
                                  .source = {0, "P5"},
                                  .status = 502,
                                  .hint = "start it, or say --force: clients get 502 until it answers"};
inline constexpr Rule host_has_no_domain{
    .code = "cli.host.no_domain",
    .source = {0, "command line"},
    .status = 409,
    .hint = "start the server with a configuration, or with `padlock serve --domain localhost`"};
inline constexpr Rule service_refused{.code = "cli.host.refused",
                                      .source = {0, "command line"},
                                      .status = 409,
                                      .hint = "nothing was changed; choose another, or mend what stands in the way"};
inline constexpr Rule service_left_out{.code = "cli.host.left_out",
                                       .source = {0, "command line"},
                                       .hint = "the other services are served; mend this file, then `padlock reload`"};
inline constexpr Rule fleet_value_unreadable{
    .code = "cli.fleet.unreadable",
    .source = {0, "A10"},
    .hint = "it was altered, or sealed with a key that this node has not: compare `seal_key` of all nodes"};
inline constexpr Rule fleet_service_refused{
    .code = "cli.fleet.service_refused",
    .source = {0, "A9"},
    .hint = "the other nodes serve it; `padlock host switch` gives it content that all of them have"};
inline constexpr Rule no_server_found{.code = "cli.admin.no_server",
                                      .source = {0, "P9"},
                                      .hint = "start one with `padlock serve`, or name its socket with --socket"};
inline constexpr Rule several_servers{
    .code = "cli.admin.several_servers", .source = {0, "P9"}, .hint = "say which one with --socket"};
inline constexpr Rule admin_answer{.code = "cli.admin.answer",
                                   .source = {0, "P9"},
                                   .hint = "something else may listen there, or a padlock of another version"};
inline constexpr Rule no_state_directory{.code = "cli.serve.no_state_directory",
                                         .source = {0, "Files and process"},
                                         .hint = "set HOME or XDG_STATE_HOME, or give --cert and --key"};
inline constexpr Rule no_home{
    .code = "cli.no_home", .source = {0, "Files and process"}, .hint = "set HOME, and perhaps XDG_STATE_HOME"};
inline constexpr Rule state_of_another{
    .code = "cli.state_of_another",
    .source = {0, "A1"},
    .hint = "run this as that user; for the system's store `padlock trust install` says the command for root"};
inline constexpr Rule no_local_ca{
    .code = "cli.no_local_ca", .source = {0, "A13"}, .hint = "`padlock ca create` makes one"};
inline constexpr Rule file_exists{.code = "cli.ca.file_exists",
                                  .source = {0, "Files and process"},
                                  .hint = "--force replaces it; --out names another folder"};
inline constexpr Rule issue_option{.code = "cli.ca.issue_option",
                                   .source = {0, "command line"},
                                   .hint = "`padlock ca issue --help` lists what it takes"};
inline constexpr Rule no_such_reason{
    .code = "cli.ca.reason", .source = {5280, "5.3.1"}, .hint = "name one of these reasons, or none"};
inline constexpr Rule sudo_without_root{
    .code = "cli.trust.sudo_without_root",
    .source = {0, "A13"},
    .hint = "run `padlock trust install` as yourself: it says the command for the part that root does"};
inline constexpr Rule unconfirmed{
    .code = "cli.trust.unconfirmed", .source = {0, "A13"}, .hint = "say --yes if the list above is what you mean"};
inline constexpr Rule no_such_store{.code = "cli.trust.no_such_store",
                                    .source = {0, "A13"},
                                    .hint = "`padlock trust status` lists the stores that are here"};
inline constexpr Rule needs_root{.code = "cli.trust.needs_root",
                                 .source = {0, "A13"},
                                 .hint = "the command above does it; the other stores need no root"};

inline constexpr Rule no_certificate{.code = "cli.cert.no_certificate",
                                     .source = {7468, "5.1"},
                                     .hint = "give a PEM or DER file with certificates, or a server that speaks TLS"};

}  // namespace padlock::cli::rules
