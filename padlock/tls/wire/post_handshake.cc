#include "padlock/tls/wire/post_handshake.h"

#include <string>

#include "padlock/tls/rules.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

Result<Bytes> parse_finished(Reader in) { return in.bytes("verify_data", in.remaining()); }

void write_finished(Writer& out, Bytes verify_data) { out.bytes(verify_data); }

Result<KeyUpdateRequest> parse_key_update(Reader in) {
  const std::uint8_t request_update = PADLOCK_TRY(in.u8("request_update"));
  PADLOCK_TRY(in.finish());
  if (request_update > 1) {
    return broken(rules::key_update_invalid, "KeyUpdate.request_update is " + std::to_string(request_update));
  }
  in.meaning(request_update == 1 ? "update_requested" : "update_not_requested");
  return static_cast<KeyUpdateRequest>(request_update);
}

void write_key_update(Writer& out, KeyUpdateRequest request_update) {
  out.u8(static_cast<std::uint8_t>(request_update));
}

Result<NewSessionTicket> parse_new_session_ticket(Reader in) {
  NewSessionTicket message;
  message.ticket_lifetime = PADLOCK_TRY(in.u32("ticket_lifetime"));
  message.ticket_age_add = PADLOCK_TRY(in.u32("ticket_age_add"));
  message.ticket_nonce = PADLOCK_TRY(copy_of(in.vec8("ticket_nonce"), std::pmr::get_default_resource()));
  message.ticket = PADLOCK_TRY(copy_of(in.vec16("ticket", 1), std::pmr::get_default_resource()));
  const auto on_extension = [&](ExtensionType type, Reader& data) -> Result<bool> {
    if (type != ExtensionType::early_data) return false;
    message.early_data = PADLOCK_TRY(data.u32("max_early_data_size"));
    return true;
  };
  message.extension_types = PADLOCK_TRY(parse_extensions(in, 0, on_extension));
  PADLOCK_TRY(in.finish());
  return message;
}

void write_new_session_ticket(Writer& out, const NewSessionTicket& message) {
  out.u32(message.ticket_lifetime);
  out.u32(message.ticket_age_add);
  out.vec8([&](Writer& nonce) { nonce.bytes(message.ticket_nonce); });
  out.vec16([&](Writer& ticket) { ticket.bytes(message.ticket); });
  out.vec16([&](Writer& extensions) {
    if (!message.early_data) return;
    write_extension(extensions, ExtensionType::early_data, [&](Writer& data) { data.u32(*message.early_data); });
  });
}

}  // namespace padlock::tls
