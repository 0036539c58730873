#include "padlock/tls/wire/encrypted_extensions.h"

#include "padlock/tls/wire/alpn.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

Result<bool> parse_extension(EncryptedExtensions& message, ExtensionType type, Reader& data, Arena arena) {
  switch (type) {
    case ExtensionType::server_name: message.server_name = true; return true;  // the answer is empty
    case ExtensionType::supported_groups:
      message.supported_groups =
          PADLOCK_TRY(parse_code_points<NamedGroup>(data.vec16("named_group_list", 2, 0xfffe), "named_group", arena));
      return true;
    case ExtensionType::application_layer_protocol_negotiation:
      message.application_layer_protocol_negotiation = PADLOCK_TRY(parse_protocol_name_list(data, arena));
      return true;
    case ExtensionType::record_size_limit:
      message.record_size_limit = PADLOCK_TRY(data.u16("record_size_limit"));
      return true;
    case ExtensionType::quic_transport_parameters:
      message.quic_transport_parameters =
          copy_of(PADLOCK_TRY(data.bytes("transport_parameters", data.remaining())), arena);
      return true;
    case ExtensionType::early_data: message.early_data = true; return true;  // empty
    default: return false;
  }
}

}  // namespace

Result<EncryptedExtensions> parse_encrypted_extensions(Reader in, Arena arena) {
  EncryptedExtensions message{.extension_types = ExtensionTypes(arena)};
  message.extension_types = PADLOCK_TRY(parse_extensions(
      in, 0, [&](ExtensionType type, Reader& data) { return parse_extension(message, type, data, arena); }, arena));
  PADLOCK_TRY(in.finish());
  return message;
}

void write_encrypted_extensions(Writer& out, const EncryptedExtensions& message) {
  out.vec16([&](Writer& extensions) {
    if (message.server_name) write_extension(extensions, ExtensionType::server_name, [](Writer&) {});
    if (message.supported_groups)
      write_extension(extensions, ExtensionType::supported_groups, [&](Writer& data) {
        data.vec16([&](Writer& list) { write_code_points<NamedGroup>(list, *message.supported_groups); });
      });
    if (message.application_layer_protocol_negotiation)
      write_extension(extensions, ExtensionType::application_layer_protocol_negotiation, [&](Writer& data) {
        write_protocol_name_list(data, *message.application_layer_protocol_negotiation);
      });
    if (message.record_size_limit)
      write_extension(extensions, ExtensionType::record_size_limit,
                      [&](Writer& data) { data.u16(*message.record_size_limit); });
    if (message.quic_transport_parameters)
      write_extension(extensions, ExtensionType::quic_transport_parameters,
                      [&](Writer& data) { data.bytes(*message.quic_transport_parameters); });
    if (message.early_data) write_extension(extensions, ExtensionType::early_data, [](Writer&) {});
  });
}

}  // namespace padlock::tls
