#pragma once

#include <array>

#include "padlock/base/rule.h"

/// What the store of certificates refuses (docs/threats.md, A1 to A8).
namespace padlock::certs::rules {

inline constexpr Rule malformed_key{.code = "certs.store.key",
                                    .source = {0, "A4"},
                                    .hint =
                                        "a name is a host name, perhaps with `*.` in front, or an IP address; a CA's "
                                        "has letters, digits, dots, hyphens and underscores"};
inline constexpr Rule value_too_large{
    .code = "certs.store.value_too_large", .source = {0, "A4"}, .hint = "a stored value has 256 KiB at most"};
inline constexpr Rule lock_held{.code = "certs.store.lock_held",
                                .source = {0, "A8"},
                                .hint = "another process is at work on this name; it is tried again"};
inline constexpr Rule lease_lost{
    .code = "certs.store.lease_lost",
    .source = {0, "A8"},
    .hint = "another holder has the lock now and goes on with the work; nothing was written"};
inline constexpr Rule damaged_entry{
    .code = "certs.entry.damaged", .source = {0, "A4"}, .hint = "it is set aside, and a certificate is asked for anew"};

inline constexpr Rule acme_dns_accounts{
    .code = "certs.acme_dns.accounts",
    .source = {0, "acme-dns"},
    .hint =
        "the file is a JSON object of accounts by domain, each with server_url (https), username, password and "
        "subdomain, as acme-dns gave them"};
inline constexpr Rule acme_dns_refused{
    .code = "certs.acme_dns.refused",
    .source = {0, "acme-dns"},
    .hint = "the acme-dns server takes no record from this account; register it anew and set the CNAME again"};

inline constexpr Rule dns_zone_unknown{
    .code = "certs.dns_update.zone",
    .source = {2136, "2.3"},
    .hint = "`server` in [acme.rfc2136] is the zone's primary; where it does not say its zone, `zone` does"};
inline constexpr Rule dns_not_shown{
    .code = "certs.dns_update.not_shown",
    .source = {8555, "8.4"},
    .hint =
        "see that the zone's secondaries follow its primary; `authoritative` in [acme.rfc2136] says who is asked, and "
        "`patience` how long"};

inline constexpr Rule hook_not_run{.code = "certs.hook.not_run",
                                   .source = {0, "P7"},
                                   .hint = "restart `padlock serve`, so that whoever runs its programs knows this one"};
inline constexpr Rule hook_failed{
    .code = "certs.hook.failed",
    .source = {8555, "8.4"},
    .hint = "call the program by hand with `present FQDN VALUE`: it sets a TXT record and ends with 0"};

inline constexpr Rule event_program_failed{
    .code = "certs.on_event.exec",
    .source = {0, "A19"},
    .hint = "call the program of [on_event] by hand with an event on its standard input: it ends with 0"};
inline constexpr Rule event_server_failed{
    .code = "certs.on_event.webhook",
    .source = {0, "A19"},
    .hint = "see that the server of [on_event] answers a POST with 200 or another status of success"};

inline constexpr std::array all{&malformed_key,      &value_too_large,   &lock_held,        &lease_lost,
                                &damaged_entry,      &acme_dns_accounts, &acme_dns_refused, &dns_zone_unknown,
                                &dns_not_shown,      &hook_not_run,      &hook_failed,      &event_program_failed,
                                &event_server_failed};

}  // namespace padlock::certs::rules
