#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How making a root known to this machine's programs can fail (docs/threats.md, A13).
namespace padlock::ca::rules {

inline constexpr Rule store_program_missing{
    .code = "ca.trust.program_missing",
    .source = {0, "A13"},
    .hint = "certutil is in the package libnss3-tools (Debian), nss-tools (Fedora) or nss (Arch)"};
inline constexpr Rule store_program_failed{
    .code = "ca.trust.program_failed", .source = {0, "A13"}, .hint = "run the same command by hand to see more of it"};
inline constexpr Rule store_unchanged{
    .code = "ca.trust.unchanged",
    .source = {0, "A13"},
    .hint = "the program that keeps the store ended well and did not do it; another one may keep it here"};
inline constexpr Rule foreign_store_file{
    .code = "ca.trust.foreign_file",
    .source = {0, "A13"},
    .hint = "it was not put there by Padlock as it is now: look at it, remove it by hand"};
inline constexpr Rule damaged_record{.code = "ca.trust.damaged_record",
                                     .source = {0, "Files and process"},
                                     .hint = "it says which stores a root was put into; it is set aside"};

inline constexpr std::array trust{&store_program_missing, &store_program_failed, &store_unchanged, &foreign_store_file,
                                  &damaged_record};

}  // namespace padlock::ca::rules
