#pragma once

#include <array>

#include "padlock/base/rule.h"

/// Every way in which a peer can break TLS 1.3, and what it is told (docs/threats.md, T1 to T30).
namespace padlock::tls::rules {

// ---- Records (RFC 8446, section 5)

inline constexpr Rule not_tls{.code = "tls.record.not_tls",
                              .source = {8446, "5.1"},
                              .alert = AlertDescription::unexpected_message,
                              .hint = "the peer does not speak TLS on this port"};
inline constexpr Rule plain_http_request{
    .code = "tls.record.plain_http_request",
    .source = {8446, "5.1"},
    .alert = AlertDescription::unexpected_message,
    .hint = "the client spoke plain http to an https port; it needs https:// in front of the address"};
inline constexpr Rule plain_http_response{
    .code = "tls.record.plain_http_response",
    .source = {8446, "5.1"},
    .alert = AlertDescription::unexpected_message,
    .hint = "the server answers in plain http on this port; use http:// or the server's https port"};
inline constexpr Rule ssl2_hello{.code = "tls.record.ssl2_hello",
                                 .source = {6176, "3"},
                                 .alert = AlertDescription::protocol_version,
                                 .hint = "the client begins with SSL 2.0's framing, which no server may answer"};
inline constexpr Rule record_too_long{.code = "tls.record.too_long",
                                      .source = {8446, "5.1"},
                                      .alert = AlertDescription::record_overflow,
                                      .hint = "a record holds at most 16,384 bytes, and 256 more when it is protected"};
inline constexpr Rule inner_plaintext_too_long{
    .code = "tls.record.inner_plaintext_too_long",
    .source = {8446, "5.4"},
    .alert = AlertDescription::record_overflow,
    .hint = "content and padding of a protected record are at most 16,385 bytes together"};
inline constexpr Rule record_beyond_our_limit{.code = "tls.record.beyond_our_limit",
                                              .source = {8449, "4"},
                                              .alert = AlertDescription::record_overflow,
                                              .hint = "the peer was told how long its records may be, and agreed"};
inline constexpr Rule record_size_limit_out_of_range{
    .code = "tls.record_size_limit.out_of_range",
    .source = {8449, "4"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "a record size limit is at least 64 bytes, and of a server at most 16,385"};
inline constexpr Rule record_not_authentic{
    .code = "tls.record.not_authentic",
    .source = {8446, "5.2"},
    .alert = AlertDescription::bad_record_mac,
    .hint = "the record was changed on its way, or the two ends have different keys"};
inline constexpr Rule no_inner_type{.code = "tls.record.no_inner_type",
                                    .source = {8446, "5.4"},
                                    .alert = AlertDescription::unexpected_message,
                                    .hint = "a protected record holds nothing but padding"};
inline constexpr Rule unknown_content_type{
    .code = "tls.record.unknown_content_type",
    .source = {8446, "5"},
    .alert = AlertDescription::unexpected_message,
    .hint = "records are alert, handshake, application_data or change_cipher_spec"};
inline constexpr Rule unprotected_record{
    .code = "tls.record.unprotected",
    .source = {8446, "5"},
    .alert = AlertDescription::unexpected_message,
    .hint = "a record came unprotected although keys are in use; somebody on the way may have put it there"};
inline constexpr Rule protected_too_early{.code = "tls.record.protected_too_early",
                                          .source = {8446, "5"},
                                          .alert = AlertDescription::unexpected_message,
                                          .hint = "a protected record came before there were keys"};
inline constexpr Rule change_cipher_spec_misplaced{
    .code = "tls.record.change_cipher_spec_misplaced",
    .source = {8446, "5"},
    .alert = AlertDescription::unexpected_message,
    .hint = "change_cipher_spec may only be the byte 1, between the first ClientHello and the peer's Finished"};
inline constexpr Rule too_many_change_cipher_specs{.code = "tls.record.too_many_change_cipher_specs",
                                                   .source = {0, "T9"},
                                                   .alert = AlertDescription::unexpected_message,
                                                   .hint = "a peer needs one dummy change_cipher_spec"};
inline constexpr Rule empty_fragment{.code = "tls.record.empty_fragment",
                                     .source = {8446, "5.1"},
                                     .alert = AlertDescription::unexpected_message,
                                     .hint = "handshake and alert records must not be empty"};
inline constexpr Rule message_interleaved{.code = "tls.record.message_interleaved",
                                          .source = {8446, "5.1"},
                                          .alert = AlertDescription::unexpected_message,
                                          .hint = "nothing may stand between the records of one handshake message"};
inline constexpr Rule message_across_key_change{
    .code = "tls.record.message_across_key_change",
    .source = {8446, "5.1"},
    .alert = AlertDescription::unexpected_message,
    .hint = "a message before a key change, or at the end of a flight, must end its record"};
inline constexpr Rule message_too_long{.code = "tls.record.message_too_long",
                                       .source = {0, "T15"},
                                       .alert = AlertDescription::illegal_parameter,
                                       .hint = "handshake messages are limited to 64 KiB"};
inline constexpr Rule too_many_records_without_data{
    .code = "tls.record.too_many_without_data",
    .source = {0, "T16"},
    .alert = AlertDescription::unexpected_message,
    .hint = "the peer sends empty records or post-handshake messages and no data"};
inline constexpr Rule too_many_warning_alerts{.code = "tls.alert.too_many_warnings",
                                              .source = {0, "T16"},
                                              .alert = AlertDescription::unexpected_message,
                                              .hint = "the peer goes on sending alerts that end nothing"};
inline constexpr Rule too_much_early_data{.code = "tls.record.too_much_early_data",
                                          .source = {8446, "4.2.10"},
                                          .alert = AlertDescription::unexpected_message,
                                          .hint = "the client sent more early data than it was allowed"};
inline constexpr Rule data_before_finished{.code = "tls.record.data_before_finished",
                                           .source = {8446, "4.4.4"},
                                           .alert = AlertDescription::unexpected_message,
                                           .hint = "application data came before the peer's Finished"};
inline constexpr Rule alert_malformed{.code = "tls.alert.malformed",
                                      .source = {8446, "6"},
                                      .alert = AlertDescription::decode_error,
                                      .hint = "an alert is two bytes: level and description"};
inline constexpr Rule sequence_exhausted{.code = "tls.record.sequence_exhausted",
                                         .source = {8446, "5.3"},
                                         .alert = AlertDescription::internal_error,
                                         .hint = "the keys were used for 2^64 records"};

// ---- Any handshake message (RFC 8446, sections 4 and 4.2)

inline constexpr Rule unexpected_message{.code = "tls.handshake.unexpected_message",
                                         .source = {8446, "4"},
                                         .alert = AlertDescription::unexpected_message,
                                         .hint = "handshake messages have one order"};
inline constexpr Rule duplicate_extension{.code = "tls.extension.duplicate",
                                          .source = {8446, "4.2"},
                                          .alert = AlertDescription::illegal_parameter,
                                          .hint = "an extension may stand once in a message"};
inline constexpr Rule too_many_extensions{.code = "tls.extension.too_many",
                                          .source = {0, "T15"},
                                          .alert = AlertDescription::illegal_parameter,
                                          .hint = "browsers send about twenty extensions"};
inline constexpr Rule extension_in_wrong_message{.code = "tls.extension.wrong_message",
                                                 .source = {8446, "4.2"},
                                                 .alert = AlertDescription::illegal_parameter,
                                                 .hint = "the table of section 4.2 says which message may hold it"};
inline constexpr Rule unsolicited_extension{.code = "tls.extension.unsolicited",
                                            .source = {8446, "4.2"},
                                            .alert = AlertDescription::unsupported_extension,
                                            .hint = "an answer may only hold extensions that were asked for"};
inline constexpr Rule missing_extension{
    .code = "tls.extension.missing",
    .source = {8446, "9.2"},
    .alert = AlertDescription::missing_extension,
    .hint = "a handshake with certificates needs supported_groups, key_share and signature_algorithms"};
inline constexpr Rule finished_wrong{
    .code = "tls.finished.wrong",
    .source = {8446, "4.4.4"},
    .alert = AlertDescription::decrypt_error,
    .hint = "the two ends saw different handshakes; somebody on the way may have changed one"};
inline constexpr Rule finished_length{.code = "tls.finished.length",
                                      .source = {8446, "4.4.4"},
                                      .alert = AlertDescription::decode_error,
                                      .hint = "verify_data is as long as the suite's hash"};
inline constexpr Rule key_update_invalid{.code = "tls.key_update.invalid",
                                         .source = {8446, "4.6.3"},
                                         .alert = AlertDescription::illegal_parameter,
                                         .hint = "request_update is 0 or 1"};

// ---- ClientHello, as a server reads it (RFC 8446, section 4.1.2)

inline constexpr Rule version_not_supported{
    .code = "tls.client_hello.version_not_supported",
    .source = {8446, "4.2.1"},
    .alert = AlertDescription::protocol_version,
    .hint = "the client offers no TLS 1.3; it needs an update or another server"};
inline constexpr Rule inappropriate_fallback{
    .code = "tls.client_hello.inappropriate_fallback",
    .source = {7507, "3"},
    .alert = AlertDescription::inappropriate_fallback,
    .hint = "the client fell back to an older version although this server knows a newer one"};
inline constexpr Rule compression_offered{.code = "tls.client_hello.compression",
                                          .source = {8446, "4.1.2"},
                                          .alert = AlertDescription::illegal_parameter,
                                          .hint = "legacy_compression_methods must be the byte 0 alone"};
inline constexpr Rule server_name_invalid{
    .code = "tls.client_hello.server_name_invalid",
    .source = {6066, "3"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "server_name is one DNS host name in ASCII, without a dot at its end"};
inline constexpr Rule psk_not_last{.code = "tls.client_hello.psk_not_last",
                                   .source = {8446, "4.2.11"},
                                   .alert = AlertDescription::illegal_parameter,
                                   .hint = "pre_shared_key must be the last extension"};
inline constexpr Rule psk_without_modes{.code = "tls.client_hello.psk_without_modes",
                                        .source = {8446, "4.2.9"},
                                        .alert = AlertDescription::missing_extension,
                                        .hint = "pre_shared_key needs psk_key_exchange_modes"};
/// Never said to a peer: such a ticket is as if it were not there.
inline constexpr Rule session_unreadable{
    .code = "tls.session.unreadable", .source = {0, "T25"}, .hint = "another version of this program made the ticket"};
inline constexpr Rule psk_binder_count{.code = "tls.client_hello.psk_binder_count",
                                       .source = {8446, "4.2.11"},
                                       .alert = AlertDescription::illegal_parameter,
                                       .hint = "pre_shared_key holds one binder for each identity"};
inline constexpr Rule psk_binder_wrong{
    .code = "tls.client_hello.psk_binder_wrong",
    .source = {8446, "4.2.11.2"},
    .alert = AlertDescription::decrypt_error,
    .hint = "the client does not know the key of the session that it wants to resume, or its hello was changed"};
inline constexpr Rule quic_parameters_without_quic{
    .code = "tls.client_hello.quic_transport_parameters",
    .source = {9001, "8.2"},
    .alert = AlertDescription::unsupported_extension,
    .hint = "QUIC's transport parameters stand in a hello that does not travel by QUIC"};
inline constexpr Rule quic_session_id{.code = "tls.client_hello.quic_session_id",
                                      .source = {9001, "8.4"},
                                      .alert = AlertDescription::illegal_parameter,
                                      .hint = "there is nothing on QUIC's way that wants to see TLS 1.2"};
inline constexpr Rule quic_early_data_size{.code = "tls.new_session_ticket.quic_early_data_size",
                                           .source = {9001, "4.6.1"},
                                           .alert = AlertDescription::illegal_parameter,
                                           .hint = "QUIC counts early data itself: a ticket says 0xffffffff"};
inline constexpr Rule external_psk_of_other_roles{
    .code = "tls.client_hello.external_psk_roles",
    .source = {0, "T28"},
    .alert = AlertDescription::decrypt_error,
    .hint = "the client imported the key with another context; or this is a hello of our own that somebody sent back"};
inline constexpr Rule too_many_key_shares{.code = "tls.client_hello.too_many_key_shares",
                                          .source = {0, "T12"},
                                          .alert = AlertDescription::illegal_parameter,
                                          .hint = "a client needs one or two key shares"};
inline constexpr Rule duplicate_key_share{.code = "tls.client_hello.duplicate_key_share",
                                          .source = {8446, "4.2.8"},
                                          .alert = AlertDescription::illegal_parameter,
                                          .hint = "a client may send one share a group"};
inline constexpr Rule key_share_not_listed{.code = "tls.client_hello.key_share_not_listed",
                                           .source = {8446, "4.2.8"},
                                           .alert = AlertDescription::illegal_parameter,
                                           .hint = "each share's group must stand in supported_groups"};
inline constexpr Rule no_common_cipher_suite{.code = "tls.client_hello.no_common_cipher_suite",
                                             .source = {8446, "4.1.1"},
                                             .alert = AlertDescription::handshake_failure,
                                             .hint = "client and server share no cipher suite"};
inline constexpr Rule no_common_group{.code = "tls.client_hello.no_common_group",
                                      .source = {8446, "4.1.1"},
                                      .alert = AlertDescription::handshake_failure,
                                      .hint = "client and server share no group"};
inline constexpr Rule no_common_finite_field{.code = "tls12.client_hello.no_common_finite_field",
                                             .source = {7919, "4"},
                                             .alert = AlertDescription::insufficient_security,
                                             .hint = "the client takes finite fields that this server does not use"};
inline constexpr Rule no_common_signature_scheme{
    .code = "tls.client_hello.no_common_signature_scheme",
    .source = {8446, "4.4.2.2"},
    .alert = AlertDescription::handshake_failure,
    .hint = "the client accepts no signature that this certificate's key can make"};
inline constexpr Rule no_application_protocol{.code = "tls.client_hello.no_application_protocol",
                                              .source = {7301, "3.2"},
                                              .alert = AlertDescription::no_application_protocol,
                                              .hint = "client and server share no protocol of ALPN"};
inline constexpr Rule retry_hello_changed{
    .code = "tls.client_hello.changed_after_retry",
    .source = {8446, "4.1.2"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "a second ClientHello may only change what HelloRetryRequest asked for"};
inline constexpr Rule retry_share_wrong{
    .code = "tls.client_hello.share_after_retry",
    .source = {8446, "4.2.8"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the second ClientHello holds exactly the share that HelloRetryRequest asked for"};

// ---- The server's messages, as a client reads them (RFC 8446, sections 4.1.3 to 4.4)

inline constexpr Rule server_too_old{
    .code = "tls.server_hello.too_old",
    .source = {8446, "4.2.1"},
    .alert = AlertDescription::protocol_version,
    .hint = "the server speaks only versions older than those that this connection offers"};
inline constexpr Rule downgrade_sentinel{.code = "tls.server_hello.downgrade",
                                         .source = {8446, "4.1.3"},
                                         .alert = AlertDescription::illegal_parameter,
                                         .hint =
                                             "the server knows TLS 1.3 but was made to choose an older version; "
                                             "somebody on the way changed the ClientHello"};
inline constexpr Rule server_version_wrong{
    .code = "tls.server_hello.version",
    .source = {8446, "4.2.1"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the server chose a version that this client did not offer, or said two different ones"};
inline constexpr Rule session_id_not_echoed{.code = "tls.server_hello.session_id_not_echoed",
                                            .source = {8446, "4.1.3"},
                                            .alert = AlertDescription::illegal_parameter,
                                            .hint = "the server must send legacy_session_id back as it was"};
inline constexpr Rule cipher_suite_not_offered{
    .code = "tls.server_hello.cipher_suite_not_offered",
    .source = {8446, "4.1.3"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the server answered with a suite this client never listed; a middlebox may be rewriting the handshake"};
inline constexpr Rule psk_identity_not_offered{.code = "tls.server_hello.psk_identity",
                                               .source = {8446, "4.2.11"},
                                               .alert = AlertDescription::illegal_parameter,
                                               .hint = "the server selected a session that was not offered"};
inline constexpr Rule psk_hash_wrong{.code = "tls.server_hello.psk_hash",
                                     .source = {8446, "4.2.11"},
                                     .alert = AlertDescription::illegal_parameter,
                                     .hint = "a session's key goes with the hash of its cipher suite alone"};
inline constexpr Rule session_suite_changed{.code = "tls.server_hello.session_suite",
                                            .source = {5246, "7.4.1.3"},
                                            .alert = AlertDescription::illegal_parameter,
                                            .hint = "a session that is resumed goes on with its cipher suite"};
inline constexpr Rule compression_chosen{.code = "tls.server_hello.compression",
                                         .source = {8446, "4.1.3"},
                                         .alert = AlertDescription::illegal_parameter,
                                         .hint = "legacy_compression_method must be 0"};
inline constexpr Rule group_not_offered{
    .code = "tls.server_hello.group_not_offered",
    .source = {8446, "4.2.8"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the server's share must be for a group that the client sent a share for"};
inline constexpr Rule retry_without_change{
    .code = "tls.hello_retry_request.no_change",
    .source = {8446, "4.1.4"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "a HelloRetryRequest must ask for something else than the ClientHello had"};
inline constexpr Rule retry_group_not_offered{.code = "tls.hello_retry_request.group_not_offered",
                                              .source = {8446, "4.2.8"},
                                              .alert = AlertDescription::illegal_parameter,
                                              .hint = "the server asks for a group that the client does not have"};
inline constexpr Rule second_retry{.code = "tls.hello_retry_request.second",
                                   .source = {8446, "4.1.4"},
                                   .alert = AlertDescription::unexpected_message,
                                   .hint = "a server may ask once for another ClientHello"};
inline constexpr Rule suite_changed_after_retry{.code = "tls.server_hello.suite_changed_after_retry",
                                                .source = {8446, "4.1.4"},
                                                .alert = AlertDescription::illegal_parameter,
                                                .hint = "ServerHello must name the cipher suite of HelloRetryRequest"};
inline constexpr Rule protocol_not_offered{.code = "tls.encrypted_extensions.protocol_not_offered",
                                           .source = {7301, "3.1"},
                                           .alert = AlertDescription::illegal_parameter,
                                           .hint = "the server chose a protocol that the client did not offer"};
inline constexpr Rule early_data_taken_wrongly{
    .code = "tls.encrypted_extensions.early_data",
    .source = {8446, "4.2.10"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "early data goes on in the session that it was sent under, with its suite and its protocol"};
inline constexpr Rule early_data_to_older_version{
    .code = "tls.server_hello.version_after_early_data",
    .source = {8446, "D.3"},
    .alert = AlertDescription::protocol_version,
    .hint = "the server once spoke TLS 1.3 and now an older version: connect again without early data"};
inline constexpr Rule certificate_list_empty{.code = "tls.certificate.empty",
                                             .source = {8446, "4.4.2.4"},
                                             .alert = AlertDescription::decode_error,
                                             .hint = "a server must send its certificate"};
inline constexpr Rule status_type_unknown{
    .code = "tls.certificate.status_type_unknown",
    .source = {6066, "8"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "a stapled certificate status is an OCSP response, as it was asked for"};
inline constexpr Rule certificate_context_not_empty{.code = "tls.certificate.context",
                                                    .source = {8446, "4.4.2"},
                                                    .alert = AlertDescription::illegal_parameter,
                                                    .hint = "certificate_request_context is empty in a handshake"};
inline constexpr Rule too_many_certificates{.code = "tls.certificate.too_many",
                                            .source = {0, "T15"},
                                            .alert = AlertDescription::illegal_parameter,
                                            .hint = "chains have two or three certificates, rarely five"};
inline constexpr Rule compression_not_offered{
    .code = "tls.compressed_certificate.not_offered",
    .source = {8879, "4"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the peer compressed its certificate by an algorithm that this end did not list"};
inline constexpr Rule uncompressed_too_long{.code = "tls.compressed_certificate.too_long",
                                            .source = {0, "T22"},
                                            .alert = AlertDescription::bad_certificate,
                                            .hint = "a certificate message is limited to 64 KiB, compressed or not"};
inline constexpr Rule decompression_failed{
    .code = "tls.compressed_certificate.wrong",
    .source = {8879, "4"},
    .alert = AlertDescription::bad_certificate,
    .hint = "a compressed certificate must come out whole, and as long as its message says"};
inline constexpr Rule scheme_not_offered{
    .code = "tls.certificate_verify.scheme_not_offered",
    .source = {8446, "4.4.3"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the server signed with a scheme that the client did not offer or that TLS 1.3 does not have"};
inline constexpr Rule scheme_does_not_fit_key{.code = "tls.certificate_verify.scheme_does_not_fit_key",
                                              .source = {8446, "4.2.3"},
                                              .alert = AlertDescription::illegal_parameter,
                                              .hint = "the signature scheme is not for the key in the certificate"};
inline constexpr Rule signature_wrong{.code = "tls.certificate_verify.wrong",
                                      .source = {8446, "4.4.3"},
                                      .alert = AlertDescription::decrypt_error,
                                      .hint = "the server does not prove that it has the certificate's private key"};

inline constexpr Rule client_certificate_required{
    .code = "tls.certificate.required",
    .source = {8446, "4.4.2.4"},
    .alert = AlertDescription::certificate_required,
    .hint = "this site is for clients with a certificate (curl: --cert and --key)"};
inline constexpr Rule client_certificate_required_12{
    .code = "tls.certificate.required_in_tls12",
    .source = {5246, "7.4.6"},
    .alert = AlertDescription::handshake_failure,
    .hint = "this site is for clients with a certificate (curl: --cert and --key)"};

// ---- How a connection ends (RFC 8446, section 6)

inline constexpr Rule alert_received{
    .code = "tls.alert.received", .source = {8446, "6.2"}, .hint = "the peer gave up; its alert says why"};
inline constexpr Rule truncated{.code = "tls.connection.truncated",
                                .source = {8446, "6.1"},
                                .hint = "the peer, or somebody on the way, cut the connection without close_notify"};
inline constexpr Rule closed_in_handshake{.code = "tls.connection.closed_in_handshake",
                                          .source = {8446, "6.1"},
                                          .hint = "the peer ended the connection before the handshake was complete"};

// ---- TLS 1.2 alone

inline constexpr Rule extended_master_secret_missing{
    .code = "tls12.extended_master_secret.missing",
    .source = {7627, "5.2"},
    .alert = AlertDescription::handshake_failure,
    .hint = "the peer's TLS 1.2 does not bind its keys to the handshake; it needs an update"};
inline constexpr Rule renegotiation_info_missing{
    .code = "tls12.renegotiation_info.missing",
    .source = {5746, "3.4"},
    .alert = AlertDescription::handshake_failure,
    .hint = "the server could be made to continue a stranger's connection; it needs an update"};
inline constexpr Rule renegotiation_info_wrong{
    .code = "tls12.renegotiation_info.wrong",
    .source = {5746, "3.6"},
    .alert = AlertDescription::handshake_failure,
    .hint = "a first handshake follows no other; somebody may have put one in front of it"};
inline constexpr Rule renegotiation_tried_again{.code = "tls12.renegotiation",
                                                .source = {0, "T7"},
                                                .alert = AlertDescription::unexpected_message,
                                                .hint = "this end never renegotiates, and has said so"};
inline constexpr Rule point_format_missing{.code = "tls12.ec_point_formats.uncompressed_missing",
                                           .source = {8422, "5.1.2"},
                                           .alert = AlertDescription::illegal_parameter,
                                           .hint = "points on curves are always sent uncompressed"};
inline constexpr Rule curve_not_named{.code = "tls12.server_key_exchange.curve_not_named",
                                      .source = {8422, "5.4"},
                                      .alert = AlertDescription::illegal_parameter,
                                      .hint = "curves are named; explicit parameters are refused"};
inline constexpr Rule key_exchange_group_not_offered{.code = "tls12.server_key_exchange.group_not_offered",
                                                     .source = {8422, "5.4"},
                                                     .alert = AlertDescription::illegal_parameter,
                                                     .hint = "the server chose a curve that this client never listed"};
inline constexpr Rule finite_field_unknown{
    .code = "tls12.server_key_exchange.finite_field_unknown",
    .source = {7919, "1"},
    .alert = AlertDescription::insufficient_security,
    .hint = "the server's prime is none of RFC 7919 or RFC 3526: nobody can tell whether it is safe"};
inline constexpr Rule encrypt_then_mac_without_cbc{
    .code = "tls12.server_hello.encrypt_then_mac_without_cbc",
    .source = {7366, "3"},
    .alert = AlertDescription::illegal_parameter,
    .hint = "the server promises encrypt_then_mac for a cipher suite that has no MAC of its own"};
inline constexpr Rule session_not_offered{.code = "tls12.server_hello.session_not_offered",
                                          .source = {5246, "7.4.1.3"},
                                          .alert = AlertDescription::illegal_parameter,
                                          .hint = "the server resumes a session that this client does not have"};
inline constexpr Rule key_does_not_fit_suite{.code = "tls12.certificate.key_does_not_fit_suite",
                                             .source = {5246, "7.4.2"},
                                             .alert = AlertDescription::illegal_parameter,
                                             .hint = "the server's key is of another kind than its cipher suite says"};
inline constexpr Rule keys_used_up{.code = "tls12.record.keys_used_up",
                                   .source = {0, "T19"},
                                   .alert = AlertDescription::internal_error,
                                   .hint = "TLS 1.2 cannot change keys while it runs: open another connection"};

// ---- Mistakes of the caller; they change nothing and nobody else hears of them

inline constexpr Rule unknown_question{.code = "tls.usage.unknown_question",
                                       .source = {0, "of use"},
                                       .hint = "each question is answered once, with the kind of answer it asks for"};
inline constexpr Rule not_connected{.code = "tls.usage.not_connected",
                                    .source = {0, "of use"},
                                    .hint = "data and keys exist after HandshakeComplete and until close"};
inline constexpr Rule external_psk_unusable{
    .code = "tls.usage.external_psk",
    .source = {9257, "6"},
    .hint = "a key has at least 16 bytes that nobody can guess, an identity 1 to 1,024, a context 1,024 at most"};
inline constexpr Rule early_data_full{
    .code = "tls.usage.early_data_full",
    .source = {8446, "4.6.1"},
    .hint = "the session's max_early_data_size is all that may go before the handshake"};
inline constexpr Rule no_key_update{.code = "tls.usage.no_key_update",
                                    .source = {8446, "4.6.3"},
                                    .hint = "TLS 1.2 keeps its keys as long as a connection lives"};
inline constexpr Rule no_reservation{.code = "tls.usage.no_reservation",
                                     .source = {0, "of use"},
                                     .hint = "reserve at most 16,384 bytes and commit no more than was reserved"};
inline constexpr Rule export_too_long{
    .code = "tls.usage.export_too_long",
    .source = {8446, "7.5"},
    .hint = "labels are at most 249 bytes, exported keys at most 255 times the hash's length"};
inline constexpr Rule configuration_unusable{
    .code = "tls.usage.configuration",
    .source = {0, "of use"},
    .hint =
        "a configuration needs a cipher suite and a group, and at least one key share; ALPN names have 1 to 255 bytes"};

/// All of them, so that a test can find the one that no test provokes.
inline constexpr std::array all{&not_tls,
                                &plain_http_request,
                                &plain_http_response,
                                &ssl2_hello,
                                &record_too_long,
                                &inner_plaintext_too_long,
                                &record_beyond_our_limit,
                                &record_size_limit_out_of_range,
                                &record_not_authentic,
                                &no_inner_type,
                                &unknown_content_type,
                                &unprotected_record,
                                &protected_too_early,
                                &change_cipher_spec_misplaced,
                                &too_many_change_cipher_specs,
                                &empty_fragment,
                                &message_interleaved,
                                &message_across_key_change,
                                &message_too_long,
                                &too_many_records_without_data,
                                &too_many_warning_alerts,
                                &too_much_early_data,
                                &data_before_finished,
                                &alert_malformed,
                                &sequence_exhausted,
                                &unexpected_message,
                                &duplicate_extension,
                                &too_many_extensions,
                                &extension_in_wrong_message,
                                &unsolicited_extension,
                                &missing_extension,
                                &finished_wrong,
                                &finished_length,
                                &key_update_invalid,
                                &version_not_supported,
                                &inappropriate_fallback,
                                &compression_offered,
                                &server_name_invalid,
                                &psk_not_last,
                                &psk_without_modes,
                                &psk_binder_count,
                                &psk_binder_wrong,
                                &quic_parameters_without_quic,
                                &quic_session_id,
                                &quic_early_data_size,
                                &external_psk_of_other_roles,
                                &too_many_key_shares,
                                &duplicate_key_share,
                                &key_share_not_listed,
                                &no_common_cipher_suite,
                                &no_common_group,
                                &no_common_finite_field,
                                &no_common_signature_scheme,
                                &no_application_protocol,
                                &retry_hello_changed,
                                &retry_share_wrong,
                                &server_too_old,
                                &downgrade_sentinel,
                                &server_version_wrong,
                                &session_id_not_echoed,
                                &cipher_suite_not_offered,
                                &psk_identity_not_offered,
                                &psk_hash_wrong,
                                &session_suite_changed,
                                &compression_chosen,
                                &group_not_offered,
                                &retry_without_change,
                                &retry_group_not_offered,
                                &second_retry,
                                &suite_changed_after_retry,
                                &protocol_not_offered,
                                &early_data_taken_wrongly,
                                &early_data_to_older_version,
                                &certificate_list_empty,
                                &status_type_unknown,
                                &certificate_context_not_empty,
                                &too_many_certificates,
                                &compression_not_offered,
                                &uncompressed_too_long,
                                &decompression_failed,
                                &scheme_not_offered,
                                &scheme_does_not_fit_key,
                                &signature_wrong,
                                &client_certificate_required,
                                &client_certificate_required_12,
                                &extended_master_secret_missing,
                                &renegotiation_info_missing,
                                &renegotiation_info_wrong,
                                &renegotiation_tried_again,
                                &point_format_missing,
                                &curve_not_named,
                                &key_exchange_group_not_offered,
                                &finite_field_unknown,
                                &encrypt_then_mac_without_cbc,
                                &session_not_offered,
                                &key_does_not_fit_suite,
                                &keys_used_up,
                                &alert_received,
                                &truncated,
                                &closed_in_handshake,
                                &unknown_question,
                                &not_connected,
                                &external_psk_unusable,
                                &early_data_full,
                                &no_key_update,
                                &no_reservation,
                                &export_too_long,
                                &configuration_unusable};

}  // namespace padlock::tls::rules
