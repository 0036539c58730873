#include "padlock/dns/tsig.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>

#include "padlock/dns/limits.h"
#include "padlock/dns/message.h"
#include "padlock/dns/rules.h"

namespace padlock::dns {
namespace {

using crypto::HashAlgorithm;

struct Algorithm {
  std::string_view name;
  HashAlgorithm hash;
};
constexpr std::array algorithms{Algorithm{"hmac-sha256", HashAlgorithm::sha256},
                                Algorithm{"hmac-sha384", HashAlgorithm::sha384},
                                Algorithm{"hmac-sha512", HashAlgorithm::sha512}};

/// RFC 8945, section 3.
enum class TsigError : std::uint16_t { none = 0, bad_signature = 16, bad_key = 17, bad_time = 18, bad_truncation = 22 };

constexpr std::size_t count_at = 10;  // of ARCOUNT in the header

/// What is signed beside the message (RFC 8945, section 4.3.3).
struct Variables {
  std::uint64_t time = 0;  ///< seconds since 1970, 48 bits
  std::uint16_t fudge = 0;
  TsigError error = TsigError::none;
  Bytes other{};
};

struct Tsig {
  Name key, algorithm;
  Variables variables;
  Bytes mac;
  std::uint16_t original_id = 0;
};

std::uint64_t seconds_of(WallTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

void write_time(Writer& out, std::uint64_t time) {
  out.u16(static_cast<std::uint16_t>(time >> 32));
  out.u32(static_cast<std::uint32_t>(time));
}

std::vector<std::uint8_t> written_variables(const TsigKey& key, const Variables& variables) {
  std::vector<std::uint8_t> bytes;
  Writer out(bytes);
  write_name(out, key.name);
  out.u16(static_cast<std::uint16_t>(Class::ANY));
  out.u32(0);  // TTL
  write_name(out, key.algorithm);
  write_time(out, variables.time);
  out.u16(variables.fudge);
  out.u16(static_cast<std::uint16_t>(variables.error));
  out.vec16([&](Writer& body) { body.bytes(variables.other); });
  return bytes;
}

std::uint16_t number_at(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void put_number(std::span<std::uint8_t> bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

/// The RDATA of a TSIG record (RFC 8945, section 4.2).
Result<Tsig> parse_tsig(const Record& record) {
  Reader in(record.data, "TSIG");
  Tsig tsig{.key = record.name, .algorithm = PADLOCK_TRY(parse_name(in, record.data)), .variables = {}, .mac = {}};
  const std::uint64_t high = PADLOCK_TRY(in.u16("Time Signed"));
  tsig.variables.time = high << 32 | PADLOCK_TRY(in.u32("Time Signed"));
  tsig.variables.fudge = PADLOCK_TRY(in.u16("Fudge"));
  Reader mac = PADLOCK_TRY(in.vec16("MAC"));
  tsig.mac = mac.rest();
  tsig.original_id = PADLOCK_TRY(in.u16("Original ID"));
  tsig.variables.error = static_cast<TsigError>(PADLOCK_TRY(in.u16("Error")));
  Reader other = PADLOCK_TRY(in.vec16("Other Data"));
  tsig.variables.other = other.rest();
  PADLOCK_TRY(in.finish());
  return tsig;
}

/// A server that does not take our signature says why; it cannot sign that itself unless it is the time alone.
Result<void> check_refusal(const Tsig& tsig, const TsigKey& key) {
  const std::string named = "the key " + key.name.to_string() + " (" + key.algorithm.to_string() + ")";
  switch (tsig.variables.error) {
    case TsigError::none: return {};
    case TsigError::bad_key: return broken(rules::key_unknown, "the server does not know " + named);
    case TsigError::bad_time: return broken(rules::wrong_time, "the server finds the time of our signature wrong");
    case TsigError::bad_signature:
    case TsigError::bad_truncation: break;
  }
  return broken(rules::signature_refused, "the server refuses a signature by " + named);
}

Result<void> check_time(const Tsig& tsig, WallTime now) {
  const std::uint64_t here = seconds_of(now), there = tsig.variables.time;
  const std::uint64_t apart = here > there ? here - there : there - here;
  if (apart <= tsig.variables.fudge) return {};
  return broken(rules::wrong_time, "the server's answer was signed " + std::to_string(apart) + " s " +
                                       (here > there ? "before" : "after") + " what is now on this machine");
}

// ---- keys -----------------------------------------------------------------------------------------------------------

std::unexpected<Error> malformed(const std::string& why) { return broken(rules::malformed_key, why); }

Result<TsigKey> make_key(std::string_view algorithm, std::string_view name, std::string_view secret) {
  const std::string named = to_lower_ascii(algorithm);
  const auto* const known = std::ranges::find(algorithms, named, &Algorithm::name);
  if (known == algorithms.end()) return malformed("there is no algorithm '" + escaped(algorithm) + "' for TSIG");
  Name key = PADLOCK_TRY(Name::parse(name));
  auto decoded = from_base64(secret);
  if (!decoded || decoded->empty()) return malformed("the secret of the key " + key.to_string() + " is no base64");
  const SecretBytes bytes(*std::move(decoded));
  return TsigKey{std::move(key), PADLOCK_TRY(Name::parse(known->name)), crypto::Hmac(known->hash, bytes.reveal())};
}

/// Words and marks of named.conf's syntax; views into the text.
std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n", marks = "{};\"";
  std::vector<std::string_view> words;
  while (!text.empty()) {
    if (blanks.find(text.front()) != std::string_view::npos) {
      text.remove_prefix(1);
    } else if (text.front() == '#' || text.starts_with("//")) {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (text.front() == '"') {
      const std::size_t end = text.find('"', 1);
      if (end != std::string_view::npos) words.push_back(text.substr(1, end - 1));
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    } else {
      const std::size_t end = marks.find(text.front()) != std::string_view::npos
                                  ? 1
                                  : std::min(text.find_first_of(std::string(blanks) + std::string(marks)), text.size());
      words.push_back(text.substr(0, end));
      text.remove_prefix(end);
    }
  }
  return words;
}

std::string_view after(const std::vector<std::string_view>& words, std::string_view word) {
  const auto found = std::ranges::find(words, word);
  return found == words.end() || found + 1 == words.end() ? std::string_view() : *(found + 1);
}

}  // namespace

Result<TsigKey> parse_tsig_key(std::string_view text) {
  const auto words = words_of(text);
  if (words.size() > 2 && words.front() == "key")
    return make_key(after(words, "algorithm"), words[1], after(words, "secret"));
  const std::string_view line = words.size() == 1 ? words.front() : std::string_view();
  const std::size_t first = line.find(':'),
                    second = first == std::string_view::npos ? first : line.find(':', first + 1);
  if (second == std::string_view::npos) return malformed("this is no key for TSIG");
  return make_key(line.substr(0, first), line.substr(first + 1, second - first - 1), line.substr(second + 1));
}

std::vector<std::uint8_t> sign(std::vector<std::uint8_t>& message, const TsigKey& key, WallTime now) {
  const Variables variables{.time = seconds_of(now), .fudge = static_cast<std::uint16_t>(limits::fudge.count())};
  const auto covered = written_variables(key, variables);
  const crypto::Digest mac = key.hmac.mac(std::array<Bytes, 2>{message, covered});
  const std::uint16_t id = number_at(message, 0);
  put_number(message, count_at, static_cast<std::uint16_t>(number_at(message, count_at) + 1));
  Writer out(message);
  write_name(out, key.name);
  out.u16(static_cast<std::uint16_t>(Type::TSIG));
  out.u16(static_cast<std::uint16_t>(Class::ANY));
  out.u32(0);
  out.vec16([&](Writer& data) {
    write_name(data, key.algorithm);
    write_time(data, variables.time);
    data.u16(variables.fudge);
    data.vec16([&](Writer& body) { body.bytes(mac); });
    data.u16(id);
    data.u16(static_cast<std::uint16_t>(TsigError::none));
    data.u16(0);  // Other Len
  });
  const Bytes bytes = mac.bytes();
  return {bytes.begin(), bytes.end()};
}

Result<void> verify_answer(Bytes answer, const TsigKey& key, Bytes request_mac, WallTime now) {
  const Message message = PADLOCK_TRY(parse_message(answer));
  if (message.additional.empty() || message.additional.back().type != Type::TSIG)
    return broken(rules::answer_unsigned, "the server's answer (" + name_of(message.code) + ") has no signature");
  const Record& record = message.additional.back();
  if (record.class_ != Class::ANY || record.ttl != 0)
    return broken(rules::malformed_message, "the answer's TSIG record has another class or time to live than it must");
  const Tsig tsig = PADLOCK_TRY(parse_tsig(record));
  if (tsig.mac.empty()) {
    PADLOCK_TRY(check_refusal(tsig, key));
    return broken(rules::answer_unsigned, "the server's answer has an empty signature");
  }
  if (tsig.key != key.name || tsig.algorithm != key.algorithm)
    return broken(rules::answer_forged,
                  "the answer is signed by the key " + tsig.key.to_string() + " (" + tsig.algorithm.to_string() + ")");
  std::vector<std::uint8_t> length(2);
  put_number(length, 0, static_cast<std::uint16_t>(request_mac.size()));
  std::vector<std::uint8_t> unsigned_answer(answer.begin(),
                                            answer.begin() + static_cast<std::ptrdiff_t>(message.last_record_at));
  put_number(unsigned_answer, 0, tsig.original_id);
  put_number(unsigned_answer, count_at, static_cast<std::uint16_t>(number_at(answer, count_at) - 1));
  const auto covered = written_variables(key, tsig.variables);
  const crypto::Digest mac = key.hmac.mac(std::array<Bytes, 4>{length, request_mac, unsigned_answer, covered});
  if (!equal_constant_time(mac, tsig.mac)) return broken(rules::answer_forged, "the answer's signature is wrong");
  PADLOCK_TRY(check_refusal(tsig, key));
  return check_time(tsig, now);
}

}  // namespace padlock::dns
