#pragma once

#include <optional>
#include <string>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/types.h"
#include "padlock/tls/wire/extension.h"

namespace padlock::tls {

/// struct { Extension extensions<0..2^16-1>; } EncryptedExtensions;   (RFC 8446, section 4.3.1)
struct EncryptedExtensions {
  bool server_name = false;                            ///< the server says that it used the name (RFC 6066, section 3)
  std::optional<List<NamedGroup>> supported_groups{};  ///< for later connections
  std::optional<List<std::string>> application_layer_protocol_negotiation{};  ///< one name (RFC 7301)
  std::optional<std::uint16_t> record_size_limit{};                           ///< RFC 8449
  std::optional<List<std::uint8_t>> quic_transport_parameters{};              ///< RFC 9001, section 8.2
  bool early_data = false;                                                    ///< it is taken (section 4.2.10)
  ExtensionTypes extension_types{};                                           ///< as they came; not written
  friend bool operator==(const EncryptedExtensions&, const EncryptedExtensions&) = default;
};

/// `in`: the message's body.
Result<EncryptedExtensions> parse_encrypted_extensions(Reader in, Arena arena = std::pmr::get_default_resource());
void write_encrypted_extensions(Writer& out, const EncryptedExtensions& message);

}  // namespace padlock::tls
