#include "padlock/dns/message.h"

#include <algorithm>
#include <utility>

#include "padlock/base/reader.h"
#include "padlock/dns/limits.h"
#include "padlock/dns/rules.h"

namespace padlock::dns {
namespace {

constexpr std::uint16_t response_bit = 0x8000, authoritative_bit = 0x0400, truncated_bit = 0x0200,
                        recursion_desired_bit = 0x0100;

/// Question (RFC 1035, section 4.1.2).
Result<Question> parse_question(Reader& in, Bytes message) {
  Question question{.name = PADLOCK_TRY(parse_name(in, message))};
  question.type = static_cast<Type>(PADLOCK_TRY(in.u16("QTYPE")));
  static_cast<void>(PADLOCK_TRY(in.u16("QCLASS")));  // IN, as all that we ask for
  return question;
}

void write_question(Writer& out, const Question& question) {
  write_name(out, question.name);
  out.u16(static_cast<std::uint16_t>(question.type));
  out.u16(static_cast<std::uint16_t>(Class::IN));
}

/// Resource record (RFC 1035, section 4.1.3).
Result<Record> parse_record(Reader& in, Bytes message) {
  Record record{.name = PADLOCK_TRY(parse_name(in, message)), .data = {}};
  record.type = static_cast<Type>(PADLOCK_TRY(in.u16("TYPE")));
  record.class_ = static_cast<Class>(PADLOCK_TRY(in.u16("CLASS")));
  record.ttl = PADLOCK_TRY(in.u32("TTL"));
  Reader data = PADLOCK_TRY(in.vec16("RDATA"));
  const Bytes bytes = data.peek();
  record.data.assign(bytes.begin(), bytes.end());
  if (record.type != Type::CNAME && record.type != Type::NS) return record;
  record.target = PADLOCK_TRY(parse_name(data, message));
  PADLOCK_TRY(data.finish());
  return record;
}

}  // namespace

std::string name_of(Type type) {
  switch (type) {
    case Type::A: return "A";
    case Type::NS: return "NS";
    case Type::CNAME: return "CNAME";
    case Type::SOA: return "SOA";
    case Type::TXT: return "TXT";
    case Type::AAAA: return "AAAA";
    case Type::TSIG: return "TSIG";
    case Type::CAA: return "CAA";
  }
  return "TYPE" + std::to_string(static_cast<unsigned>(type));
}

std::string name_of(ResponseCode code) {
  switch (code) {
    case ResponseCode::NoError: return "NoError";
    case ResponseCode::FormErr: return "FormErr";
    case ResponseCode::ServFail: return "ServFail";
    case ResponseCode::NXDomain: return "NXDomain";
    case ResponseCode::NotImp: return "NotImp";
    case ResponseCode::Refused: return "Refused";
    case ResponseCode::NotAuth: return "NotAuth";
    case ResponseCode::NotZone: return "NotZone";
  }
  return "response code " + std::to_string(static_cast<unsigned>(code));
}

std::vector<const Record*> Message::find(const Name& name, Type type) const {
  std::vector<const Record*> found;
  for (const Record& one : answers) {
    if (one.type == type && one.class_ == Class::IN && one.name == name) found.push_back(&one);
  }
  return found;
}

Result<Message> parse_message(Bytes bytes) {
  if (bytes.size() > limits::message_bytes) return broken(rules::malformed_message, "a message has more than 64 KiB");
  Reader in(bytes, "message");
  Message message;
  message.id = PADLOCK_TRY(in.u16("ID"));
  const std::uint16_t flags = PADLOCK_TRY(in.u16("flags"));
  message.response = (flags & response_bit) != 0;
  message.authoritative = (flags & authoritative_bit) != 0;
  message.truncated = (flags & truncated_bit) != 0;
  message.opcode = static_cast<std::uint8_t>(flags >> 11 & 0xf);
  message.code = static_cast<ResponseCode>(flags & 0xf);
  const std::uint16_t questions = PADLOCK_TRY(in.u16("QDCOUNT"));
  const std::uint16_t answers = PADLOCK_TRY(in.u16("ANCOUNT"));
  const std::uint16_t authorities = PADLOCK_TRY(in.u16("NSCOUNT"));
  const std::uint16_t additional = PADLOCK_TRY(in.u16("ARCOUNT"));
  if (questions > 1) return broken(rules::malformed_message, std::to_string(questions) + " questions in a message");
  for (unsigned count = 0; count < questions; ++count)
    message.questions.push_back(PADLOCK_TRY(parse_question(in, bytes)));
  if (message.truncated) return message;  // the rest is where the server stopped
  for (const auto& [section, count] :
       {std::pair{&message.answers, answers}, std::pair{&message.authorities, authorities},
        std::pair{&message.additional, additional}}) {
    if (count > limits::records)
      return broken(rules::too_many_records, std::to_string(count) + " records in a section");
    for (unsigned at = 0; at < count; ++at) {
      message.last_record_at = in.offset();
      section->push_back(PADLOCK_TRY(parse_record(in, bytes)));
    }
  }
  PADLOCK_TRY(in.finish());
  return message;
}

std::vector<std::uint8_t> write_query(std::uint16_t id, const Question& question, bool recursion) {
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  out.u16(id);
  out.u16(recursion ? recursion_desired_bit : std::uint16_t{0});
  out.u16(1);
  for (int section = 0; section < 3; ++section) out.u16(0);
  write_question(out, question);
  return bytes;
}

bool answers_to(const Message& response, std::uint16_t id, const Question& question) {
  return response.response && response.id == id && response.opcode == 0 && response.questions.size() == 1 &&
         response.questions.front() == question;
}

Result<std::string> parse_txt(Bytes data) {
  Reader in(data, "TXT");
  std::string text;
  while (in.remaining() > 0) {
    Reader piece = PADLOCK_TRY(in.vec8("TXT-DATA"));
    text += as_text(piece.rest());
  }
  return text;
}

void write_txt(Writer& out, std::string_view text) {
  constexpr std::size_t longest = 255;
  do {
    const std::string_view piece = text.substr(0, longest);
    out.vec8([&](Writer& body) { body.bytes(as_bytes(piece)); });
    text.remove_prefix(piece.size());
  } while (!text.empty());
}

Result<CertificationAuthority> parse_caa(Bytes data) {
  constexpr std::uint8_t issuer_critical = 0x80;
  Reader in(data, "CAA");
  CertificationAuthority record;
  record.critical = (PADLOCK_TRY(in.u8("Flags")) & issuer_critical) != 0;
  Reader tag = PADLOCK_TRY(in.vec8("Tag", 1));
  record.tag = to_lower_ascii(as_text(tag.rest()));
  record.value = as_text(in.rest());
  return record;
}

}  // namespace padlock::dns
