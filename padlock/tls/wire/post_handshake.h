#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/writer.h"
#include "padlock/tls/wire/extension.h"
#include "padlock/tls/wire/list.h"

namespace padlock::tls {

/// struct { opaque verify_data[Hash.length]; } Finished;   (RFC 8446, section 4.4.4)
/// A view: all of the body. Whoever compares it knows the length.
Result<Bytes> parse_finished(Reader in);
void write_finished(Writer& out, Bytes verify_data);

/// enum { update_not_requested(0), update_requested(1), (255) } KeyUpdateRequest;   (RFC 8446, section 4.6.3)
enum class KeyUpdateRequest : std::uint8_t { update_not_requested = 0, update_requested = 1 };
Result<KeyUpdateRequest> parse_key_update(Reader in);
void write_key_update(Writer& out, KeyUpdateRequest request_update);

/// struct { ... } NewSessionTicket;   (RFC 8446, section 4.6.1)
struct NewSessionTicket {
  std::uint32_t ticket_lifetime = 0;  ///< seconds
  std::uint32_t ticket_age_add = 0;
  List<std::uint8_t> ticket_nonce{};
  List<std::uint8_t> ticket{};
  std::optional<std::uint32_t> early_data{};  ///< max_early_data_size
  ExtensionTypes extension_types{};           ///< as they came; not written
  friend bool operator==(const NewSessionTicket&, const NewSessionTicket&) = default;
};
Result<NewSessionTicket> parse_new_session_ticket(Reader in);
void write_new_session_ticket(Writer& out, const NewSessionTicket& message);

}  // namespace padlock::tls
