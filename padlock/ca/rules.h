#pragma once

#include <array>

#include "padlock/base/rule.h"

/// What the local CA refuses (docs/threats.md, A13).
namespace padlock::ca::rules {

inline constexpr Rule name_outside{
    .code = "ca.name.outside",
    .source = {5280, "4.2.1.10"},
    .hint =
        "the local CA certifies localhost, *.localhost, .test, .internal, .home.arpa and private addresses alone; "
        "give a certificate with --cert and --key, or use ACME for a public name"};
inline constexpr Rule malformed_name{.code = "ca.name.malformed",
                                     .source = {9525, "6.3"},
                                     .hint =
                                         "a name is a host name in ASCII (xn-- for others), perhaps with `*.` in "
                                         "front of two or more labels, or an IP address without brackets"};
inline constexpr Rule name_count{.code = "ca.name.count", .source = {0, "A13"}, .hint = "give 1 to 100 names"};
inline constexpr Rule damaged_file{
    .code = "ca.file.damaged", .source = {0, "Files and process"}, .hint = "the file is set aside and made anew"};
inline constexpr Rule not_our_root{.code = "ca.root.not_ours",
                                   .source = {5280, "4.2.1.10"},
                                   .hint = "a local root carries Padlock's name constraints; any other is not trusted"};
inline constexpr Rule root_begins_later{
    .code = "ca.root.begins_later", .source = {5280, "4.1.2.5"}, .hint = "check this machine's clock"};
inline constexpr Rule refused_by_own_verifier{.code = "ca.leaf.refused_by_own_verifier",
                                              .source = {5280, "6.1"},
                                              .hint = "this is a fault of Padlock's; please report it"};
inline constexpr Rule malformed_ca_name{.code = "ca.settings.name",
                                        .source = {5280, "4.1.2.4"},
                                        .hint = "a CA's name has 1 to 50 printable characters of ASCII"};
inline constexpr Rule malformed_ca_url{
    .code = "ca.settings.url",
    .source = {5280, "8"},
    .hint = "give http://HOST or http://HOST:PORT, where `padlock serve` has its plain http; https could not be asked"};
inline constexpr Rule ca_has_another_name{.code = "ca.settings.another_name",
                                          .source = {5280, "4.1.2.6"},
                                          .hint =
                                              "a root keeps its name; remove the state folder's ca and leaves to begin "
                                              "anew, after `padlock trust uninstall`"};
inline constexpr Rule domain_unfit{
    .code = "ca.settings.domain",
    .source = {5280, "4.2.1.10"},
    .hint = "name a domain that nobody else has names in: lan, or one of your own such as corp.example.com"};
inline constexpr Rule ca_has_other_domains{
    .code = "ca.settings.other_domains",
    .source = {5280, "4.2.1.10"},
    .hint =
        "a root keeps what it may certify; remove the state folder's ca and leaves to begin anew, after `padlock "
        "trust uninstall`"};
inline constexpr Rule damaged_settings{
    .code = "ca.settings.damaged",
    .source = {0, "Files and process"},
    .hint = "mend or remove settings.json in the CA's folder; without it the CA has the usual name and no URL"};
inline constexpr Rule request_for_a_ca{
    .code = "ca.request.for_a_ca",
    .source = {5280, "4.2.1.9"},
    .hint = "the local CA certifies servers alone; make the request without CA:TRUE, keyCertSign and cRLSign"};
inline constexpr Rule request_for_other_names{
    .code = "ca.request.names",
    .source = {9525, "6.3"},
    .hint = "servers are known by DNS names and addresses in subjectAltName: ask for these, and for nothing else"};
inline constexpr Rule request_critical_extension{
    .code = "ca.request.critical_extension",
    .source = {5280, "4.2"},
    .hint = "make the request without it: what is critical and not understood cannot be granted"};
inline constexpr Rule too_many_revocations{
    .code = "ca.revoke.too_many",
    .source = {0, "A13"},
    .hint = "begin a new CA: `padlock trust uninstall`, then remove the state folder's ca and leaves"};
inline constexpr Rule nothing_to_revoke{
    .code = "ca.revoke.unknown",
    .source = {5280, "5.3"},
    .hint = "`padlock ca list` has serial numbers and names; a certificate's file is taken too"};
inline constexpr Rule not_issued_here{
    .code = "ca.revoke.not_issued_here", .source = {5280, "5"}, .hint = "only its own issuer can revoke a certificate"};
inline constexpr Rule life_too_long{
    .code = "ca.leaf.life", .source = {0, "A13"}, .hint = "a certificate lives at least a day, and at most 90 days"};

inline constexpr std::array all{&name_outside,
                                &malformed_name,
                                &name_count,
                                &damaged_file,
                                &not_our_root,
                                &root_begins_later,
                                &refused_by_own_verifier,
                                &malformed_ca_name,
                                &malformed_ca_url,
                                &ca_has_another_name,
                                &domain_unfit,
                                &ca_has_other_domains,
                                &damaged_settings,
                                &request_for_a_ca,
                                &request_for_other_names,
                                &request_critical_extension,
                                &too_many_revocations,
                                &nothing_to_revoke,
                                &not_issued_here,
                                &life_too_long};

}  // namespace padlock::ca::rules
