#pragma once

#include "padlock/explain/words.h"

/// How TLS 1.2 is told, where it is not told as TLS 1.3 is. Each key exchange has words of its own.
namespace padlock::explain::words::tls12 {

inline constexpr Words client_hello{
    "client_hello", "ClientHello",
    "The client opens TLS. It lists what it can speak, best first, and names the site it wants. All of this is "
    "readable on the way.",
    "RFC 5246, section 7.4.1.2", "all of it: the name of the site, and what the client can speak."};
inline constexpr Words server_hello{
    "server_hello", "ServerHello",
    "The server chooses from each list. In TLS 1.2 the key exchange comes later, in messages of its own.",
    "RFC 5246, section 7.4.1.3", "all of it: what was chosen."};
inline constexpr Words server_certificate{
    "certificate", "Certificate",
    "The server shows who it is: a certificate with its name and its public key, and above it those of the authorities "
    "that vouch for it. In TLS 1.2 everybody on the way reads it too.",
    "RFC 5246, section 7.4.2", "all of it: whose site this is, and for which names it speaks."};
inline constexpr Words client_certificate{"client_certificate", "Certificate",
                                          "The client answers the server's request for a certificate.",
                                          "RFC 5246, section 7.4.6", "all of it: who the client is, if it says so."};
inline constexpr Words certificate_status{
    "certificate_status", "CertificateStatus",
    "The server adds a recent word of its authority: that the certificate has not been withdrawn.",
    "RFC 6066, section 8", "all of it."};
inline constexpr Words server_key_exchange{
    "server_key_exchange", "ServerKeyExchange",
    "The server sends its half of the key exchange, a fresh point on a curve, and signs it together with both randoms: "
    "only the owner of the certificate can, and only for this conversation.",
    "RFC 8422, section 5.4",
    "all of it: the server's half of the key exchange, which opens nothing without the secret that stays in the "
    "server."};
inline constexpr Words server_key_exchange_dhe{
    "server_key_exchange", "ServerKeyExchange",
    "The server sends its half of the key exchange: a large prime, and 2 raised to a fresh secret number, modulo that "
    "prime. It signs this together with both randoms: only the owner of the certificate can, and only for this "
    "conversation.",
    "RFC 5246, section 7.4.3",
    "all of it: the server's half of the key exchange, which opens nothing without the secret that stays in the "
    "server."};
inline constexpr Words certificate_request{"certificate_request", "CertificateRequest",
                                           "The server asks the client to show a certificate, too.",
                                           "RFC 5246, section 7.4.4", "all of it."};
inline constexpr Words server_hello_done{"server_hello_done", "ServerHelloDone",
                                         "The server has said its part; it is the client's turn.",
                                         "RFC 5246, section 7.4.5", "that the server's part is over."};
inline constexpr Words client_key_exchange{
    "client_key_exchange", "ClientKeyExchange",
    "The client has checked certificate and signature, and sends its half of the key exchange: a fresh point of its "
    "own. Both ends can now compute the same secret; whoever only listens cannot.",
    "RFC 8422, section 5.7", "all of it: the client's half. Both halves together do not give the key."};
inline constexpr Words client_key_exchange_dhe{
    "client_key_exchange", "ClientKeyExchange",
    "The client has checked certificate and signature, and sends its half of the key exchange: 2 raised to a secret "
    "number of its own. Both ends can now compute the same secret; whoever only listens cannot.",
    "RFC 5246, section 7.4.7.2", "all of it: the client's half. Both halves together do not give the key."};
inline constexpr Words client_key_exchange_rsa{
    "client_key_exchange", "ClientKeyExchange",
    "The client has checked the certificate. It makes up the pre-master secret and sends it, encrypted with the public "
    "key in the certificate: only who has the private key can read it.",
    "RFC 5246, section 7.4.7.1",
    "the pre-master secret, encrypted. He can keep it: whoever gets the server's private key, even years from now, "
    "opens this conversation and all others like it."};
inline constexpr Words certificate_verify{
    "certificate_verify", "CertificateVerify",
    "The client signs the whole conversation so far with the private key of its certificate: only the owner can.",
    "RFC 5246, section 7.4.8", "all of it."};
inline constexpr Words session_keys{
    "session_keys", "the session's keys",
    "Each end multiplies the other's point by its own secret: that is the pre-master secret. From it, bound to every "
    "message so far, comes the master secret; from that and both randoms come the keys, one for each direction. "
    "Nothing of this passes on the way.",
    "RFC 5246, sections 6.3 and 8.1; RFC 7627"};
inline constexpr Words session_keys_dhe{
    "session_keys", "the session's keys",
    "Each end raises the other's number to its own secret, modulo the prime: that is the pre-master secret. From it "
    "and "
    "both randoms, or better all messages so far, comes the master secret; from that and both randoms come the keys, "
    "one for each direction. Nothing of this passes on the way.",
    "RFC 5246, sections 6.3, 8.1 and 8.1.2; RFC 7627"};
inline constexpr Words session_keys_rsa{
    "session_keys", "the session's keys",
    "Both ends have the pre-master secret: the client made it up, the server decrypted it. From it and both randoms, "
    "or "
    "better all messages so far, comes the master secret; from that and both randoms come the keys, one for each "
    "direction.",
    "RFC 5246, sections 6.3 and 8.1; RFC 7627"};
/// Where the session goes on that another connection has begun.
inline constexpr Words resumed_keys{"session_keys", "the session's keys",
                                    "Both ends still have the master secret of an earlier connection. From it and the "
                                    "new randoms come new keys, one for "
                                    "each direction, without a key exchange and without a certificate.",
                                    "RFC 5246, sections 6.3 and 7.3; RFC 5077"};
inline constexpr Words new_session_ticket{
    "new_session_ticket", "NewSessionTicket",
    "The server hands out a ticket, with which a later connection could go on from this session. It alone can read "
    "what "
    "is in it.",
    "RFC 5077, section 3.3", "the ticket, which he can neither read nor use: the master secret in it is sealed."};
inline constexpr Words change_cipher_spec_by_client{
    "change_cipher_spec", "ChangeCipherSpec", "The client says that all it sends from here on is sealed.",
    "RFC 5246, section 7.1", "one byte that is always the same: the end of what he can read of the client."};
inline constexpr Words change_cipher_spec_by_server{
    "change_cipher_spec", "ChangeCipherSpec", "The server says that all it sends from here on is sealed.",
    "RFC 5246, section 7.1", "one byte that is always the same: the end of what he can read of the server."};
inline constexpr Words client_finished{
    "finished", "Finished",
    "The client proves that it has the keys, with a checksum over everything said: had anybody on the way changed a "
    "word, it would not fit.",
    "RFC 5246, section 7.4.9"};
inline constexpr Words server_finished{"finished", "Finished", "The server proves the same with a checksum of its own.",
                                       "RFC 5246, section 7.4.9"};
inline constexpr Words hello_request{"hello_request", "HelloRequest",
                                     "The server wants to shake hands once more, which this client refuses.",
                                     "RFC 5246, section 7.4.1.1"};
inline constexpr Words other_message{"other_message", "handshake message",
                                     "A message that has no place in this handshake.", "RFC 5246, section 7.4",
                                     "all of it."};
inline constexpr Words close_notify_by_client{
    "close_notify", "close_notify",
    "The client says, sealed, that this was all: so nobody can cut off the end of what it said unnoticed.",
    "RFC 5246, section 7.2.1", "that the client has nothing more to say."};
inline constexpr Words close_notify_by_server{
    "close_notify", "close_notify",
    "The server says, sealed, that this was all: so nobody can cut off the end of what it said unnoticed.",
    "RFC 5246, section 7.2.1", "that the server has nothing more to say."};
inline constexpr Words alert_by_client{"alert", "alert", "The client breaks off and says why.",
                                       "RFC 5246, section 7.2.2", "why the client breaks off."};
inline constexpr Words alert_by_server{"alert", "alert", "The server breaks off and says why.",
                                       "RFC 5246, section 7.2.2", "why the server breaks off."};

}  // namespace padlock::explain::words::tls12
