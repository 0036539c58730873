#include "padlock/dns/update.h"

#include <string>

#include "padlock/dns/rules.h"

namespace padlock::dns {
namespace {

constexpr std::uint8_t opcode_update = 5;

/// Header, zone section and one record of the update section (RFC 2136, sections 2.2, 2.3 and 2.5).
std::vector<std::uint8_t> write_update(std::uint16_t id, const Name& zone, const Name& name, Class class_,
                                       std::uint32_t ttl, std::string_view text) {
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  out.u16(id);
  out.u16(opcode_update << 11);
  out.u16(1);  // ZOCOUNT
  out.u16(0);  // PRCOUNT
  out.u16(1);  // UPCOUNT
  out.u16(0);  // ADCOUNT
  write_name(out, zone);
  out.u16(static_cast<std::uint16_t>(Type::SOA));
  out.u16(static_cast<std::uint16_t>(Class::IN));
  write_name(out, name);
  out.u16(static_cast<std::uint16_t>(Type::TXT));
  out.u16(static_cast<std::uint16_t>(class_));
  out.u32(ttl);
  out.vec16([&](Writer& data) { write_txt(data, text); });
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> write_txt_addition(std::uint16_t id, const Name& zone, const Name& name,
                                             std::string_view text, std::uint32_t ttl) {
  return write_update(id, zone, name, Class::IN, ttl, text);
}

std::vector<std::uint8_t> write_txt_removal(std::uint16_t id, const Name& zone, const Name& name,
                                            std::string_view text) {
  return write_update(id, zone, name, Class::NONE, 0, text);
}

Result<void> check_update(const Message& answer, std::uint16_t id, const Name& zone, const Name& name) {
  if (!answer.response || answer.id != id || answer.opcode != opcode_update)
    return broken(rules::malformed_message, "the server answers something else than was asked");
  const std::string what = "the server answers " + name_of(answer.code) + " to a change of " + name.to_string() +
                           " in the zone " + zone.to_string();
  switch (answer.code) {
    case ResponseCode::NoError: return {};
    case ResponseCode::Refused: return broken(rules::update_refused, what);
    case ResponseCode::NotAuth:
    case ResponseCode::NotZone:
    case ResponseCode::NXDomain:
    case ResponseCode::NotImp: return broken(rules::not_authoritative, what);
    default: return broken(rules::server_failed, what);
  }
}

}  // namespace padlock::dns
