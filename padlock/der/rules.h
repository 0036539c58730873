#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How DER can be malformed. The encoding rules are X.690's; RFC 5280, section 4.1, asks for them (docs/threats.md,
/// X8).
namespace padlock::der::rules {

inline constexpr Rule truncated{.code = "der.truncated",
                                .source = {5280, "4.1"},
                                .alert = AlertDescription::bad_certificate,
                                .hint = "an element is longer than the structure that holds it"};
inline constexpr Rule length{.code = "der.length",
                             .source = {5280, "4.1"},
                             .alert = AlertDescription::bad_certificate,
                             .hint = "DER lengths are definite and as short as possible (X.690, section 10.1)"};
inline constexpr Rule unexpected_tag{.code = "der.unexpected_tag",
                                     .source = {5280, "4.1"},
                                     .alert = AlertDescription::bad_certificate,
                                     .hint = "the structure holds another type here, or lacks a field"};
inline constexpr Rule trailing_bytes{.code = "der.trailing_bytes",
                                     .source = {5280, "4.1"},
                                     .alert = AlertDescription::bad_certificate,
                                     .hint = "bytes follow the last field of a structure"};
inline constexpr Rule integer{
    .code = "der.integer",
    .source = {5280, "4.1"},
    .alert = AlertDescription::bad_certificate,
    .hint = "an INTEGER has at least one byte and no needless leading one (X.690, section 8.3.2)"};
inline constexpr Rule integer_range{.code = "der.integer_range",
                                    .source = {5280, "4.1"},
                                    .alert = AlertDescription::bad_certificate,
                                    .hint = "the INTEGER is negative or larger than its field allows"};
inline constexpr Rule boolean{.code = "der.boolean",
                              .source = {5280, "4.1"},
                              .alert = AlertDescription::bad_certificate,
                              .hint = "a BOOLEAN is one byte, 00 or FF (X.690, section 11.1)"};
inline constexpr Rule bit_string{.code = "der.bit_string",
                                 .source = {5280, "4.1"},
                                 .alert = AlertDescription::bad_certificate,
                                 .hint = "unused bits are 0 to 7 in number and zero (X.690, section 11.2.1)"};
inline constexpr Rule null{.code = "der.null",
                           .source = {5280, "4.1"},
                           .alert = AlertDescription::bad_certificate,
                           .hint = "a NULL has no content"};
inline constexpr Rule object_identifier{
    .code = "der.object_identifier",
    .source = {5280, "4.1"},
    .alert = AlertDescription::bad_certificate,
    .hint = "arcs are whole and as short as possible (X.690, section 8.19.2), at most 63 bytes in all"};
inline constexpr Rule time{.code = "der.time",
                           .source = {5280, "4.1.2.5"},
                           .alert = AlertDescription::bad_certificate,
                           .hint = "times are YYMMDDHHMMSSZ until 2049 and YYYYMMDDHHMMSSZ from 2050"};

inline constexpr std::array all{&truncated, &length,     &unexpected_tag, &trailing_bytes,    &integer, &integer_range,
                                &boolean,   &bit_string, &null,           &object_identifier, &time};

// PEM, the text around DER.
inline constexpr Rule pem_unterminated{
    .code = "der.pem.unterminated",
    .source = {7468, "2"},
    .hint = "a -----BEGIN line has no -----END line with the same label; the file may be cut off"};
inline constexpr Rule pem_malformed{
    .code = "der.pem.malformed",
    .source = {7468, "3"},
    .hint = "between its BEGIN and END lines a block holds base64 alone; encrypted keys must be decrypted first"};

inline constexpr std::array pem{&pem_unterminated, &pem_malformed};

}  // namespace padlock::der::rules
