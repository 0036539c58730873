#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/base/text.h"
#include "padlock/base/writer.h"
#include "padlock/dns/name.h"

// Messages of DNS as bytes (RFC 1035, section 4): as much of it as the questions and updates of a certificate need.

namespace padlock::dns {

/// Types of records, by the registry's spelling.
enum class Type : std::uint16_t {
  A = 1,
  NS = 2,
  CNAME = 5,
  SOA = 6,
  TXT = 16,
  AAAA = 28,
  TSIG = 250,
  CAA = 257,
};
std::string name_of(Type type);

enum class Class : std::uint16_t { IN = 1, NONE = 254, ANY = 255 };

/// RFC 1035, section 4.1.1; RFC 2136, section 2.2.
enum class ResponseCode : std::uint8_t {
  NoError = 0,
  FormErr = 1,
  ServFail = 2,
  NXDomain = 3,
  NotImp = 4,
  Refused = 5,
  NotAuth = 9,
  NotZone = 10,
};
std::string name_of(ResponseCode code);

struct Question {
  Name name;
  Type type = Type::A;
  friend bool operator==(const Question&, const Question&) = default;
};

struct Record {
  Name name;
  Type type = Type::A;
  Class class_ = Class::IN;
  std::uint32_t ttl = 0;  ///< seconds
  std::vector<std::uint8_t> data;
  Name target{};  ///< of CNAME and NS: the name that they hold
};

struct Message {
  std::uint16_t id = 0;
  bool response = false, authoritative = false, truncated = false;
  std::uint8_t opcode = 0;  ///< 0: QUERY; 5: UPDATE
  ResponseCode code = ResponseCode::NoError;
  std::vector<Question> questions;
  std::vector<Record> answers, authorities, additional;
  std::size_t last_record_at = 0;  ///< where the last additional record begins, which a TSIG is (RFC 8945, section 5.1)

  /// The answers of this name and type.
  std::vector<const Record*> find(const Name& name, Type type) const;
};

/// Errors: `rules::malformed_message`, `rules::too_many_records`, those of names and Reader.
Result<Message> parse_message(Bytes bytes);

/// One question; `recursion`: the server shall ask others for us (RFC 1035, section 4.1.1: RD).
std::vector<std::uint8_t> write_query(std::uint16_t id, const Question& question, bool recursion);
/// Whether a response is that of a query, by its number and question (RFC 5452, section 4).
bool answers_to(const Message& response, std::uint16_t id, const Question& question);

// ---- what records hold ----

/// The strings of a TXT record, one after the other (RFC 1035, section 3.3.14; RFC 7208, section 3.3). Errors:
/// Reader's.
Result<std::string> parse_txt(Bytes data);
void write_txt(Writer& out, std::string_view text);

/// What a CAA record says (RFC 8659, section 4.1).
struct CertificationAuthority {
  bool critical = false;
  std::string tag;  ///< in lower case
  std::string value;
};
/// Errors: Reader's.
Result<CertificationAuthority> parse_caa(Bytes data);

}  // namespace padlock::dns
