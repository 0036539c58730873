#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "padlock/base/secret.h"
#include "padlock/crypto/hkdf.h"
#include "padlock/crypto/provider.h"
#include "padlock/tls/types.h"

/// RFC 8446, section 7: from the shared secret to every key, in the order of the figure in section 7.1. Calculations
/// only; nothing here can fail.
namespace padlock::tls {

/// A traffic secret: Hash.length bytes.
using TrafficSecret = crypto::HashSecret;

/// HKDF-Expand-Label (RFC 8446, section 7.1), out.size() bytes. `label`: without "tls13 ".
void hkdf_expand_label(const crypto::Hmac& secret, std::string_view label, Bytes context, std::span<std::uint8_t> out);

/// Derive-Secret (RFC 8446, section 7.1), with the Transcript-Hash in place of the messages.
crypto::HashSecret derive_secret(const crypto::Hmac& secret, std::string_view label, Bytes transcript_hash);

/// Early Secret: HKDF-Extract(0, PSK). `psk` empty: there is none, Hash.length zeros.
crypto::HashSecret early_secret(crypto::HashAlgorithm hash, Bytes psk);

/// PskBinderEntry (RFC 8446, section 4.2.11.2). `label`: "res binder" of a ticket, "ext binder" or "imp binder" (RFC
/// 9258, section 4) of a key from outside. `transcript_hash`: through the ClientHello without its list of binders.
crypto::Digest psk_binder(crypto::HashAlgorithm hash, const crypto::HashSecret& early_secret, std::string_view label,
                          Bytes transcript_hash);

/// client_early_traffic_secret. `transcript_hash`: of the ClientHello.
TrafficSecret early_traffic_secret(crypto::HashAlgorithm hash, const crypto::HashSecret& early_secret,
                                   Bytes transcript_hash);

/// HKDF-Extract(Derive-Secret(`previous`, "derived", ""), `input`): each step down the figure's left side.
/// `input` empty: Hash.length zeros.
crypto::HashSecret next_extract(crypto::HashAlgorithm hash, const crypto::HashSecret& previous, Bytes input);

/// What exists once the hellos are exchanged.
struct HandshakeSecrets {
  TrafficSecret client_handshake_traffic_secret;
  TrafficSecret server_handshake_traffic_secret;
  crypto::HashSecret master_secret;  ///< Handshake Secret itself is not needed any more
};
/// `early_secret` empty: there is no PSK. `transcript_hash`: ClientHello...ServerHello.
HandshakeSecrets derive_handshake_secrets(crypto::HashAlgorithm hash, const crypto::HashSecret& early_secret,
                                          const crypto::SharedSecret& ecdhe, Bytes transcript_hash);

/// What exists once the server has finished.
struct ApplicationSecrets {
  TrafficSecret client_application_traffic_secret_0;
  TrafficSecret server_application_traffic_secret_0;
  crypto::HashSecret exporter_master_secret;
};
/// `transcript_hash`: ClientHello...server Finished.
ApplicationSecrets derive_application_secrets(crypto::HashAlgorithm hash, const crypto::HashSecret& master_secret,
                                              Bytes transcript_hash);

/// What tickets are made from. `transcript_hash`: ClientHello...client Finished.
crypto::HashSecret resumption_master_secret(crypto::HashAlgorithm hash, const crypto::HashSecret& master_secret,
                                            Bytes transcript_hash);
/// The PSK of the ticket with this nonce (RFC 8446, section 4.6.1).
crypto::HashSecret resumption_psk(crypto::HashAlgorithm hash, const crypto::HashSecret& resumption_master_secret,
                                  Bytes ticket_nonce);

/// The next traffic secret after a KeyUpdate (RFC 8446, section 7.2).
TrafficSecret next_traffic_secret(crypto::HashAlgorithm hash, const TrafficSecret& current);

/// The write key and IV of one direction (RFC 8446, section 7.3; RFC 5246, section 6.3).
struct TrafficKeys {
  Secret<32> key;
  Secret<crypto::aead_nonce_length> iv;
  Secret<48> mac_key{};           ///< of CBC suites
  bool encrypt_then_mac = false;  ///< of CBC suites: the MAC stands outside (RFC 7366)
};
TrafficKeys derive_traffic_keys(CipherSuite suite, const TrafficSecret& secret);

/// Finished.verify_data (RFC 8446, section 4.4.4). `base_key`: the sender's handshake traffic secret.
crypto::Digest finished_verify_data(crypto::HashAlgorithm hash, const TrafficSecret& base_key, Bytes transcript_hash);

/// TLS-Exporter (RFC 8446, section 7.5), out.size() bytes.
void export_keying_material(crypto::HashAlgorithm hash, const crypto::HashSecret& exporter_master_secret,
                            std::string_view label, Bytes context, std::span<std::uint8_t> out);

}  // namespace padlock::tls
