#include "padlock/tls/record/record_writer.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "padlock/tls/record/piece_cursor.h"

namespace padlock::tls {

namespace {

constexpr std::array<std::uint8_t, limits::plaintext> zeros{};

}  // namespace

void RecordWriter::write(ContentType type, std::span<const Bytes> pieces) {
  const std::size_t length = total_size(pieces);
  assert(length <= most_content());
  if (is_protected()) {
    write_sealed(type, pieces, length);
  } else {
    write_plain(type, pieces, length);
  }
}

void RecordWriter::write_all(ContentType type, Bytes content) {
  while (!content.empty()) {
    const Bytes fragment = content.first(std::min(content.size(), most_content()));
    write(type, std::span(&fragment, 1));
    content = content.subspan(fragment.size());
  }
}

void RecordWriter::write_plain(ContentType type, std::span<const Bytes> pieces, std::size_t length) {
  // A client's first record may call itself TLS 1.0, for servers that would not read it otherwise (section 5.1).
  const bool first_hello = self_ == Sender::client && !wrote_any_;
  wrote_any_ = true;
  const auto header =
      write_record_header({.type = type,
                           .legacy_record_version = first_hello ? std::uint16_t{0x0301} : std::uint16_t{0x0303},
                           .length = length});
  auto place = copy_bytes(header, output_.append(header.size() + length));
  for (const Bytes piece : pieces) place = copy_bytes(piece, place);
  tell(EncryptionLevel::plaintext, type, type, header.size() + length, length);
}

/// The header of a protected record: additional data of its AEAD too (RFC 8446, section 5.2; RFC 5246, 6.2.3.3).
std::array<std::uint8_t, record_header_length> RecordWriter::sealed_header(ContentType type,
                                                                           std::size_t fragment_length) const {
  return write_record_header({.type = protection_->hides_type() ? ContentType::application_data : type,
                              .legacy_record_version = 0x0303,
                              .length = fragment_length});
}

void RecordWriter::write_sealed(ContentType type, std::span<const Bytes> pieces, std::size_t length) {
  const std::size_t padding = padding_for(length);
  const std::size_t fragment_length = protection_->fragment_length(length + padding);
  const auto header = sealed_header(type, fragment_length);
  const std::span<std::uint8_t> place = output_.append(header.size() + fragment_length);
  const auto fragment = copy_bytes(header, place);
  const std::array<std::uint8_t, 1> inner_type = {static_cast<std::uint8_t>(type)};
  const Bytes filling = Bytes(zeros).first(padding);
  if (!protection_->hides_type()) {
    protection_->seal(header, pieces, fragment);
  } else if (pieces.size() == 1) {
    const std::array inner_plaintext = {pieces.front(), Bytes(inner_type), filling};
    protection_->seal(header, std::span(inner_plaintext).first(padding > 0 ? 3 : 2), fragment);
  } else {
    pieces_.assign(pieces.begin(), pieces.end());
    pieces_.emplace_back(inner_type);
    if (padding > 0) pieces_.push_back(filling);
    protection_->seal(header, pieces_, fragment);
    pieces_.clear();
  }
  tell(level_, protection_->hides_type() ? ContentType::application_data : type, type, place.size(), length);
}

std::span<std::uint8_t> RecordWriter::reserve(std::size_t size) {
  assert(is_protected() && size <= most_content());
  reserved_size_ = size;
  // A smaller commit is never filled up beyond a larger one.
  const std::size_t fragment_length = protection_->fragment_length(size + padding_for(size));
  return output_.reserve(record_header_length + fragment_length)
      .subspan(record_header_length + protection_->content_offset(), size);
}

void RecordWriter::commit(std::size_t size) {
  assert(reserved() && size <= reserved_size_);
  const std::size_t padding = padding_for(size);
  const std::size_t fragment_length = protection_->fragment_length(size + padding);
  const std::span<std::uint8_t> place = output_.reservation().first(record_header_length + fragment_length);
  const auto header = sealed_header(ContentType::application_data, fragment_length);
  const auto fragment = copy_bytes(header, place);
  const auto content = fragment.subspan(protection_->content_offset());
  std::size_t sealed_size = size;
  if (protection_->hides_type()) {
    content[size] = static_cast<std::uint8_t>(ContentType::application_data);
    std::ranges::fill(content.subspan(size + 1, padding), std::uint8_t{0});
    sealed_size += 1 + padding;
  }
  const Bytes sealed = content.first(sealed_size);
  protection_->seal(header, std::span(&sealed, 1), fragment);
  output_.commit(place.size());
  reserved_size_ = 0;
  tell(level_, ContentType::application_data, ContentType::application_data, place.size(), size);
}

void RecordWriter::limit_records(std::size_t content) { most_content_ = std::min(limits::plaintext, content); }

/// Zeros behind content of this length and its type (RFC 8446, section 5.4).
std::size_t RecordWriter::padding_for(std::size_t length) const {
  if (!protection_->hides_type()) return 0;
  const std::size_t multiple = padding_.to_multiple_of;
  const std::size_t inner = length + 1;
  const std::size_t filled = (inner + multiple - 1) / multiple * multiple;
  return std::min(filled, std::max(inner, most_content_ + 1)) - inner;
}

void RecordWriter::drop_reservation() {
  if (reserved()) output_.drop();
  reserved_size_ = 0;
}

void RecordWriter::protect(RecordProtection protection, EncryptionLevel level) {
  protection_.emplace(std::move(protection));
  level_ = level;
}

void RecordWriter::protect(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider,
                           EncryptionLevel level) {
  if (protection_) {
    protection_->rekey(suite, secret);
  } else {
    protection_.emplace(suite, secret, provider);
  }
  level_ = level;
}

void RecordWriter::release_buffers() {
  output_.release();
  pieces_ = std::vector<Bytes>();
}

void RecordWriter::tell(EncryptionLevel level, ContentType outer, ContentType inner, std::size_t wire_length,
                        std::size_t length) const {
  if (traced && observer_ != nullptr) observer_->record(self_, level, outer, inner, wire_length, length);
}

}  // namespace padlock::tls
