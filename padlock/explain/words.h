#pragma once

#include <string_view>

#include "padlock/explain/ladder.h"

namespace padlock::explain {

/// How a kind of step is told: the same in every ladder.
struct Words {
  std::string_view id;
  std::string_view title;
  std::string_view words;
  std::string_view source;
  std::string_view listener = {};  ///< what a listener makes of it where he can read it
};

/// A step that says this, and nothing else yet.
Step step_of(const Words& words);

namespace words {

// ---- the network

inline constexpr std::string_view sees_addresses = "both addresses and ports: who talks with whom, and when.";

inline constexpr Words look_up{"look_up", "look-up of the name",
                               "The client looks up which addresses belong to the name.", "RFC 1034, section 5.3.1"};
inline constexpr Words look_up_localhost{
    "look_up", "look-up of the name",
    "The name stands for this machine itself: the client knows its addresses and asks nobody.",
    "RFC 6761, section 6.3"};
inline constexpr Words connect_failed{
    "connect_failed", "no connection",
    "This address gives no connection; the client tries the next one, if there is one.", "RFC 9293, section 3.5"};
inline constexpr Words syn{"syn", "SYN",
                           "The client asks for a connection: a stream of bytes each way, in which nothing gets lost.",
                           "RFC 9293, section 3.5", sees_addresses};
inline constexpr Words syn_ack{"syn_ack", "SYN-ACK", "The server agrees, and asks for the same in its direction.",
                               "RFC 9293, section 3.5", sees_addresses};
inline constexpr Words ack{"ack", "ACK",
                           "The client confirms: the connection stands. It carries bytes, but it keeps no secrets.",
                           "RFC 9293, section 3.5", sees_addresses};
inline constexpr Words fin_by_client{"close", "FIN", "The client has nothing more to send and closes its direction.",
                                     "RFC 9293, section 3.6", "that the client has ended the connection."};
inline constexpr Words fin_by_server{"close", "FIN", "The server has nothing more to send and closes its direction.",
                                     "RFC 9293, section 3.6", "that the server has ended the connection."};
inline constexpr Words reset{"close", "RST", "The connection is cut at once: what is still on its way is dropped.",
                             "RFC 9293, section 3.5.3", "that the connection was cut."};

// ---- TLS

inline constexpr Words client_hello{
    "client_hello", "ClientHello",
    "The client opens TLS. It lists what it can speak, best first, names the site it wants, and sends its half of a "
    "key "
    "exchange. All of this is readable on the way.",
    "RFC 8446, section 4.1.2",
    "all of it: the name of the site, what the client can speak, and its half of the key exchange, which opens nothing "
    "without the secret that stays in the client."};
inline constexpr Words second_client_hello{
    "client_hello", "ClientHello", "The client says hello once more, now with the key share that the server asked for.",
    "RFC 8446, section 4.1.2", "all of it, as with the first hello."};
inline constexpr Words hello_retry_request{
    "hello_retry_request", "HelloRetryRequest",
    "The server could agree, but not with the key share that came: it asks for another hello with the group it names.",
    "RFC 8446, section 4.1.4", "all of it: which group the server wants."};
inline constexpr Words server_hello{
    "server_hello", "ServerHello",
    "The server chooses from each list and sends its half of the key exchange. Both ends can now compute the same "
    "secret; whoever only listens cannot.",
    "RFC 8446, section 4.1.3",
    "all of it: what was chosen, and the server's half of the key exchange. Both halves together do not give the key."};
inline constexpr Words change_cipher_spec{
    "change_cipher_spec", "change_cipher_spec",
    "This one means nothing any more: it makes old devices on the way believe that they see TLS 1.2, so that they let "
    "it pass.",
    "RFC 8446, appendix D.4", "one byte that is always the same."};
inline constexpr Words encrypted_extensions{
    "encrypted_extensions", "EncryptedExtensions",
    "The server answers the rest of the hello: what needs no key exchange to be said is said encrypted.",
    "RFC 8446, section 4.3.1"};
inline constexpr Words certificate_request{"certificate_request", "CertificateRequest",
                                           "The server asks the client to show a certificate, too.",
                                           "RFC 8446, section 4.3.2"};
inline constexpr Words server_certificate{
    "certificate", "Certificate",
    "The server shows who it is: a certificate with its name and its public key, and above it those of the authorities "
    "that vouch for it.",
    "RFC 8446, section 4.4.2"};
inline constexpr Words client_certificate{"client_certificate", "Certificate",
                                          "The client answers the server's request for a certificate.",
                                          "RFC 8446, section 4.4.2"};
inline constexpr Words server_compressed_certificate{
    "certificate", "CompressedCertificate",
    "The server shows who it is by a Certificate message, made shorter by an algorithm that the client knows: in it, a "
    "certificate with its name and its public key, and those of the authorities that vouch for it.",
    "RFC 8879, section 4"};
inline constexpr Words client_compressed_certificate{"client_certificate", "CompressedCertificate",
                                                     "The client answers the server's request by a Certificate "
                                                     "message, made shorter by an algorithm that the server knows.",
                                                     "RFC 8879, section 4"};
inline constexpr Words certificate_verify{
    "certificate_verify", "CertificateVerify",
    "The server signs the whole conversation so far with the private key of its certificate: only the owner can, and "
    "nobody on the way can have changed a word.",
    "RFC 8446, section 4.4.3"};
inline constexpr Words server_finished{
    "finished", "Finished",
    "The server closes its part of the handshake with a checksum over everything said, which needs the new keys.",
    "RFC 8446, section 4.4.4"};
inline constexpr Words client_finished{
    "finished", "Finished",
    "The client has checked all of it and answers with a checksum of its own: the handshake is complete.",
    "RFC 8446, section 4.4.4"};
inline constexpr Words end_of_early_data{
    "end_of_early_data", "EndOfEarlyData",
    "The client says that it has nothing more to say early: what follows is sealed with the keys of this handshake.",
    "RFC 8446, section 4.5"};
inline constexpr Words new_session_ticket{
    "new_session_ticket", "NewSessionTicket",
    "The server hands out a ticket, with which a later connection could begin without showing the certificate again.",
    "RFC 8446, section 4.6.1"};
inline constexpr Words client_key_update{"key_update", "KeyUpdate",
                                         "The client changes its key: what it sends from here on is sealed anew.",
                                         "RFC 8446, section 4.6.3"};
inline constexpr Words server_key_update{"key_update", "KeyUpdate",
                                         "The server changes its key: what it sends from here on is sealed anew.",
                                         "RFC 8446, section 4.6.3"};
inline constexpr Words other_message{"other_message", "handshake message",
                                     "A message that has no place in this handshake.", "RFC 8446, section 4"};
inline constexpr Words close_notify_by_client{
    "close_notify", "close_notify",
    "The client says, sealed, that this was all: so nobody can cut off the end of what it said unnoticed.",
    "RFC 8446, section 6.1"};
inline constexpr Words close_notify_by_server{
    "close_notify", "close_notify",
    "The server says, sealed, that this was all: so nobody can cut off the end of what it said unnoticed.",
    "RFC 8446, section 6.1"};
inline constexpr Words alert_by_client{"alert", "alert", "The client breaks off and says why.", "RFC 8446, section 6.2",
                                       "why the client breaks off."};
inline constexpr Words alert_by_server{"alert", "alert", "The server breaks off and says why.", "RFC 8446, section 6.2",
                                       "why the server breaks off."};

// ---- HTTP

inline constexpr Words request{"request", "request", "The client says what it wants, and of which site.",
                               "RFC 9112, section 3",
                               "all of it: what is asked for, every field, cookies and passwords too."};
inline constexpr Words interim_response{"interim_response", "interim response",
                                        "The server says something in between; its answer is still to come.",
                                        "RFC 9110, section 15.2", "all of it."};
inline constexpr Words response{"response", "response", "The server answers: how it went, and what will follow.",
                                "RFC 9112, section 4", "all of it: the status and every field."};
inline constexpr Words body{"content", "content", "The page itself.", "RFC 9112, section 6",
                            "all of it, word for word."};
inline constexpr Words sent_again{
    "sent_again", "once more",
    "The server did nothing with the request and says so: it is safe to send it again, over a new connection.",
    "RFC 9113, section 8.7"};
inline constexpr Words redirect{"redirect", "redirect",
                                "What was asked for is elsewhere: the client begins anew at the address it was told.",
                                "RFC 9110, section 15.4"};

// ---- what nobody read

inline constexpr Words leftovers_of_client{"unread", "other bytes", "The client sent bytes that became no message.",
                                           "RFC 8446, section 5", "whatever they are."};
inline constexpr Words leftovers_of_server{
    "unread", "unread bytes",
    "The server sent bytes that became no message: they were wrong, cut short, or came when nobody waited any more.",
    "RFC 8446, section 5", "whatever they are."};
inline constexpr Words trace_full{"trace_full", "and more",
                                  "More happened than this ladder has room for; what is left out is only counted.",
                                  "our own limit"};

}  // namespace words

/// What a listener makes of bytes that he cannot read; `records` 0: how they were packed is not known. `shown_type`:
/// what kind of record TLS 1.2 shows him; empty: TLS 1.3, which seals that too, or nobody knows.
std::string listener_of_sealed(std::size_t records, std::size_t record_bytes, bool shared,
                               std::string_view shown_type = {});

}  // namespace padlock::explain
