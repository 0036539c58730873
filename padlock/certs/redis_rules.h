#pragma once

#include <array>

#include "padlock/base/rule.h"

/// What can be wrong with a store that a fleet shares on Redis (docs/threats.md, A8 to A10).
namespace padlock::certs::redis_rules {

inline constexpr Rule away{
    .code = "certs.redis.away",
    .source = {0, "A9"},
    .hint =
        "what this node has is served on; it is tried again by itself. Check `redis` in [store], "
        "and that the server runs"};
inline constexpr Rule refused{
    .code = "certs.redis.refused",
    .source = {0, "A9"},
    .hint = "check `user`, `password_file` and the database in [store], and what this user may do (ACL GETUSER)"};
inline constexpr Rule malformed_reply{
    .code = "certs.redis.malformed_reply",
    .source = {0, "RESP"},
    .hint = "what answers there is no Redis, or another one than this program knows; check the port in [store]"};
inline constexpr Rule reply_too_large{
    .code = "certs.redis.reply_too_large", .source = {0, "RESP"}, .hint = "no value of ours is so large"};
inline constexpr Rule changed_meanwhile{
    .code = "certs.redis.changed_meanwhile",
    .source = {0, "A8"},
    .hint = "other nodes wrote the same value at the same time, several times in a row; it is tried again"};
inline constexpr Rule already_claimed{.code = "certs.redis.already_claimed",
                                      .source = {0, "A8"},
                                      .hint = "this is done once in a fleet, and another node does it"};
inline constexpr Rule password_unusable{
    .code = "certs.redis.password", .source = {0, "A9"}, .hint = "the file holds the password alone, in one line"};
inline constexpr Rule seal_key_unusable{.code = "certs.seal.key",
                                        .source = {0, "A10"},
                                        .hint =
                                            "a key has 32 random bytes: `padlock store key FILE` makes one; every node "
                                            "of a fleet has the same"};

inline constexpr std::array all{&away,
                                &refused,
                                &malformed_reply,
                                &reply_too_large,
                                &changed_meanwhile,
                                &already_claimed,
                                &password_unusable,
                                &seal_key_unusable};

}  // namespace padlock::certs::redis_rules
