#pragma once

#include <array>

#include "padlock/base/rule.h"

/// What a server refuses, from its peers and from those who start it.
namespace padlock::server::rules {

// ---- requests
inline constexpr Rule method_not_allowed{.code = "server.request.method",
                                         .source = {9110, "15.5.6"},
                                         .status = 405,
                                         .hint = "files are only read: GET and HEAD"};
inline constexpr Rule not_found{.code = "server.request.not_found",
                                .source = {9110, "15.5.5"},
                                .status = 404,
                                .hint = "there is no such file in the folder that is served"};
inline constexpr Rule nothing_here{.code = "server.request.nothing_here",
                                   .source = {9110, "15.5.5"},
                                   .status = 404,
                                   .hint = "this part of the site has nothing to show"};
inline constexpr Rule path_ambiguous{.code = "server.request.path_ambiguous",
                                     .source = {0, "H8"},
                                     .status = 400,
                                     .hint =
                                         "servers read this path in different ways; write it without dots, empty "
                                         "segments and encoded slashes"};
inline constexpr Rule maintenance{.code = "server.request.maintenance",
                                  .source = {9110, "15.6.4"},
                                  .status = 503,
                                  .hint = "this site is being worked on; try again later"};
inline constexpr Rule address_denied{.code = "server.request.address_denied",
                                     .source = {9110, "15.5.4"},
                                     .status = 403,
                                     .hint = "this is not for everybody, and not for your address"};
inline constexpr Rule origin_denied{.code = "server.request.origin_denied",
                                    .source = {9110, "15.5.4"},
                                    .status = 403,
                                    .hint = "pages of that origin may not ask here"};
inline constexpr Rule too_many_requests{.code = "server.request.too_many",
                                        .source = {6585, "4"},
                                        .status = 429,
                                        .hint = "your address asks too often; wait a moment"};
inline constexpr Rule unauthorized{.code = "server.request.unauthorized",
                                   .source = {7617, "2"},
                                   .status = 401,
                                   .hint = "this is for those who have a name and a password here"};
inline constexpr Rule helper_busy{.code = "server.request.helper_busy",
                                  .source = {9110, "15.6.4"},
                                  .status = 503,
                                  .hint = "too many passwords are being checked; try again in a moment"};
inline constexpr Rule overloaded{.code = "server.request.overloaded",
                                 .source = {9110, "15.6.4"},
                                 .status = 503,
                                 .hint = "this server has more to do than it can; try again in a moment"};
inline constexpr Rule precondition_failed{.code = "server.request.precondition",
                                          .source = {9110, "15.5.13"},
                                          .status = 412,
                                          .hint = "the file is not in the state that the request asks for"};
inline constexpr Rule range_not_satisfiable{.code = "server.request.range",
                                            .source = {9110, "15.5.17"},
                                            .status = 416,
                                            .hint = "the range lies outside the file"};
inline constexpr Rule too_early{.code = "server.request.too_early",
                                .source = {8470, "5.2"},
                                .status = 425,
                                .hint = "what changes something is not done on early data; ask again now"};
inline constexpr Rule misdirected{
    .code = "server.request.misdirected",
    .source = {9110, "15.5.20"},
    .status = 421,
    .hint = "this server's certificate does not hold that host; connect to the host itself"};
inline constexpr Rule other_clients{
    .code = "server.request.other_clients",
    .source = {9110, "15.5.20"},
    .status = 421,
    .hint = "that host asks its clients for other certificates than this connection did; connect to the host itself"};
inline constexpr Rule other_policy{
    .code = "server.request.other_policy",
    .source = {9110, "15.5.20"},
    .status = 421,
    .hint = "that host asks for stricter TLS than this connection had to have; connect to the host itself"};
inline constexpr Rule unredirectable{.code = "server.request.unredirectable",
                                     .source = {9110, "15.5.1"},
                                     .status = 400,
                                     .hint = "plain http is answered with the https address of a host and a path"};
inline constexpr Rule body_too_large{.code = "server.request.body_too_large",
                                     .source = {9110, "15.5.14"},
                                     .status = 413,
                                     .hint = "nothing that is asked for here needs so long a request"};
inline constexpr Rule unfinished{.code = "server.request.unfinished",
                                 .source = {9110, "15.6.1"},
                                 .status = 500,
                                 .hint = "what answers here has failed; its log may say more"};
inline constexpr Rule file_unreadable{.code = "server.file_unreadable",
                                      .source = {9110, "15.6.1"},
                                      .status = 500,
                                      .hint = "the file could not be read; check its owner and mode"};
inline constexpr Rule file_changed{.code = "server.file_changed",
                                   .source = {9110, "8.6"},
                                   .status = 500,
                                   .hint = "replace files by renaming new ones over them, never by writing into them"};
inline constexpr Rule plain_http_on_tls_port{.code = "server.plain_http_on_tls_port",
                                             .source = {9110, "4.2.2"},
                                             .status = 400,
                                             .hint = "this port speaks HTTPS; write https:// in front of the address"};

// ---- upstreams
inline constexpr Rule upstream_unreachable{.code = "server.upstream.unreachable",
                                           .source = {9110, "15.6.3"},
                                           .status = 502,
                                           .hint = "the server behind this one cannot be reached"};
inline constexpr Rule upstream_failed{.code = "server.upstream.failed",
                                      .source = {9110, "15.6.3"},
                                      .status = 502,
                                      .hint = "the server behind this one has answered wrongly, or not to the end"};
inline constexpr Rule upstream_late{.code = "server.upstream.late",
                                    .source = {9110, "15.6.5"},
                                    .status = 504,
                                    .hint = "the server behind this one has not answered in time"};
inline constexpr Rule no_upstream{.code = "server.upstream.none",
                                  .source = {9110, "15.6.4"},
                                  .status = 503,
                                  .hint = "no server behind this one is well; try again later"};
inline constexpr Rule proxy_loop{.code = "server.upstream.loop",
                                 .source = {9110, "7.6.3"},
                                 .status = 508,
                                 .hint = "an upstream sends requests back to this server; look at its configuration"};

// ---- connections
inline constexpr Rule too_many_connections{.code = "server.connection.too_many",
                                           .source = {0, "P1"},
                                           .hint = "this server, or this client alone, has as many as are allowed"};
inline constexpr Rule handshakes_put_off{
    .code = "server.connection.put_off",
    .source = {0, "P2"},
    .hint = "those who are there need all that a worker can do; newcomers wait, and some are turned away"};
inline constexpr Rule out_of_memory{.code = "server.connection.memory",
                                    .source = {0, "P2"},
                                    .hint =
                                        "the heap is nine tenths of what `memory` allows; new connections wait until "
                                        "some of it is free"};
inline constexpr Rule memory_refused{
    .code = "server.connection.memory_refused",
    .source = {0, "P3"},
    .hint = "the system gives this process no more: look at its limits (`ulimit -v`, MemoryMax= of its unit)"};
inline constexpr Rule shed{.code = "server.connection.shed",
                           .source = {0, "T31"},
                           .hint = "too many clients began handshakes and did not end them; the oldest makes room"};

// ---- handshakes
inline constexpr Rule unknown_server_name{
    .code = "server.tls.unknown_server_name",
    .source = {6066, "3"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "no site here has that name; add it, or look for a mistake in the address"};
inline constexpr Rule no_challenge{.code = "server.tls.no_challenge",
                                   .source = {8737, "3"},
                                   .alert = AlertDescription::no_application_protocol,
                                   .hint = "no challenge of tls-alpn-01 is pending for this name"};
inline constexpr Rule certificate_pending{
    .code = "server.tls.certificate_pending",
    .source = {6066, "3"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "the site's first certificate is being asked for; `padlock status` says how far that is"};
inline constexpr Rule no_server_name{.code = "server.tls.no_server_name",
                                     .source = {8446, "9.2"},
                                     .alert = AlertDescription::missing_extension,
                                     .hint =
                                         "the client named no server, and no certificate holds this address; "
                                         "--fallback NAME says which one to show"};

// ---- certificates on demand (A11)
inline constexpr Rule on_demand_pending{
    .code = "server.on_demand.pending",
    .source = {0, "A11"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "the name's first certificate takes longer than a handshake may wait; try again in a moment"};
inline constexpr Rule on_demand_not_allowed{
    .code = "server.on_demand.not_allowed",
    .source = {0, "A11"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "whoever `ask` names does not answer 200 for it; what he says is asked for again after ten minutes"};
inline constexpr Rule on_demand_unanswered{
    .code = "server.on_demand.unanswered",
    .source = {0, "A11"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "whoever `ask` names gives no answer; see that it runs, and answers within three seconds"};
inline constexpr Rule on_demand_failed{
    .code = "server.on_demand.failed",
    .source = {0, "A11"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "the CA gave no certificate, and the log says why; it is asked again after a quarter of an hour"};
inline constexpr Rule on_demand_put_off{.code = "server.on_demand.put_off",
                                        .source = {0, "A11"},
                                        .alert = AlertDescription::unrecognized_name,
                                        .hint = "another node is at work on it, or the CA has much to do; try again"};
inline constexpr Rule on_demand_busy{.code = "server.on_demand.busy",
                                     .source = {0, "A11"},
                                     .alert = AlertDescription::unrecognized_name,
                                     .hint = "as many handshakes, or names, wait for certificates as may"};
inline constexpr Rule on_demand_client{.code = "server.on_demand.client",
                                       .source = {0, "A11"},
                                       .alert = AlertDescription::unrecognized_name,
                                       .hint = "this client has asked for as many new names as it may in an hour"};
inline constexpr Rule on_demand_domain{.code = "server.on_demand.domain",
                                       .source = {0, "A11"},
                                       .alert = AlertDescription::unrecognized_name,
                                       .hint = "as many names of that domain were ordered in an hour as may be"};
inline constexpr Rule on_demand_orders{
    .code = "server.on_demand.orders",
    .source = {0, "A11"},
    .alert = AlertDescription::unrecognized_name,
    .hint = "as many names were ordered as may be: ten in a minute, and half of what CAs allow in three hours"};

// ---- administration
inline constexpr Rule admin_stranger{.code = "server.admin.stranger",
                                     .source = {0, "P9"},
                                     .status = 403,
                                     .hint =
                                         "this is for root, the server's own user, and the group that its "
                                         "configuration names"};
inline constexpr Rule admin_origin{.code = "server.admin.origin",
                                   .source = {0, "P9"},
                                   .status = 403,
                                   .hint = "pages in browsers get nothing here; use curl or what collects metrics"};
inline constexpr Rule admin_host{.code = "server.admin.host",
                                 .source = {0, "P9"},
                                 .status = 403,
                                 .hint = "ask by the address or by localhost: other names may lead here by a trick"};
inline constexpr Rule admin_method{
    .code = "server.admin.method", .source = {9110, "15.5.6"}, .status = 405, .hint = "this is only read: GET"};
inline constexpr Rule admin_not_here{.code = "server.admin.not_here",
                                     .source = {9110, "15.5.5"},
                                     .status = 404,
                                     .hint = "there are /metrics and /healthz; all else is on the Unix socket"};
inline constexpr Rule admin_unknown{
    .code = "server.admin.unknown",
    .source = {9110, "15.5.5"},
    .status = 404,
    .hint = "there are GET /status, /hosts, /metrics and /healthz, POST /reload and /restart"};

// ---- starting
inline constexpr Rule no_names{
    .code = "server.start.no_names", .source = {0, "X6"}, .hint = "give at least one host name or address"};
inline constexpr Rule password_file_malformed{
    .code = "server.start.password_file",
    .source = {7617, "2"},
    .hint = "a line is name:hash, as `htpasswd -B` or `mkpasswd` writes it: bcrypt, yescrypt, SHA-512 or SHA-256"};
inline constexpr Rule fallback_unknown{
    .code = "server.start.fallback", .source = {0, "T29"}, .hint = "the fallback is one of the names of the sites"};
inline constexpr Rule on_demand_site_unknown{
    .code = "server.start.on_demand_site",
    .source = {0, "A11"},
    .hint = "names on demand belong to one of the sites: `site` is one of its names"};
inline constexpr Rule name_taken{
    .code = "server.start.name_taken", .source = {0, "T29"}, .hint = "a name is one site's alone"};
inline constexpr Rule certificate_lacks_name{.code = "server.start.certificate_lacks_name",
                                             .source = {9525, "2"},
                                             .hint =
                                                 "browsers refuse a certificate without the name that they asked for; "
                                                 "have one issued that holds it, or take the name out"};
inline constexpr Rule certificate_without_names{.code = "server.start.certificate_names",
                                                .source = {9525, "2"},
                                                .hint =
                                                    "clients look for DNS names and addresses in subjectAltName; "
                                                    "have the certificate issued with them"};

inline constexpr std::array all{&method_not_allowed,
                                &not_found,
                                &nothing_here,
                                &path_ambiguous,
                                &maintenance,
                                &address_denied,
                                &origin_denied,
                                &too_many_requests,
                                &unauthorized,
                                &helper_busy,
                                &overloaded,
                                &precondition_failed,
                                &range_not_satisfiable,
                                &too_early,
                                &misdirected,
                                &other_clients,
                                &other_policy,
                                &unredirectable,
                                &body_too_large,
                                &unfinished,
                                &file_unreadable,
                                &file_changed,
                                &upstream_unreachable,
                                &upstream_failed,
                                &upstream_late,
                                &no_upstream,
                                &proxy_loop,
                                &too_many_connections,
                                &handshakes_put_off,
                                &out_of_memory,
                                &memory_refused,
                                &plain_http_on_tls_port,
                                &unknown_server_name,
                                &no_challenge,
                                &certificate_pending,
                                &no_server_name,
                                &on_demand_pending,
                                &on_demand_not_allowed,
                                &on_demand_unanswered,
                                &on_demand_failed,
                                &on_demand_put_off,
                                &on_demand_busy,
                                &on_demand_client,
                                &on_demand_domain,
                                &on_demand_orders,
                                &admin_stranger,
                                &admin_origin,
                                &admin_host,
                                &admin_method,
                                &admin_not_here,
                                &admin_unknown,
                                &no_names,
                                &password_file_malformed,
                                &fallback_unknown,
                                &on_demand_site_unknown,
                                &name_taken,
                                &certificate_lacks_name,
                                &certificate_without_names};

}  // namespace padlock::server::rules
