#include "padlock/tls/wire/client_hello.h"

#include <algorithm>

#include "padlock/tls/wire/alpn.h"
#include "padlock/tls/wire/certificate_status.h"
#include "padlock/tls/wire/code_points.h"
#include "padlock/tls/wire/compressed_certificate.h"
#include "padlock/tls/wire/server_name.h"

namespace padlock::tls {

namespace {

template <class CodePoint>
Result<List<CodePoint>> parse_list16(Reader& in, std::string_view list, std::string_view element, Arena arena) {
  return parse_code_points<CodePoint>(in.vec16(list, 2, 0xfffe), element, arena);
}

template <class CodePoint>
void write_list16(Writer& out, const List<CodePoint>& points) {
  out.vec16([&](Writer& list) { write_code_points<CodePoint>(list, points); });
}

/// An extension that is one field without a length of its own.
Result<List<std::uint8_t>> read_all(Reader& data, std::string_view field, Arena arena) {
  return copy_of(PADLOCK_TRY(data.bytes(field, data.remaining())), arena);
}

/// Reads one extension into its field; false: nobody here knows it.
Result<bool> parse_extension(ClientHello& hello, ExtensionType type, Reader& data, Arena arena) {
  switch (type) {
    case ExtensionType::server_name: hello.server_name = PADLOCK_TRY(parse_server_name_list(data)); return true;
    case ExtensionType::supported_versions:
      hello.supported_versions =
          PADLOCK_TRY(parse_code_points<ProtocolVersion>(data.vec8("versions", 2, 254), "version", arena));
      return true;
    case ExtensionType::cookie: hello.cookie = PADLOCK_TRY(copy_of(data.vec16("cookie", 1), arena)); return true;
    case ExtensionType::signature_algorithms:
      hello.signature_algorithms =
          PADLOCK_TRY(parse_list16<SignatureScheme>(data, "supported_signature_algorithms", "signature_scheme", arena));
      return true;
    case ExtensionType::signature_algorithms_cert:
      hello.signature_algorithms_cert =
          PADLOCK_TRY(parse_list16<SignatureScheme>(data, "supported_signature_algorithms", "signature_scheme", arena));
      return true;
    case ExtensionType::supported_groups:
      hello.supported_groups = PADLOCK_TRY(parse_list16<NamedGroup>(data, "named_group_list", "named_group", arena));
      return true;
    case ExtensionType::key_share:
      hello.key_share = PADLOCK_TRY(parse_key_share_client_hello(data, arena));
      return true;
    case ExtensionType::application_layer_protocol_negotiation:
      hello.application_layer_protocol_negotiation = PADLOCK_TRY(parse_protocol_name_list(data, arena));
      return true;
    case ExtensionType::status_request:
      hello.status_request = PADLOCK_TRY(parse_certificate_status_request(data));
      return true;
    case ExtensionType::signed_certificate_timestamp: hello.signed_certificate_timestamp = true; return true;  // empty
    case ExtensionType::compress_certificate:
      hello.compress_certificate = PADLOCK_TRY(parse_compression_algorithms(data, arena));
      return true;
    case ExtensionType::record_size_limit:
      hello.record_size_limit = PADLOCK_TRY(data.u16("record_size_limit"));
      return true;
    case ExtensionType::extended_master_secret: hello.extended_master_secret = true; return true;  // empty
    case ExtensionType::encrypt_then_mac: hello.encrypt_then_mac = true; return true;              // empty
    case ExtensionType::ec_point_formats:
      hello.ec_point_formats = PADLOCK_TRY(copy_of(data.vec8("ec_point_format_list", 1), arena));
      return true;
    case ExtensionType::renegotiation_info:
      hello.renegotiated_connection = PADLOCK_TRY(copy_of(data.vec8("renegotiated_connection"), arena));
      return true;
    case ExtensionType::session_ticket:
      hello.session_ticket = PADLOCK_TRY(read_all(data, "ticket", arena));
      return true;
    case ExtensionType::psk_key_exchange_modes:
      hello.psk_key_exchange_modes = PADLOCK_TRY(copy_of(data.vec8("ke_modes", 1), arena));
      return true;
    case ExtensionType::quic_transport_parameters:
      hello.quic_transport_parameters = PADLOCK_TRY(read_all(data, "transport_parameters", arena));
      return true;
    case ExtensionType::early_data: hello.early_data = true; return true;  // empty
    case ExtensionType::pre_shared_key:
      hello.pre_shared_key = PADLOCK_TRY(parse_offered_psks(data, arena));
      return true;
    default: return false;
  }
}

void write_extensions(Writer& out, const ClientHello& hello) {
  if (hello.grease) write_extension(out, hello.grease->first, [](Writer&) {});
  if (hello.server_name)
    write_extension(out, ExtensionType::server_name,
                    [&](Writer& data) { write_server_name_list(data, *hello.server_name); });
  if (hello.supported_versions)
    write_extension(out, ExtensionType::supported_versions, [&](Writer& data) {
      data.vec8([&](Writer& list) { write_code_points<ProtocolVersion>(list, *hello.supported_versions); });
    });
  if (hello.cookie)
    write_extension(out, ExtensionType::cookie,
                    [&](Writer& data) { data.vec16([&](Writer& cookie) { cookie.bytes(*hello.cookie); }); });
  if (hello.signature_algorithms)
    write_extension(out, ExtensionType::signature_algorithms,
                    [&](Writer& data) { write_list16(data, *hello.signature_algorithms); });
  if (hello.signature_algorithms_cert)
    write_extension(out, ExtensionType::signature_algorithms_cert,
                    [&](Writer& data) { write_list16(data, *hello.signature_algorithms_cert); });
  if (hello.supported_groups)
    write_extension(out, ExtensionType::supported_groups,
                    [&](Writer& data) { write_list16(data, *hello.supported_groups); });
  if (hello.key_share)
    write_extension(out, ExtensionType::key_share,
                    [&](Writer& data) { write_key_share_client_hello(data, *hello.key_share); });
  if (hello.application_layer_protocol_negotiation)
    write_extension(out, ExtensionType::application_layer_protocol_negotiation, [&](Writer& data) {
      write_protocol_name_list(data, *hello.application_layer_protocol_negotiation);
    });
  if (hello.status_request) write_extension(out, ExtensionType::status_request, write_certificate_status_request);
  if (hello.signed_certificate_timestamp)
    write_extension(out, ExtensionType::signed_certificate_timestamp, [](Writer&) {});
  if (hello.compress_certificate)
    write_extension(out, ExtensionType::compress_certificate,
                    [&](Writer& data) { write_compression_algorithms(data, *hello.compress_certificate); });
  if (hello.record_size_limit)
    write_extension(out, ExtensionType::record_size_limit, [&](Writer& data) { data.u16(*hello.record_size_limit); });
  if (hello.extended_master_secret) write_extension(out, ExtensionType::extended_master_secret, [](Writer&) {});
  if (hello.encrypt_then_mac) write_extension(out, ExtensionType::encrypt_then_mac, [](Writer&) {});
  if (hello.ec_point_formats)
    write_extension(out, ExtensionType::ec_point_formats,
                    [&](Writer& data) { data.vec8([&](Writer& list) { list.bytes(*hello.ec_point_formats); }); });
  if (hello.renegotiated_connection)
    write_extension(out, ExtensionType::renegotiation_info, [&](Writer& data) {
      data.vec8([&](Writer& body) { body.bytes(*hello.renegotiated_connection); });
    });
  if (hello.session_ticket)
    write_extension(out, ExtensionType::session_ticket, [&](Writer& data) { data.bytes(*hello.session_ticket); });
  if (hello.psk_key_exchange_modes)
    write_extension(out, ExtensionType::psk_key_exchange_modes, [&](Writer& data) {
      data.vec8([&](Writer& modes) { modes.bytes(*hello.psk_key_exchange_modes); });
    });
  if (hello.quic_transport_parameters)
    write_extension(out, ExtensionType::quic_transport_parameters,
                    [&](Writer& data) { data.bytes(*hello.quic_transport_parameters); });
  if (hello.early_data) write_extension(out, ExtensionType::early_data, [](Writer&) {});
  if (hello.grease) write_extension(out, hello.grease->last, [](Writer& data) { data.u8(0); });
  if (hello.pre_shared_key)  // always the last (RFC 8446, section 4.2.11)
    write_extension(out, ExtensionType::pre_shared_key,
                    [&](Writer& data) { write_offered_psks(data, *hello.pre_shared_key); });
}

}  // namespace

bool ClientHello::has(ExtensionType type) const {
  return std::ranges::find(extension_types, type) != extension_types.end();
}

Result<ClientHello> parse_client_hello(Reader in, Arena arena) {
  ClientHello hello(arena);
  hello.legacy_version = PADLOCK_TRY(in.u16("legacy_version"));
  if (in.sink() != nullptr) in.meaning(name_of(static_cast<ProtocolVersion>(hello.legacy_version)));
  copy_bytes(PADLOCK_TRY(in.bytes("random", 32)), hello.random);
  hello.legacy_session_id = PADLOCK_TRY(copy_of(in.vec8("legacy_session_id", 0, 32), arena));
  hello.cipher_suites = PADLOCK_TRY(parse_list16<CipherSuite>(in, "cipher_suites", "cipher_suite", arena));
  hello.legacy_compression_methods = PADLOCK_TRY(copy_of(in.vec8("legacy_compression_methods", 1), arena));
  if (in.empty()) return hello;
  hello.extension_types = PADLOCK_TRY(parse_extensions(
      in, 0, [&](ExtensionType type, Reader& data) { return parse_extension(hello, type, data, arena); }, arena));
  PADLOCK_TRY(in.finish());
  return hello;
}

void write_client_hello(Writer& out, const ClientHello& hello) {
  out.u16(hello.legacy_version);
  out.bytes(hello.random);
  out.vec8([&](Writer& session_id) { session_id.bytes(hello.legacy_session_id); });
  write_list16(out, hello.cipher_suites);
  out.vec8([&](Writer& methods) { methods.bytes(hello.legacy_compression_methods); });
  out.vec16([&](Writer& extensions) { write_extensions(extensions, hello); });
}

}  // namespace padlock::tls
