#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How a CRLite cache can contradict its definition (C2SP upki-revocation), and why it says nothing, or nothing good,
/// of a certificate (docs/threats.md, X13).
namespace padlock::x509::crlite::rules {

// The index.
inline constexpr Rule index_too_large{.code = "x509.crlite.index_too_large",
                                      .source = {0, "limits.h"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "the index of a CRLite cache may have 8 MiB; fetch the cache anew"};
inline constexpr Rule index_magic{
    .code = "x509.crlite.index_magic",
    .source = {0, "C2SP upki-revocation, section Header"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "index.bin must begin with upkiidx1; fetch the cache anew with a current upki"};
inline constexpr Rule index_truncated{.code = "x509.crlite.index_truncated",
                                      .source = {0, "C2SP upki-revocation, section High-level structure"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "index.bin ends before one of its tables does; fetch the cache anew"};
inline constexpr Rule index_file_name{
    .code = "x509.crlite.index_file_name",
    .source = {0, "C2SP upki-revocation, section Filename table"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "a filter's name is that of a file beside index.bin; fetch the cache anew"};
inline constexpr Rule index_log_order{.code = "x509.crlite.index_log_order",
                                      .source = {0, "C2SP upki-revocation, section Log directory"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "logs must be in order and none twice; fetch the cache anew"};
inline constexpr Rule index_section{
    .code = "x509.crlite.index_section",
    .source = {0, "C2SP upki-revocation, section Log directory"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "a log's entries must lie behind the tables, in the file, and in no other log's; fetch the cache anew"};
inline constexpr Rule index_filter{.code = "x509.crlite.index_filter",
                                   .source = {0, "C2SP upki-revocation, section Entry sections"},
                                   .alert = AlertDescription::certificate_unknown,
                                   .hint = "an entry names a filter that is not in the table; fetch the cache anew"};
inline constexpr Rule too_many_filters{
    .code = "x509.crlite.too_many_filters",
    .source = {0, "limits.h"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "256 filters are asked about a certificate at most; fetch the cache anew"};

// A filter.
inline constexpr Rule filter_too_large{.code = "x509.crlite.filter_too_large",
                                       .source = {0, "limits.h"},
                                       .alert = AlertDescription::certificate_unknown,
                                       .hint = "a CRLite filter may have 64 MiB; fetch the cache anew"};
inline constexpr Rule filter_version{.code = "x509.crlite.filter_version",
                                     .source = {0, "C2SP upki-revocation, section Filter file format"},
                                     .alert = AlertDescription::certificate_unknown,
                                     .hint = "only version 4 is read; fetch the cache anew with a current upki"};
inline constexpr Rule filter_reserved{.code = "x509.crlite.filter_reserved",
                                      .source = {0, "C2SP upki-revocation, section Filter file format"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "the second byte must be zero; fetch the cache anew"};
inline constexpr Rule filter_malformed{.code = "x509.crlite.filter_malformed",
                                       .source = {0, "C2SP upki-revocation, section Filter file format"},
                                       .alert = AlertDescription::certificate_unknown,
                                       .hint = "the filter is shorter or longer than it says; fetch the cache anew"};
inline constexpr Rule filter_coverage{.code = "x509.crlite.filter_coverage",
                                      .source = {0, "C2SP upki-revocation, section Coverage"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "a filter covers one interval of a log; fetch the cache anew"};
inline constexpr Rule filter_issuer_order{.code = "x509.crlite.filter_issuer_order",
                                          .source = {0, "C2SP upki-revocation, section Per-issuer index"},
                                          .alert = AlertDescription::certificate_unknown,
                                          .hint = "issuers must be in order and none twice; fetch the cache anew"};
inline constexpr Rule filter_inverted{.code = "x509.crlite.filter_inverted",
                                      .source = {0, "C2SP upki-revocation, section Per-issuer index"},
                                      .alert = AlertDescription::certificate_unknown,
                                      .hint = "the flag must be 0 or 1; fetch the cache anew"};
inline constexpr Rule filter_rank{.code = "x509.crlite.filter_rank",
                                  .source = {0, "C2SP upki-revocation, section Approximate filter"},
                                  .alert = AlertDescription::certificate_unknown,
                                  .hint = "an issuer needs more columns than there are; fetch the cache anew"};

// What it says of a certificate.
inline constexpr Rule not_covered{
    .code = "x509.crlite.not_covered",
    .source = {0, "C2SP upki-revocation, section Revocation check procedure"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the certificate is newer than the cache or of a log that it leaves out; the CA knows"};
inline constexpr Rule not_enrolled{.code = "x509.crlite.not_enrolled",
                                   .source = {0, "C2SP upki-revocation, section Revocation check procedure"},
                                   .alert = AlertDescription::certificate_unknown,
                                   .hint = "the cache has nothing of this CA's; the CA knows"};
inline constexpr Rule contradicted{
    .code = "x509.crlite.contradicted",
    .source = {0, "C2SP upki-revocation, section Step 3: aggregate the per-filter results"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "index and filters do not belong together; fetch the cache anew"};
inline constexpr Rule stale{.code = "x509.crlite.stale",
                            .source = {0, "X13"},
                            .alert = AlertDescription::certificate_unknown,
                            .hint = "a filter is believed for 10 days at most; fetch the cache anew"};
inline constexpr Rule not_yet_valid{.code = "x509.crlite.not_yet_valid",
                                    .source = {0, "X13"},
                                    .alert = AlertDescription::certificate_unknown,
                                    .hint = "check this machine's clock; the filter is of a later time"};

inline constexpr std::array all{&index_too_large,  &index_magic,         &index_truncated, &index_file_name,
                                &index_log_order,  &index_section,       &index_filter,    &too_many_filters,
                                &filter_too_large, &filter_version,      &filter_reserved, &filter_malformed,
                                &filter_coverage,  &filter_issuer_order, &filter_inverted, &filter_rank,
                                &not_covered,      &not_enrolled,        &contradicted,    &stale,
                                &not_yet_valid};

}  // namespace padlock::x509::crlite::rules
