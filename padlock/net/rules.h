#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How the world can fail us: files, sockets, captures.
namespace padlock::net::rules {

// ---- files ------------------------------------------------------------------------------------------------------

inline constexpr Rule file_missing{
    .code = "net.file.missing", .source = {0, "X12"}, .hint = "check the name; the file or its folder does not exist"};
inline constexpr Rule file_unreadable{.code = "net.file.unreadable",
                                      .source = {0, "X12"},
                                      .hint = "the file must be a regular one that this user may read"};
inline constexpr Rule out_of_descriptors{.code = "net.file.out_of_descriptors",
                                         .source = {0, "P1"},
                                         .hint = "too many files and connections are open for this process"};
inline constexpr Rule file_too_large{
    .code = "net.file.too_large", .source = {0, "X12"}, .hint = "this is hardly the file that was meant"};
inline constexpr Rule file_unwritable{.code = "net.file.unwritable",
                                      .source = {0, "Files and process"},
                                      .hint = "check the folder's owner and mode, and the room left on the disk"};
inline constexpr Rule key_readable_by_others{
    .code = "net.file.key_readable_by_others",
    .source = {0, "A1"},
    .hint = "run `chmod 600` on the key; if others may have read it, replace it"};
inline constexpr Rule directory_open_to_others{.code = "net.file.directory_open_to_others",
                                               .source = {0, "A1"},
                                               .hint = "run `chmod 700` on the folder; it holds private keys"};
inline constexpr Rule lock_busy{.code = "net.file.lock_busy",
                                .source = {0, "Files and process"},
                                .hint = "another padlock process is at work on this folder; try again when it is done"};

// ---- files below a served folder --------------------------------------------------------------------------------
inline constexpr Rule not_in_folder{.code = "net.file.not_in_folder",
                                    .source = {0, "H8"},
                                    .status = 404,
                                    .hint = "no such file stands beneath the served folder"};
inline constexpr Rule is_a_folder{
    .code = "net.file.is_a_folder", .source = {0, "H8"}, .status = 404, .hint = "a folder is served by its index.html"};
inline constexpr Rule not_a_folder{
    .code = "net.file.not_a_folder", .source = {0, "H8"}, .status = 404, .hint = "give a folder, not a file"};
inline constexpr Rule not_a_regular_file{.code = "net.file.not_a_regular_file",
                                         .source = {0, "H8"},
                                         .status = 404,
                                         .hint = "devices, sockets and FIFOs are never served"};
inline constexpr Rule key_log_unwritable{.code = "net.key_log.unwritable",
                                         .source = {9850, "2"},
                                         .hint = "name a file that you may write, or unset SSLKEYLOGFILE"};

// ---- names and connections --------------------------------------------------------------------------------------
inline constexpr Rule name_not_found{.code = "net.resolve.name_not_found",
                                     .source = {8499, "3"},
                                     .hint = "check the spelling; `getent hosts NAME` asks the same source"};
inline constexpr Rule name_lookup_failed{.code = "net.resolve.lookup_failed",
                                         .source = {8499, "3"},
                                         .hint = "the name server did not answer; check the network connection"};
inline constexpr Rule connection_refused{.code = "net.connect.refused",
                                         .source = {9293, "3.5.2"},
                                         .hint = "nothing listens there; check the port and that the server runs"};
inline constexpr Rule no_route{.code = "net.connect.no_route",
                               .source = {1122, "3.2.2.1"},
                               .hint = "this host has no way to that address; check the network connection"};
inline constexpr Rule connect_failed{
    .code = "net.connect.failed", .source = {9293, "3.5"}, .hint = "no address of the name could be reached"};
inline constexpr Rule deadline_passed{.code = "net.deadline_passed",
                                      .source = {0, "T31"},
                                      .status = 408,
                                      .hint = "the peer stalled; try again, or allow more time"};
inline constexpr Rule cancelled{
    .code = "net.cancelled", .source = {0, "rule 11"}, .hint = "this program ended the wait itself"};
inline constexpr Rule connection_reset{.code = "net.connection_reset",
                                       .source = {9293, "3.5.2"},
                                       .hint = "the peer, or something on the way, cut the connection"};
inline constexpr Rule closed_early{.code = "net.closed_early",
                                   .source = {9293, "3.6"},
                                   .hint = "the peer closed the connection in the middle; look at its log"};
inline constexpr Rule socket_failed{
    .code = "net.socket_failed", .source = {0, "P4"}, .hint = "the system refused an operation on the connection"};
inline constexpr Rule no_certificate{.code = "net.no_certificate",
                                     .source = {8446, "4.4.2.2"},
                                     .alert = AlertDescription::unrecognized_name,
                                     .hint = "the server has no certificate to show"};
inline constexpr Rule not_verified{.code = "net.not_verified",
                                   .source = {8446, "4.4.2.4"},
                                   .alert = AlertDescription::certificate_unknown,
                                   .hint = "nobody was there to judge the server's certificate"};
inline constexpr Rule reservation_misused{.code = "net.reservation_misused",
                                          .source = {0, "rule 2"},
                                          .hint = "one reservation at a time, committed with at most its size"};

// ---- listening --------------------------------------------------------------------------------------------------
inline constexpr Rule port_in_use{.code = "net.listen.port_in_use",
                                  .source = {9293, "3.9.1"},
                                  .hint = "another program listens there; stop it, or choose another with --port"};
inline constexpr Rule port_not_permitted{
    .code = "net.listen.port_not_permitted",
    .source = {6335, "6"},
    .hint = "ports below 1024 need root or CAP_NET_BIND_SERVICE; choose another with --port"};
inline constexpr Rule address_not_available{.code = "net.listen.address_not_available",
                                            .source = {9293, "3.9.1"},
                                            .hint = "no interface of this host has that address; `ip addr` lists them"};

inline constexpr Rule passed_socket_unfit{
    .code = "net.listen.passed_socket_unfit",
    .source = {0, "Files and process"},
    .hint = "pass listening TCP sockets alone: ListenStream= with ports in the socket unit"};

// ---- sockets in the file system ---------------------------------------------------------------------------------
inline constexpr Rule nobody_listens{
    .code = "net.unix.nobody_listens", .source = {0, "P9"}, .hint = "start the server, or name its socket"};
inline constexpr Rule unix_socket_in_use{.code = "net.unix.in_use",
                                         .source = {0, "P9"},
                                         .hint = "stop the other server, or name another socket for this one"};
inline constexpr Rule unix_socket_not_permitted{.code = "net.unix.not_permitted",
                                                .source = {0, "P9"},
                                                .hint = "run this as root or as the user that the server runs as"};

// ---- other programs ---------------------------------------------------------------------------------------------
inline constexpr Rule program_not_started{.code = "net.program.not_started",
                                          .source = {0, "Files and process"},
                                          .hint = "the file must be there and be a program that this user may execute"};
inline constexpr Rule program_stalled{.code = "net.program.stalled",
                                      .source = {0, "Files and process"},
                                      .hint = "run the same command by hand and see what it waits for"};

inline constexpr Rule sandbox_failed{
    .code = "net.sandbox.failed",
    .source = {0, "P7"},
    .hint = "something else restricts this process; start it by the unit that ships, or report this"};

// ---- capture ----------------------------------------------------------------------------------------------------
inline constexpr Rule capture_not_permitted{
    .code = "net.capture.not_permitted",
    .source = {0, "capture"},
    .hint = "run as root or with CAP_NET_RAW to see packets; without, the kernel's TCP_INFO is shown"};
inline constexpr Rule capture_failed{
    .code = "net.capture.failed", .source = {0, "capture"}, .hint = "packets cannot be captured on this system"};

inline constexpr std::array files{&out_of_descriptors,
                                  &file_missing,
                                  &file_unreadable,
                                  &file_too_large,
                                  &file_unwritable,
                                  &key_readable_by_others,
                                  &directory_open_to_others,
                                  &lock_busy,
                                  &not_in_folder,
                                  &is_a_folder,
                                  &not_a_folder,
                                  &not_a_regular_file,
                                  &key_log_unwritable};
inline constexpr std::array unix_sockets{&nobody_listens, &unix_socket_in_use, &unix_socket_not_permitted};
inline constexpr std::array programs{&program_not_started, &program_stalled, &sandbox_failed};
inline constexpr std::array connections{
    &name_not_found,        &name_lookup_failed, &connection_refused, &no_route,
    &connect_failed,        &deadline_passed,    &cancelled,          &connection_reset,
    &closed_early,          &socket_failed,      &no_certificate,     &not_verified,
    &reservation_misused,   &port_in_use,        &port_not_permitted, &address_not_available,
    &capture_not_permitted, &capture_failed,     &passed_socket_unfit};

}  // namespace padlock::net::rules
