#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How a name server, or what it is asked for, can break the rules (RFC 1035, 2136, 8945).
namespace padlock::dns::rules {

inline constexpr Rule malformed_name{.code = "dns.name.malformed",
                                     .source = {1035, "2.3.4"},
                                     .hint =
                                         "a name has labels of 1 to 63 letters, digits, hyphens and underscores, "
                                         "with dots between, and 253 characters at most"};
inline constexpr Rule malformed_message{.code = "dns.message.malformed",
                                        .source = {1035, "4.1"},
                                        .hint = "what answers there is no name server; check its address and port"};
inline constexpr Rule bad_pointer{.code = "dns.name.pointer",
                                  .source = {1035, "4.1.4"},
                                  .hint = "a compressed name must lead backwards; the server is broken or hostile"};
inline constexpr Rule too_many_records{.code = "dns.message.too_many_records",
                                       .source = {0, "A14"},
                                       .hint = "no name that we ask for has so many records"};

inline constexpr Rule malformed_key{
    .code = "dns.tsig.key",
    .source = {8945, "6"},
    .hint =
        "write one line `hmac-sha256:NAME:BASE64`, or the key as `tsig-keygen` prints it; hmac-sha384 and "
        "hmac-sha512 are known too"};
inline constexpr Rule answer_unsigned{.code = "dns.tsig.unsigned",
                                      .source = {8945, "5.3"},
                                      .hint = "the server answers without the key's signature: anybody could have"};
inline constexpr Rule answer_forged{
    .code = "dns.tsig.forged",
    .source = {8945, "5.3"},
    .hint = "the answer's signature is not the key's: the server has another secret, or somebody changed the answer"};
inline constexpr Rule key_unknown{
    .code = "dns.tsig.bad_key",
    .source = {8945, "5.2.1"},
    .hint = "the server has no key of this name and algorithm: compare its configuration"};
inline constexpr Rule signature_refused{
    .code = "dns.tsig.bad_signature",
    .source = {8945, "5.2.2"},
    .hint = "the server has another secret for this key: copy it again from the server's configuration"};
inline constexpr Rule wrong_time{
    .code = "dns.tsig.bad_time",
    .source = {8945, "5.2.3"},
    .hint = "this machine's clock and the server's differ by more than five minutes: set them by NTP"};

inline constexpr Rule update_refused{
    .code = "dns.update.refused",
    .source = {2136, "3.3"},
    .hint =
        "the server's policy does not let this key change that record: allow it TXT records at and below "
        "_acme-challenge"};
inline constexpr Rule not_authoritative{
    .code = "dns.update.not_authoritative",
    .source = {2136, "3.1.1"},
    .hint = "the server does not hold this zone as its primary: name the zone by `zone`, or its primary by `server`"};
inline constexpr Rule server_failed{
    .code = "dns.response_code", .source = {1035, "4.1.1"}, .hint = "look at the name server's log"};

inline constexpr std::array all{&malformed_name,  &malformed_message, &bad_pointer,  &too_many_records,  &malformed_key,
                                &answer_unsigned, &answer_forged,     &key_unknown,  &signature_refused, &wrong_time,
                                &update_refused,  &not_authoritative, &server_failed};

}  // namespace padlock::dns::rules
