#include "padlock/tls/record/record_reader.h"

#include <algorithm>
#include <array>
#include <string>

#include "padlock/tls/limits.h"
#include "padlock/tls/rules.h"

namespace padlock::tls {

namespace {

constexpr std::array<std::string_view, 10> http_methods = {"GET ",     "HEAD ",  "POST ",    "PUT ",   "DELETE ",
                                                           "OPTIONS ", "TRACE ", "CONNECT ", "PATCH ", "PRI "};

/// True if `bytes` are how a request of plain http begins: five bytes are all that is looked at.
bool begins_like_http_request(std::string_view bytes) {
  return std::ranges::any_of(
      http_methods, [&](std::string_view method) { return bytes.starts_with(method.substr(0, record_header_length)); });
}

bool is_content_type(ContentType type) {
  return type == ContentType::change_cipher_spec || type == ContentType::alert || type == ContentType::handshake ||
         type == ContentType::application_data;
}

/// TLSInnerPlaintext: content, type, zeros (RFC 8446, section 5.2). Gives content and type; empty: no type there.
std::span<std::uint8_t> without_padding(std::span<std::uint8_t> inner) {
  const auto last = std::ranges::find_if(inner.rbegin(), inner.rend(), [](std::uint8_t byte) { return byte != 0; });
  return inner.first(static_cast<std::size_t>(inner.rend() - last));
}

}  // namespace

Result<std::optional<Record>> RecordReader::take(std::span<std::uint8_t> input) {
  if (input.size() < record_header_length) return std::nullopt;
  const RecordHeader header = parse_record_header(input.first<record_header_length>());
  if (first_) PADLOCK_TRY(check_first_bytes(input.first(record_header_length)));
  PADLOCK_TRY(check_header(header));
  if (input.size() - record_header_length < header.length) return std::nullopt;
  first_ = false;

  const std::span<std::uint8_t> fragment = input.subspan(record_header_length, header.length);
  if (header.type == ContentType::application_data || shows_types()) {
    return PADLOCK_TRY(open_record(header.type, input.first(record_header_length), fragment));
  }
  return Record{.outer = header.type,
                .type = header.type,
                .content = fragment,
                .wire_length = record_header_length + header.length,
                .was_protected = false};
}

/// The first record tells whether the peer speaks TLS at all.
Result<void> RecordReader::check_first_bytes(Bytes header) const {
  const std::string_view text = as_text(header);
  if (is_content_type(static_cast<ContentType>(header[0]))) return {};
  if (!peer_is_server_ && begins_like_http_request(text)) {
    return broken(rules::plain_http_request, "the client sent \"" + escaped(text) + "...\"");
  }
  if (peer_is_server_ && text == "HTTP/") {
    return broken(rules::plain_http_response, "the server sent \"" + escaped(text) + "...\"");
  }
  constexpr std::uint8_t ssl2_client_hello = 1;  // behind a length of two bytes whose first bit is set
  if (!peer_is_server_ && (header[0] & 0x80) != 0 && header[2] == ssl2_client_hello) {
    return broken(rules::ssl2_hello, "the client sent a hello in SSL 2.0's framing");
  }
  constexpr std::uint8_t tls_major_version = 3;
  if (header[1] == tls_major_version) return {};  // TLS with a record type that it does not have: see check_header
  return broken(rules::not_tls, "the peer began with \"" + escaped(text) + "\"");
}

/// What the header shows: type, length, and whether protection is as it must be now.
Result<void> RecordReader::check_header(const RecordHeader& header) const {
  if (!is_content_type(header.type)) {
    return broken(rules::unknown_content_type,
                  "a record of type " + std::to_string(static_cast<unsigned>(header.type)) + " came");
  }
  const bool sealed = header.type == ContentType::application_data || shows_types();
  const std::size_t most = shows_types() ? limits::tls12_ciphertext : sealed ? limits::ciphertext : limits::plaintext;
  if (header.length > most) {
    return broken(rules::record_too_long, "a record of " + std::to_string(header.length) + " bytes came");
  }
  if (sealed && !is_protected() && !early_data_left_) {
    return broken(rules::protected_too_early, "a record of type application_data came before there were keys");
  }
  const bool alert_allowed = header.type == ContentType::alert && unprotected_alert_allowed_;
  if (!sealed && is_protected() && header.type != ContentType::change_cipher_spec && !alert_allowed) {
    return broken(rules::unprotected_record, "a record of type " + std::string(name_of(header.type)) +
                                                 " came unprotected although keys are in use");
  }
  return {};
}

Result<Record> RecordReader::open_record(ContentType outer, Bytes header, std::span<std::uint8_t> fragment) {
  const std::size_t wire_length = header.size() + fragment.size();
  if (!is_protected()) return skip(wire_length);
  if (protection_->exhausted()) return broken(rules::sequence_exhausted, "no sequence number is left to read with");
  const std::uint64_t sequence = protection_->sequence();
  const auto opened = protection_->open(header, fragment);
  if (!opened) return not_authentic(wire_length);
  early_data_left_.reset();
  unprotected_alert_allowed_ = false;

  const std::size_t most = most_content_ + (protection_->hides_type() ? 1 : 0);
  if (opened->size() > most) {
    const bool ours = opened->size() <= limits::plaintext + (protection_->hides_type() ? 1 : 0);
    return broken(ours ? rules::record_beyond_our_limit : rules::inner_plaintext_too_long,
                  "record " + std::to_string(sequence) + " holds " + std::to_string(opened->size()) + " bytes");
  }
  Record record = protection_->hides_type() ? PADLOCK_TRY(inner_record(sequence, *opened))
                                            : Record{.type = outer, .content = *opened};
  record.outer = outer;
  record.wire_length = wire_length;
  record.was_protected = true;
  return record;
}

/// What TLS 1.3 has inside: content, its type, zeros.
Result<Record> RecordReader::inner_record(std::uint64_t sequence, std::span<std::uint8_t> inner) const {
  const std::span<std::uint8_t> content_and_type = without_padding(inner);
  if (content_and_type.empty()) {
    return broken(rules::no_inner_type, "record " + std::to_string(sequence) + " has no content type");
  }
  return Record{.type = static_cast<ContentType>(content_and_type.back()),
                .content = content_and_type.first(content_and_type.size() - 1)};
}

Result<Record> RecordReader::not_authentic(std::size_t wire_length) {
  if (early_data_left_) {
    protection_->put_back();
    return skip(wire_length);
  }
  return broken(rules::record_not_authentic, "record " + std::to_string(protection_->sequence() - 1) + " of " +
                                                 std::to_string(wire_length) + " bytes is not authentic");
}

/// What is inside counts, as far as that can be told (RFC 8446, section 4.6.1), and each record for something.
Result<Record> RecordReader::skip(std::size_t wire_length) {
  constexpr std::size_t overhead = record_header_length + 1 + crypto::aead_tag_length;
  const std::size_t content = wire_length > overhead ? wire_length - overhead : 1;
  if (*early_data_left_ < content) {
    return broken(rules::too_much_early_data, "the client sent more early data than may be skipped");
  }
  *early_data_left_ -= content;
  return Record{.outer = ContentType::application_data,
                .type = ContentType::application_data,
                .content = {},
                .wire_length = wire_length,
                .was_protected = true,
                .skipped = true};
}

}  // namespace padlock::tls
