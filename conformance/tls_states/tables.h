#pragma once

#include <string_view>

/// The tables, as people read them. table.h says what follows from them.
///
///   -           cannot be
///   .           unexpected_message(10)
///   a number    this alert
///   ok          taken or dropped; the state stays
///   >STATE      taken; goes on in STATE
///   warn>STATE  answered by the warning no_renegotiation(100); goes on in STATE
///   ends        the peer gave up: the connection ends and says nothing (RFC 8446, section 6.2)
///
/// A row says what happens if the record is protected as the state expects it. The rows behind "otherwise" say what
/// happens if not.
namespace padlock::tls_states {

// ---- TLS 1.3: the states of RFC 8446, appendix A, without START's side that has said nothing yet and without WAIT_ in
// their names. SH2 and CH2: after a HelloRetryRequest. Behind an underline: R, a session goes on or may do so; A, a
// certificate is asked for; C, it was shown.

// A client, which gets what a server may say. Sections: 4.1.2 to 4.1.4 (hellos), 4.3 and 4.4 (the server's flight), 4.6
// (what follows), 5 (records), 5.1 (empty ones), 6 (alerts); of RFC 8879 section 4 (CompressedCertificate). A
// CertificateRequest after the handshake is unexpected because post_handshake_auth was not offered (4.6.2),
// EndOfEarlyData because no server says it (4.5).
inline constexpr std::string_view client13_table = R"(
state                           SH    SH2   SH_R    SH2_R  EE        CERT_CR  CERT  CV         FINISHED    EE_R       CONNECTED
HelloRequest                    .     .     .       .      .         .        .     .          .           .          .
ClientHello                     .     .     .       .      .         .        .     .          .           .          .
ServerHello                     >EE   >EE   >EE     >EE    .         .        .     .          .           .          .
ServerHello-that-resumes        110   110   >EE_R   >EE_R  .         .        .     .          .           .          .
HelloRetryRequest               >SH2  .     >SH2_R  .      .         .        .     .          .           .          .
NewSessionTicket                .     .     .       .      .         .        .     .          .           .          ok
EndOfEarlyData                  .     .     .       .      .         .        .     .          .           .          .
EncryptedExtensions             .     .     .       .      >CERT_CR  .        .     .          .           >FINISHED  .
Certificate                     .     .     .       .      .         >CV      >CV   .          .           .          .
CompressedCertificate           .     .     .       .      .         >CV      >CV   .          .           .          .
CertificateRequest              .     .     .       .      .         >CERT    .     .          .           .          .
CertificateVerify               .     .     .       .      .         .        .     >FINISHED  .           .          .
Finished                        .     .     .       .      .         .        .     .          >CONNECTED  .          .
KeyUpdate                       .     .     .       .      .         .        .     .          .           .          ok
KeyUpdate-that-asks             .     .     .       .      .         .        .     .          .           .          ok
KeyUpdate-of-2                  .     .     .       .      .         .        .     .          .           .          47
KeyUpdate-of-two-bytes          .     .     .       .      .         .        .     .          .           .          50
message_hash                    .     .     .       .      .         .        .     .          .           .          .
empty-handshake-record          .     .     .       .      .         .        .     .          .           .          .
data                            .     .     .       .      .         .        .     .          .           .          ok
empty-data                      .     .     .       .      .         .        .     .          .           .          ok
close_notify                    ends  ends  ends    ends   ends      ends     ends  ends       ends        ends       >CLOSED
user_canceled                   ok    ok    ok      ok     ok        ok       ok    ok         ok          ok         ok
no_renegotiation-as-a-warning   ends  ends  ends    ends   ends      ends     ends  ends       ends        ends       ends
handshake_failure               ends  ends  ends    ends   ends      ends     ends  ends       ends        ends       ends
alert-without-a-name            ends  ends  ends    ends   ends      ends     ends  ends       ends        ends       ends
alert-of-one-byte               50    50    50      50     50        50       50    50         50          50         50
alert-of-three-bytes            50    50    50      50     50        50       50    50         50          50         50
empty-alert-record              .     .     .       .      .         .        .     .          .           .          .
clear-change_cipher_spec        ok    ok    ok      ok     ok        ok       ok    ok         ok          ok         .
clear-change_cipher_spec-of-2   .     .     .       .      .         .        .     .          .           .          .
clear-change_cipher_spec-twice  .     .     .       .      .         .        .     .          .           .          .
clear-heartbeat                 .     .     .       .      .         .        .     .          .           .          .
clear-unknown-record            .     .     .       .      .         .        .     .          .           .          .
sealed-change_cipher_spec       .     .     .       .      .         .        .     .          .           .          .
sealed-heartbeat                .     .     .       .      .         .        .     .          .           .          .
sealed-padding-alone            .     .     .       .      .         .        .     .          .           .          .
otherwise:
handshake-in-the-clear          -     -     -       -      .         .        .     .          .           .          .
alert-in-the-clear              -     -     -       -      .         .        .     .          .           .          .
sealed-by-another-key           .     .     .       .      20        20       20    20         20          20         20
)";

// A server, which gets what a client may say. FINISHED: from ServerHello on it reads with the client's handshake key,
// but a client that did not understand ServerHello has no key, so its alert may come in the clear until it has shown
// that it has one: `own` takes it as if it were sealed. A second hello may differ in nothing but what was asked for
// (4.1.2). CERT and CV: the certificate that was asked for and must not be empty (4.4.2.4, 4.4.3); CH_A does not go on
// from a session that was made without one.
inline constexpr std::string_view server13_table = R"(
state                           CH         CH2        CH_A    CH2_A  FINISHED    CERT  CV           FINISHED_C  CONNECTED
HelloRequest                    .          .          .       .      .           .     .            .           .
ClientHello                     >FINISHED  47         >CERT   47     .           .     .            .           .
ClientHello-that-needs-a-retry  >CH2       47         >CH2_A  47     .           .     .            .           .
ClientHello-after-a-retry       >FINISHED  >FINISHED  >CERT   >CERT  .           .     .            .           .
ClientHello-that-resumes        >FINISHED  47         >CERT   47     .           .     .            .           .
ServerHello                     .          .          .       .      .           .     .            .           .
HelloRetryRequest               .          .          .       .      .           .     .            .           .
NewSessionTicket                .          .          .       .      .           .     .            .           .
EndOfEarlyData                  .          .          .       .      .           .     .            .           .
EncryptedExtensions             .          .          .       .      .           .     .            .           .
Certificate                     .          .          .       .      .           >CV   .            .           .
Certificate-of-nobody           .          .          .       .      .           116   .            .           .
CompressedCertificate           .          .          .       .      .           >CV   .            .           .
CertificateRequest              .          .          .       .      .           .     .            .           .
CertificateVerify               .          .          .       .      .           .     >FINISHED_C  .           .
Finished                        .          .          .       .      >CONNECTED  .     .            >CONNECTED  .
KeyUpdate                       .          .          .       .      .           .     .            .           ok
KeyUpdate-that-asks             .          .          .       .      .           .     .            .           ok
KeyUpdate-of-2                  .          .          .       .      .           .     .            .           47
KeyUpdate-of-two-bytes          .          .          .       .      .           .     .            .           50
message_hash                    .          .          .       .      .           .     .            .           .
empty-handshake-record          .          .          .       .      .           .     .            .           .
data                            .          .          .       .      .           .     .            .           ok
empty-data                      .          .          .       .      .           .     .            .           ok
close_notify                    ends       ends       ends    ends   ends        ends  ends         ends        >CLOSED
user_canceled                   ok         ok         ok      ok     ok          ok    ok           ok          ok
no_renegotiation-as-a-warning   ends       ends       ends    ends   ends        ends  ends         ends        ends
handshake_failure               ends       ends       ends    ends   ends        ends  ends         ends        ends
alert-without-a-name            ends       ends       ends    ends   ends        ends  ends         ends        ends
alert-of-one-byte               50         50         50      50     50          50    50           50          50
alert-of-three-bytes            50         50         50      50     50          50    50           50          50
empty-alert-record              .          .          .       .      .           .     .            .           .
clear-change_cipher_spec        .          ok         .       ok     ok          ok    ok           ok          .
clear-change_cipher_spec-of-2   .          .          .       .      .           .     .            .           .
clear-change_cipher_spec-twice  .          .          .       .      .           .     .            .           .
clear-heartbeat                 .          .          .       .      .           .     .            .           .
clear-unknown-record            .          .          .       .      .           .     .            .           .
sealed-change_cipher_spec       .          .          .       .      .           .     .            .           .
sealed-heartbeat                .          .          .       .      .           .     .            .           .
sealed-padding-alone            .          .          .       .      .           .     .            .           .
otherwise:
handshake-in-the-clear          -          -          -       -      .           .     .            .           .
alert-in-the-clear              -          -          -       -      own         own   .            .           .
sealed-by-another-key           .          .          .       .      20          20    20           20          20
)";

// ---- TLS 1.2: the states have the name of the message that they wait for (RFC 5246, section 7.3).

// A client of TLS 1.2 alone begins in SH, one that offers TLS 1.3 too in SH13, where a change_cipher_spec means nothing
// (RFC 8446, appendix D.4) unless TLS 1.2 comes of it: then it stood where none may stand (SH13_C). SH2: after a
// HelloRetryRequest, which only TLS 1.3 has; to others it is a ServerHello with a suite that was not offered. CERT_S
// and STATUS: the server has said that it may send a CertificateStatus (RFC 6066, section 8). SHD_R: it has sent a
// CertificateRequest. REFUSED: it has asked for a new handshake, which is refused once and then held against it
// (docs/threats.md, T7). RFC 5246, section 7.4.1.1, would have a client ignore a HelloRequest that comes during the
// handshake; no server has a reason to send one there, and what is in no row of a state passes nowhere (T8). Alerts:
// section 7.2; no_renegotiation is a warning wherever TLS 1.2 is settled. SH_R: the client offers a session; if that
// goes on, change_cipher_spec comes next, after a ticket (NST) where the hello says so (RFC 5077, section 3.3).
inline constexpr std::string_view client12_table = R"(
state                                SH       SH13     SH13_C  SH2   SH_R     CERT  CERT_S   STATUS  SKE   SHD     SHD_R  CCS        NST   FINISHED    CONNECTED     REFUSED
HelloRequest                         .        .        .       .     .        .     .        .       .     .       .      .          .     .           warn>REFUSED  .
ClientHello                          .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
ServerHello                          >CERT    >CERT    .       47    >CERT    .     .        .       .     .       .      .          .     .           .             .
ServerHello-with-status              >CERT_S  >CERT_S  .       47    >CERT_S  .     .        .       .     .       .      .          .     .           .             .
ServerHello-that-resumes             >CERT    47       .       47    >CCS     .     .        .       .     .       .      .          .     .           .             .
ServerHello-that-resumes-and-renews  110      47       .       47    >NST     .     .        .       .     .       .      .          .     .           .             .
HelloRetryRequest                    47       >SH2     >SH2    .     47       .     .        .       .     .       .      .          .     .           .             .
NewSessionTicket                     .        .        .       .     .        .     .        .       .     .       .      .          >CCS  .           .             .
EncryptedExtensions                  .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
Certificate                          .        .        .       .     .        >SKE  >STATUS  .       .     .       .      .          .     .           .             .
CertificateStatus                    .        .        .       .     .        .     .        >SKE    .     .       .      .          .     .           .             .
ServerKeyExchange                    .        .        .       .     .        .     .        >SHD    >SHD  .       .      .          .     .           .             .
CertificateRequest                   .        .        .       .     .        .     .        .       .     >SHD_R  .      .          .     .           .             .
ServerHelloDone                      .        .        .       .     .        .     .        .       .     >CCS    >CCS   .          .     .           .             .
CertificateVerify                    .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
ClientKeyExchange                    .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
Finished                             .        .        .       .     .        .     .        .       .     .       .      .          .     >CONNECTED  .             .
KeyUpdate                            .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
message_hash                         .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
empty-handshake-record               .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
data                                 .        .        .       .     .        .     .        .       .     .       .      .          .     .           ok            ok
empty-data                           .        .        .       .     .        .     .        .       .     .       .      .          .     .           ok            ok
close_notify                         ends     ends     ends    ends  ends     ends  ends     ends    ends  ends    ends   ends       ends  ends        >CLOSED       >CLOSED
user_canceled                        ok       ok       ok      ok    ok       ok    ok       ok      ok    ok      ok     ok         ok    ok          ok            ok
no_renegotiation-as-a-warning        ends     ends     ends    ends  ends     ok    ok       ok      ok    ok      ok     ok         ok    ok          ok            ok
handshake_failure                    ends     ends     ends    ends  ends     ends  ends     ends    ends  ends    ends   ends       ends  ends        ends          ends
alert-without-a-name                 ends     ends     ends    ends  ends     ends  ends     ends    ends  ends    ends   ends       ends  ends        ends          ends
alert-of-one-byte                    50       50       50      50    50       50    50       50      50    50      50     50         50    50          50            50
alert-of-three-bytes                 50       50       50      50    50       50    50       50      50    50      50     50         50    50          50            50
empty-alert-record                   .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
clear-change_cipher_spec             .        >SH13_C  ok      ok    .        .     .        .       .     .       .      >FINISHED  .     20          20            20
clear-change_cipher_spec-of-2        .        .        .       .     .        .     .        .       .     .       .      .          .     20          20            20
clear-change_cipher_spec-twice       .        .        .       .     .        .     .        .       .     .       .      .          .     20          20            20
clear-heartbeat                      .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
clear-unknown-record                 .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
sealed-change_cipher_spec            .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
sealed-heartbeat                     .        .        .       .     .        .     .        .       .     .       .      .          .     .           .             .
otherwise:
clear-or-by-another-key              -        -        -       -     -        -     -        -       -     -       -      -          -     20          20            20
sealed-too-early                     .        .        .       .     .        .     .        .       .     .       .      .          .     -           -             -
sealed-alert-too-early               50       50       50      50    50       50    50       50      50    50      50     50         50    -           -             -
)";

// A server. CERT: it has asked for a certificate, which must not be empty (7.4.6) and is proved by CertificateVerify
// (CV; 7.4.8). A session that goes on needs no key exchange: change_cipher_spec comes next.
inline constexpr std::string_view server12_table = R"(
state                           CH    CH_A   CKE   CERT    CKE_C  CV    CCS        FINISHED    CONNECTED     REFUSED
HelloRequest                    .     .      .     .       .      .     .          .           .             .
ClientHello                     >CKE  >CERT  .     .       .      .     .          .           warn>REFUSED  .
ClientHello-that-resumes        >CCS  >CERT  .     .       .      .     .          .           warn>REFUSED  .
ServerHello                     .     .      .     .       .      .     .          .           .             .
NewSessionTicket                .     .      .     .       .      .     .          .           .             .
EncryptedExtensions             .     .      .     .       .      .     .          .           .             .
Certificate                     .     .      .     >CKE_C  .      .     .          .           .             .
Certificate-of-nobody           .     .      .     40      .      .     .          .           .             .
CertificateStatus               .     .      .     .       .      .     .          .           .             .
ServerKeyExchange               .     .      .     .       .      .     .          .           .             .
CertificateRequest              .     .      .     .       .      .     .          .           .             .
ServerHelloDone                 .     .      .     .       .      .     .          .           .             .
CertificateVerify               .     .      .     .       .      >CCS  .          .           .             .
ClientKeyExchange               .     .      >CCS  .       >CV    .     .          .           .             .
ClientKeyExchange-of-zeros      .     .      47    .       47     .     .          .           .             .
Finished                        .     .      .     .       .      .     .          >CONNECTED  .             .
KeyUpdate                       .     .      .     .       .      .     .          .           .             .
message_hash                    .     .      .     .       .      .     .          .           .             .
empty-handshake-record          .     .      .     .       .      .     .          .           .             .
data                            .     .      .     .       .      .     .          .           ok            ok
empty-data                      .     .      .     .       .      .     .          .           ok            ok
close_notify                    ends  ends   ends  ends    ends   ends  ends       ends        >CLOSED       >CLOSED
user_canceled                   ok    ok     ok    ok      ok     ok    ok         ok          ok            ok
no_renegotiation-as-a-warning   ends  ends   ok    ok      ok     ok    ok         ok          ok            ok
handshake_failure               ends  ends   ends  ends    ends   ends  ends       ends        ends          ends
alert-without-a-name            ends  ends   ends  ends    ends   ends  ends       ends        ends          ends
alert-of-one-byte               50    50     50    50      50     50    50         50          50            50
alert-of-three-bytes            50    50     50    50      50     50    50         50          50            50
empty-alert-record              .     .      .     .       .      .     .          .           .             .
clear-change_cipher_spec        .     .      .     .       .      .     >FINISHED  20          20            20
clear-change_cipher_spec-of-2   .     .      .     .       .      .     .          20          20            20
clear-change_cipher_spec-twice  .     .      .     .       .      .     .          20          20            20
clear-heartbeat                 .     .      .     .       .      .     .          .           .             .
clear-unknown-record            .     .      .     .       .      .     .          .           .             .
sealed-change_cipher_spec       .     .      .     .       .      .     .          .           .             .
sealed-heartbeat                .     .      .     .       .      .     .          .           .             .
otherwise:
clear-or-by-another-key         -     -      -     -       -      -     -          20          20            20
sealed-too-early                .     .      .     .       .      .     .          -           -             -
sealed-alert-too-early          50    50     50    50      50     50    50         -           -             -
)";

}  // namespace padlock::tls_states
