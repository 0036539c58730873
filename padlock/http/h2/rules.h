#pragma once

#include <array>

#include "padlock/base/rule.h"
#include "padlock/http/h2/frame.h"

/// Every way in which HTTP/2 can be broken, beyond http/rules.h. A rule with a status is answered with it where a
/// response can still be sent; the others end the stream or the connection with their error code.
namespace padlock::http::rules {

constexpr std::uint8_t told(h2::ErrorCode code) { return static_cast<std::uint8_t>(code); }

// ---- the connection ends
inline constexpr Rule h2_preface{.code = "http.h2.preface",
                                 .source = {9113, "3.4"},
                                 .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                 .hint = "the peer agreed to HTTP/2 and speaks something else"};
inline constexpr Rule h2_protocol_error{.code = "http.h2.protocol_error",
                                        .source = {9113, "5.4.1"},
                                        .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                        .hint = "a frame stands where it may not, or says what it may not"};
inline constexpr Rule h2_flow_control{.code = "http.h2.flow_control",
                                      .source = {9113, "6.9.1"},
                                      .http2_error = told(h2::ErrorCode::FLOW_CONTROL_ERROR),
                                      .hint = "the peer sends more than its window, or opens ours beyond 2^31-1"};
inline constexpr Rule h2_frame_size{.code = "http.h2.frame_size",
                                    .source = {9113, "4.2"},
                                    .http2_error = told(h2::ErrorCode::FRAME_SIZE_ERROR),
                                    .hint = "a frame is longer than 16 KiB or has not the length of its type"};
inline constexpr Rule h2_compression{.code = "http.h2.compression",
                                     .source = {9113, "4.3"},
                                     .http2_error = told(h2::ErrorCode::COMPRESSION_ERROR),
                                     .hint = "a field block cannot be decoded (RFC 7541)"};
inline constexpr Rule h2_stream_closed{.code = "http.h2.stream_closed",
                                       .source = {9113, "5.1"},
                                       .http2_error = told(h2::ErrorCode::STREAM_CLOSED),
                                       .hint = "after END_STREAM a stream has no more frames from its sender"};
inline constexpr Rule h2_stream_number{.code = "http.h2.stream_number",
                                       .source = {9113, "5.1.1"},
                                       .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                       .hint = "a client's streams have odd numbers that only go up"};
inline constexpr Rule h2_self_dependency{.code = "http.h2.self_dependency",
                                         .source = {7540, "5.3.1"},
                                         .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                         .hint = "a stream cannot depend on itself"};
inline constexpr Rule h2_priority_update{
    .code = "http.h2.priority_update",
    .source = {9218, "7.1"},
    .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
    .hint = "PRIORITY_UPDATE comes from clients, on stream 0, for a client's stream"};
inline constexpr Rule h2_reset_flood{.code = "http.h2.flood.resets",
                                     .source = {9113, "10.5"},
                                     .http2_error = told(h2::ErrorCode::ENHANCE_YOUR_CALM),
                                     .hint = "streams are opened to be reset; 200 at once and 33 a second are allowed"};
inline constexpr Rule h2_useless_frame_flood{
    .code = "http.h2.flood.useless_frames",
    .source = {9113, "10.5"},
    .http2_error = told(h2::ErrorCode::ENHANCE_YOUR_CALM),
    .hint = "too many frames carry nothing; 1,000 at once and 100 a second are allowed"};
inline constexpr Rule h2_continuation_flood{.code = "http.h2.flood.continuations",
                                            .source = {9113, "10.5.1"},
                                            .http2_error = told(h2::ErrorCode::ENHANCE_YOUR_CALM),
                                            .hint = "a field block has at most 8 CONTINUATION frames"};
inline constexpr Rule h2_decompression_bomb{.code = "http.h2.flood.fields",
                                            .source = {9113, "10.5.1"},
                                            .http2_error = told(h2::ErrorCode::ENHANCE_YOUR_CALM),
                                            .hint = "a field block grows beyond 256 KiB when it is decoded"};

// ---- a stream ends
inline constexpr Rule h2_stream_refused{.code = "http.h2.stream_refused",
                                        .source = {9113, "5.1.2"},
                                        .http2_error = told(h2::ErrorCode::REFUSED_STREAM),
                                        .hint = "too many requests are at work; it can be sent again unchanged"};
inline constexpr Rule h2_field_name{.code = "http.h2.field_name",
                                    .source = {9113, "8.2.1"},
                                    .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                    .hint = "a field name is a token in lower case"};
inline constexpr Rule h2_field_value{.code = "http.h2.field_value",
                                     .source = {9113, "8.2.1"},
                                     .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                     .hint = "a field value has no control characters and no white space at its ends"};
inline constexpr Rule h2_connection_field{
    .code = "http.h2.connection_field",
    .source = {9113, "8.2.2"},
    .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
    .hint = "fields about an HTTP/1.1 connection have no place in HTTP/2; an intermediary must remove them"};
inline constexpr Rule h2_pseudo_field_unknown{.code = "http.h2.pseudo_field.unknown",
                                              .source = {9113, "8.3"},
                                              .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                              .hint = "only the pseudo-fields that are defined for it are in a head"};
inline constexpr Rule h2_pseudo_field_repeated{.code = "http.h2.pseudo_field.repeated",
                                               .source = {9113, "8.3"},
                                               .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                               .hint = "each pseudo-field is there once"};
inline constexpr Rule h2_pseudo_field_late{.code = "http.h2.pseudo_field.late",
                                           .source = {9113, "8.3"},
                                           .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                           .hint = "pseudo-fields stand before all others"};
inline constexpr Rule h2_pseudo_field_missing{
    .code = "http.h2.pseudo_field.missing",
    .source = {9113, "8.3.1"},
    .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
    .hint = "a request has :method, :scheme and :path, a response :status of three digits"};
inline constexpr Rule h2_host_differs{.code = "http.h2.host_differs",
                                      .source = {9113, "8.3.1"},
                                      .status = 400,
                                      .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                      .hint = ":authority and Host name the same host, or one of them is left out"};
inline constexpr Rule h2_connect_refused{.code = "http.h2.connect_refused",
                                         .source = {9110, "9.3.6"},
                                         .status = 501,
                                         .http2_error = told(h2::ErrorCode::CONNECT_ERROR),
                                         .hint = "this server is no proxy for other hosts"};
inline constexpr Rule h2_protocol_unasked{.code = "http.h2.protocol_unasked",
                                          .source = {8441, "4"},
                                          .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                          .hint = ":protocol stands in CONNECT alone, where the server has allowed it"};
inline constexpr Rule h2_content_length_differs{.code = "http.h2.content_length_differs",
                                                .source = {9113, "8.1.1"},
                                                .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                                .hint = "the DATA frames together are as long as Content-Length says"};
inline constexpr Rule h2_trailers_not_last{.code = "http.h2.trailers_not_last",
                                           .source = {9113, "8.1"},
                                           .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                           .hint = "fields after the body end the stream"};
inline constexpr Rule h2_interim_ends_stream{.code = "http.h2.interim_ends_stream",
                                             .source = {9113, "8.1"},
                                             .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                             .hint = "a final response follows an interim one"};
inline constexpr Rule h2_data_before_head{.code = "http.h2.data_before_head",
                                          .source = {9113, "8.1"},
                                          .http2_error = told(h2::ErrorCode::PROTOCOL_ERROR),
                                          .hint = "the body of a response comes after its head"};

// ---- what our own side wanted to send
inline constexpr Rule h2_stream_gone{.code = "http.h2.send.stream_gone",
                                     .source = {9113, "5.1"},
                                     .hint = "the stream has ended or was reset; what was meant for it is dropped"};
inline constexpr Rule h2_no_free_stream{
    .code = "http.h2.send.no_free_stream",
    .source = {9113, "5.1.2"},
    .hint = "as many requests are at work as the server takes; wait for one to end"};
inline constexpr Rule h2_going_away{.code = "http.h2.send.going_away",
                                    .source = {9113, "6.8"},
                                    .hint = "no new request on a connection that is ending; use another one"};
inline constexpr Rule h2_protocol_not_offered{.code = "http.h2.send.protocol_not_offered",
                                              .source = {8441, "3"},
                                              .hint = "the server has not said that it takes CONNECT with :protocol"};

inline constexpr std::array all_of_h2{&h2_preface,
                                      &h2_protocol_error,
                                      &h2_flow_control,
                                      &h2_frame_size,
                                      &h2_compression,
                                      &h2_stream_closed,
                                      &h2_stream_number,
                                      &h2_self_dependency,
                                      &h2_priority_update,
                                      &h2_reset_flood,
                                      &h2_useless_frame_flood,
                                      &h2_continuation_flood,
                                      &h2_decompression_bomb,
                                      &h2_stream_refused,
                                      &h2_field_name,
                                      &h2_field_value,
                                      &h2_connection_field,
                                      &h2_pseudo_field_unknown,
                                      &h2_pseudo_field_repeated,
                                      &h2_pseudo_field_late,
                                      &h2_pseudo_field_missing,
                                      &h2_host_differs,
                                      &h2_connect_refused,
                                      &h2_protocol_unasked,
                                      &h2_content_length_differs,
                                      &h2_trailers_not_last,
                                      &h2_interim_ends_stream,
                                      &h2_data_before_head,
                                      &h2_stream_gone,
                                      &h2_no_free_stream,
                                      &h2_going_away,
                                      &h2_protocol_not_offered};

}  // namespace padlock::http::rules
