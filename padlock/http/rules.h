#pragma once

#include <array>

#include "padlock/base/rule.h"

/// Every way in which an HTTP message, URL or path can break the protocol. `status` is what the peer is told when it is
/// a client of ours. Rules with status 0 are found by our client, or in what our own side wanted to send.
namespace padlock::http::rules {

// ---- lines (docs/threats.md, H4)
inline constexpr Rule bare_line_feed{
    .code = "http.line.bare_line_feed",
    .source = {9112, "2.2"},
    .status = 400,
    .hint = "lines end with CR LF; a lone LF is read differently by different software"};
inline constexpr Rule bare_carriage_return{.code = "http.line.bare_carriage_return",
                                           .source = {9112, "2.2"},
                                           .status = 400,
                                           .hint = "a CR stands only before the LF that ends the line"};
inline constexpr Rule control_character{
    .code = "http.line.control_character",
    .source = {9110, "5.5"},
    .status = 400,
    .hint = "control characters have no place in a head; is the peer speaking HTTP?"};
inline constexpr Rule start_line_too_long{.code = "http.line.start_line_too_long",
                                          .source = {9110, "15.5.15"},
                                          .status = 414,
                                          .hint = "request and status lines are limited to 8 KiB"};
inline constexpr Rule fields_too_large{
    .code = "http.fields.too_large",
    .source = {6585, "5"},
    .status = 431,
    .hint = "the field lines together are longer than the limit; cookies are the usual cause"};
inline constexpr Rule too_many_fields{.code = "http.fields.too_many",
                                      .source = {6585, "5"},
                                      .status = 431,
                                      .hint = "there are more field lines than the limit allows"};

// ---- start lines
inline constexpr Rule request_line_malformed{.code = "http.request_line.malformed",
                                             .source = {9112, "3"},
                                             .status = 400,
                                             .hint = "a request line is: method SP target SP version, one space each"};
inline constexpr Rule method_malformed{.code = "http.request_line.method",
                                       .source = {9110, "9.1"},
                                       .status = 400,
                                       .hint = "a method is a token, such as GET"};
inline constexpr Rule target_malformed{.code = "http.request_line.target",
                                       .source = {9112, "3.2"},
                                       .status = 400,
                                       .hint = "a target is /path?query, an absolute http URL, or * with OPTIONS"};
inline constexpr Rule version_malformed{.code = "http.request_line.version",
                                        .source = {9112, "2.3"},
                                        .status = 400,
                                        .hint = "the version reads HTTP/1.1, in capitals"};
inline constexpr Rule version_unsupported{.code = "http.version_unsupported",
                                          .source = {9110, "15.6.6"},
                                          .status = 505,
                                          .hint = "this connection speaks HTTP/1.1"};
inline constexpr Rule scheme_mismatch{.code = "http.request_line.scheme",
                                      .source = {9110, "7.4"},
                                      .status = 421,
                                      .hint = "an https resource is asked for over TLS, an http resource without"};
inline constexpr Rule status_line_malformed{
    .code = "http.status_line.malformed",
    .source = {9112, "4"},
    .hint = "a response begins with HTTP/1.1 SP status; is this port speaking HTTP?"};

// ---- fields
inline constexpr Rule field_line_malformed{.code = "http.fields.no_colon",
                                           .source = {9112, "5"},
                                           .status = 400,
                                           .hint = "a field line is: name, colon, value"};
inline constexpr Rule field_name_malformed{.code = "http.fields.name",
                                           .source = {9112, "5.1"},
                                           .status = 400,
                                           .hint = "a field name is a token, and the colon follows it without space"};
inline constexpr Rule obsolete_folding{.code = "http.fields.obsolete_folding",
                                       .source = {9112, "5.2"},
                                       .status = 400,
                                       .hint = "a field value stays on its line"};
inline constexpr Rule host_missing{.code = "http.host.missing",
                                   .source = {9112, "3.2"},
                                   .status = 400,
                                   .hint = "a request names its host in a Host field"};
inline constexpr Rule host_repeated{
    .code = "http.host.repeated", .source = {9112, "3.2"}, .status = 400, .hint = "a request has one Host field"};
inline constexpr Rule host_malformed{
    .code = "http.host.malformed",
    .source = {9112, "3.2"},
    .status = 400,
    .hint = "a host is a name, an IPv4 address or an [IPv6] address, with :port if need be"};
inline constexpr Rule expectation_unknown{.code = "http.expectation_unknown",
                                          .source = {9110, "10.1.1"},
                                          .status = 417,
                                          .hint = "100-continue is the one expectation that there is"};

// ---- how long is the body (docs/threats.md, H1, H2)
inline constexpr Rule content_length_malformed{.code = "http.framing.content_length",
                                               .source = {9112, "6.3"},
                                               .status = 400,
                                               .hint = "Content-Length is one decimal number of digits alone"};
inline constexpr Rule content_length_repeated{.code = "http.framing.content_length_repeated",
                                              .source = {9112, "6.3"},
                                              .status = 400,
                                              .hint = "a message has one Content-Length field"};
inline constexpr Rule two_framings{
    .code = "http.framing.two_framings",
    .source = {9112, "6.1"},
    .status = 400,
    .hint = "Content-Length and Transfer-Encoding together are how requests are smuggled"};
inline constexpr Rule transfer_encoding_malformed{
    .code = "http.framing.transfer_encoding",
    .source = {9112, "6.1"},
    .status = 400,
    .hint = "Transfer-Encoding is one field whose last coding is chunked"};
inline constexpr Rule transfer_coding_unsupported{.code = "http.framing.transfer_coding_unsupported",
                                                  .source = {9112, "6.1"},
                                                  .status = 501,
                                                  .hint = "chunked is the only transfer coding that is supported"};
inline constexpr Rule transfer_encoding_in_http_1_0{
    .code = "http.framing.transfer_encoding_in_http_1_0",
    .source = {9112, "6.1"},
    .status = 400,
    .hint = "HTTP/1.0 has no Transfer-Encoding, so its framing is faulty"};
inline constexpr Rule content_in_connect{
    .code = "http.framing.content_in_connect",
    .source = {9110, "9.3.6"},
    .status = 400,
    .hint = "what follows the head of a CONNECT is a tunnel to one reader and a body to another"};
inline constexpr Rule body_too_large{.code = "http.body.too_large",
                                     .source = {9110, "15.5.14"},
                                     .status = 413,
                                     .hint = "the body is larger than this server takes"};

// ---- chunks (docs/threats.md, H3)
inline constexpr Rule chunk_size_malformed{.code = "http.chunk.size",
                                           .source = {9112, "7.1"},
                                           .status = 400,
                                           .hint = "a chunk begins with its size in 1 to 16 hexadecimal digits"};
inline constexpr Rule chunk_extension_malformed{.code = "http.chunk.extension",
                                                .source = {9112, "7.1.1"},
                                                .status = 400,
                                                .hint = "a chunk extension is ;name or ;name=value"};
inline constexpr Rule chunk_extensions_too_large{.code = "http.chunk.extensions_too_large",
                                                 .source = {9112, "7.1.1"},
                                                 .status = 400,
                                                 .hint = "the chunk extensions of a body are limited to 4 KiB"};
inline constexpr Rule chunk_end_missing{
    .code = "http.chunk.end", .source = {9112, "7.1"}, .status = 400, .hint = "CR LF follows the data of a chunk"};
inline constexpr Rule trailer_forbidden{.code = "http.trailer_forbidden",
                                        .source = {9110, "6.5.1"},
                                        .status = 400,
                                        .hint = "fields that frame, route or authenticate a message stand in its head"};

// ---- the connection
inline constexpr Rule message_truncated{.code = "http.message_truncated",
                                        .source = {9112, "8"},
                                        .status = 400,
                                        .hint = "the connection ended inside a message; what came of it is not whole"};
inline constexpr Rule response_missing{.code = "http.response_missing",
                                       .source = {9112, "9.3.1"},
                                       .hint = "the server closed the connection without an answer; try again"};
inline constexpr Rule bytes_without_request{.code = "http.bytes_without_request",
                                            .source = {9112, "9.2"},
                                            .hint = "the server sent bytes that belong to no request"};
inline constexpr Rule too_many_interim_responses{.code = "http.too_many_interim_responses",
                                                 .source = {9110, "15.2"},
                                                 .hint = "the server sends interim answers without end"};
inline constexpr Rule protocol_switch_unasked{.code = "http.protocol_switch_unasked",
                                              .source = {9110, "15.2.2"},
                                              .hint = "the server switches protocols though nobody asked it to"};
inline constexpr Rule head_timeout{.code = "http.head_timeout",
                                   .source = {9110, "15.5.9"},
                                   .status = 408,
                                   .hint = "the head of a request must be there within 10 seconds"};
inline constexpr Rule body_timeout{.code = "http.body_timeout",
                                   .source = {9110, "15.5.9"},
                                   .status = 408,
                                   .hint = "the body of a request comes with at least 240 bytes a second"};

// ---- what our own side wanted to send
inline constexpr Rule field_injection{
    .code = "http.send.field_injection",
    .source = {9110, "5.5"},
    .hint = "CR, LF, NUL and other control characters never reach a head that we send"};
inline constexpr Rule reserved_field{.code = "http.send.reserved_field",
                                     .source = {9112, "6"},
                                     .hint = "the connection writes Host, Content-Length and Transfer-Encoding itself"};
inline constexpr Rule head_unsendable{.code = "http.send.head",
                                      .source = {9112, "2.1"},
                                      .hint = "method, target, authority or status cannot stand in a start line"};
inline constexpr Rule out_of_order{
    .code = "http.send.out_of_order", .source = {9112, "9.3"}, .hint = "head, body and end of one message at a time"};
inline constexpr Rule body_length_differs{.code = "http.send.body_length",
                                          .source = {9110, "8.6"},
                                          .hint = "a body has exactly the length that its head says"};

// ---- URLs and paths
inline constexpr Rule url_malformed{
    .code = "http.url.malformed",
    .source = {3986, "3"},
    .hint = "a URL reads https://name/path?query; spaces and umlauts are written as %XX"};
inline constexpr Rule url_scheme{
    .code = "http.url.scheme", .source = {9110, "4.2"}, .hint = "https and http are the schemes that Padlock fetches"};
inline constexpr Rule url_userinfo{
    .code = "http.url.userinfo",
    .source = {9110, "4.2.4"},
    .hint = "a name or password in a URL ends up in logs and histories; give it with -u"};
inline constexpr Rule path_malformed{.code = "http.path.malformed",
                                     .source = {3986, "2.1"},
                                     .status = 400,
                                     .hint = "% stands before two hexadecimal digits, and the bytes are UTF-8"};
inline constexpr Rule path_forbidden{.code = "http.path.forbidden",
                                     .source = {3986, "3.3"},
                                     .status = 400,
                                     .hint = "NUL, encoded slashes and backslashes have no meaning in a file's path"};
inline constexpr Rule path_outside{.code = "http.path.outside",
                                   .source = {3986, "5.2.4"},
                                   .status = 404,
                                   .hint = "the path leads above the folder that is served"};

inline constexpr std::array all{&bare_line_feed,
                                &bare_carriage_return,
                                &control_character,
                                &start_line_too_long,
                                &fields_too_large,
                                &too_many_fields,
                                &request_line_malformed,
                                &method_malformed,
                                &target_malformed,
                                &version_malformed,
                                &version_unsupported,
                                &scheme_mismatch,
                                &status_line_malformed,
                                &field_line_malformed,
                                &field_name_malformed,
                                &obsolete_folding,
                                &host_missing,
                                &host_repeated,
                                &host_malformed,
                                &expectation_unknown,
                                &content_length_malformed,
                                &content_length_repeated,
                                &two_framings,
                                &transfer_encoding_malformed,
                                &transfer_coding_unsupported,
                                &transfer_encoding_in_http_1_0,
                                &content_in_connect,
                                &body_too_large,
                                &chunk_size_malformed,
                                &chunk_extension_malformed,
                                &chunk_extensions_too_large,
                                &chunk_end_missing,
                                &trailer_forbidden,
                                &message_truncated,
                                &response_missing,
                                &bytes_without_request,
                                &too_many_interim_responses,
                                &protocol_switch_unasked,
                                &head_timeout,
                                &body_timeout,
                                &field_injection,
                                &reserved_field,
                                &head_unsendable,
                                &out_of_order,
                                &body_length_differs,
                                &url_malformed,
                                &url_scheme,
                                &url_userinfo,
                                &path_malformed,
                                &path_forbidden,
                                &path_outside};

}  // namespace padlock::http::rules
