#pragma once

#include <array>

#include "padlock/base/rule.h"

/// How a fetch can fail besides what the layers below find.
namespace padlock::client::rules {

inline constexpr Rule bad_option{.code = "client.option",
                                 .source = {0, "command line"},
                                 .hint = "`padlock get --help` lists the flags and what they take"};
inline constexpr Rule insecure_refused{
    .code = "client.option.insecure",
    .source = {0, "command line"},
    .hint = "trust the server's CA with --cacert FILE, or say --dangerous-accept-any-certificate"};
inline constexpr Rule too_many_redirects{.code = "client.redirect.too_many",
                                         .source = {9110, "15.4"},
                                         .hint = "the server sends from page to page; --max-redirs allows more"};
inline constexpr Rule redirect_to_plain_http{
    .code = "client.redirect.to_plain_http",
    .source = {0, "H22"},
    .hint = "an https page must not lead to plain http; fetch the http address yourself if you mean it"};
inline constexpr Rule http_error{
    .code = "client.http_error", .source = {9110, "15"}, .hint = "without -f the server's page about it is shown"};
inline constexpr Rule sink_failed{
    .code = "client.sink_failed", .source = {0, "P4"}, .hint = "what was fetched could not be written"};
inline constexpr Rule tls_on_plain_http{.code = "client.tls_on_plain_http",
                                        .source = {8446, "5.1"},
                                        .hint = "the server speaks TLS on this port; write https:// in front of it"};
inline constexpr Rule stream_reset{.code = "client.http2.stream_reset",
                                   .source = {9113, "5.4.2"},
                                   .hint = "the server gave this request up; try again, or with --http1.1"};
inline constexpr Rule request_refused{
    .code = "client.http2.refused",
    .source = {9113, "8.7"},
    .hint = "the server did nothing with the request, twice; it may be overloaded: try again later"};
inline constexpr Rule connection_given_up{
    .code = "client.http2.goaway",
    .source = {9113, "6.8"},
    .hint = "the server ended the connection and says what it holds against it; try again, or with --http1.1"};
inline constexpr Rule trust_directory_empty{.code = "client.trust.directory_empty",
                                            .source = {0, "X12"},
                                            .hint = "SSL_CERT_DIR names folders with certificates in PEM files"};

inline constexpr Rule certificate_url_refused{
    .code = "client.certificate_url.refused",
    .source = {0, "P10"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "a URL in a certificate is followed by plain http alone, and into networks only where the server is"};
inline constexpr Rule certificate_url_failed{
    .code = "client.certificate_url.failed",
    .source = {5280, "4.2.1.13"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "the CA's server did not answer as it should; give the list with --crl, or try again later"};
inline constexpr Rule bad_crl_file{.code = "client.trust.crl_file",
                                   .source = {5280, "5.1"},
                                   .hint = "--crl takes a revocation list, as PEM (X509 CRL) or DER"};

inline constexpr Rule crlite_cache_damaged{
    .code = "client.crlite.damaged",
    .source = {0, "C2SP upki-revocation, section Revocation cache directory layout"},
    .alert = AlertDescription::certificate_unknown,
    .hint = "fetch the CRLite cache anew (`upki fetch`), or remove it"};

inline constexpr std::array all{&bad_option,
                                &insecure_refused,
                                &too_many_redirects,
                                &redirect_to_plain_http,
                                &http_error,
                                &sink_failed,
                                &tls_on_plain_http,
                                &stream_reset,
                                &request_refused,
                                &connection_given_up,
                                &trust_directory_empty,
                                &certificate_url_refused,
                                &certificate_url_failed,
                                &bad_crl_file,
                                &crlite_cache_damaged};

}  // namespace padlock::client::rules
