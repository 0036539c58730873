#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// Code points of the TLS ExtensionType Values registry (RFC 8446, section 4.2).
enum class ExtensionType : std::uint16_t {
  server_name = 0,
  max_fragment_length = 1,
  status_request = 5,
  supported_groups = 10,
  ec_point_formats = 11,
  signature_algorithms = 13,
  use_srtp = 14,
  heartbeat = 15,
  application_layer_protocol_negotiation = 16,
  signed_certificate_timestamp = 18,
  client_certificate_type = 19,
  server_certificate_type = 20,
  padding = 21,
  encrypt_then_mac = 22,
  extended_master_secret = 23,
  compress_certificate = 27,
  record_size_limit = 28,
  session_ticket = 35,
  pre_shared_key = 41,
  early_data = 42,
  supported_versions = 43,
  cookie = 44,
  psk_key_exchange_modes = 45,
  certificate_authorities = 47,
  oid_filters = 48,
  post_handshake_auth = 49,
  signature_algorithms_cert = 50,
  key_share = 51,
  quic_transport_parameters = 57,
  renegotiation_info = 0xff01,
};
std::string_view name_of(ExtensionType type);

/// The messages of the table in RFC 8446, section 4.2, as bits.
enum class ExtensionPlace : std::uint8_t {
  client_hello = 1,
  server_hello = 2,
  hello_retry_request = 4,
  encrypted_extensions = 8,
  certificate = 16,
  certificate_request = 32,
  new_session_ticket = 64,
  server_hello_1_2 = 128,  ///< which answers everything at once
};
std::string_view name_of(ExtensionPlace place);

/// The types of a block's extensions, in wire order, each once.
using ExtensionTypes = List<ExtensionType>;

/// Fails with `extension_in_wrong_message` if we know one of `types` and the table does not allow it at `place`.
Result<void> check_extensions_belong(const ExtensionTypes& types, ExtensionPlace place);

/// Fails with `unsolicited_extension` if one of `types` answers nothing in `offered` (RFC 8446, section 4.2).
Result<void> check_extensions_were_offered(const ExtensionTypes& types, std::span<const ExtensionType> offered,
                                           ExtensionPlace place);

/// Adds `type` to `seen`; fails with `duplicate_extension` or `too_many_extensions`.
Result<void> remember_extension(ExtensionTypes& seen, ExtensionType type);

/// struct { ExtensionType extension_type; opaque extension_data<0..2^16-1>; } Extension;   (RFC 8446, section 4.2)
/// Reads `Extension extensions<least..2^16-1>` and gives the types; calls `on_extension(type, data)` for each one,
/// which reads what it knows of `data` and returns whether it knew the type: then it must have read all of it.
template <class OnExtension>
Result<ExtensionTypes> parse_extensions(Reader& in, std::size_t least, OnExtension&& on_extension,
                                        Arena arena = std::pmr::get_default_resource()) {
  constexpr std::size_t usual = 16;  // no hello of a browser has many more
  ExtensionTypes types(arena);
  types.reserve(usual);
  Reader list = PADLOCK_TRY(in.vec16("extensions", least));
  while (!list.empty()) {
    const auto type = static_cast<ExtensionType>(PADLOCK_TRY(list.u16("extension_type")));
    list.meaning(name_of(type));
    Reader data = PADLOCK_TRY(list.vec16("extension_data"));
    PADLOCK_TRY(remember_extension(types, type));
    const bool known = PADLOCK_TRY(on_extension(type, data));
    if (known) PADLOCK_TRY(data.finish());
  }
  return types;
}

/// Appends one extension whose data `write_data(Writer&)` writes.
template <class WriteData>
void write_extension(Writer& out, ExtensionType type, WriteData&& write_data) {
  out.u16(static_cast<std::uint16_t>(type));
  out.vec16(write_data);
}

}  // namespace padlock::tls
