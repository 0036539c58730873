#include "padlock/explain/byte_rows.h"

#include <algorithm>

#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

constexpr std::size_t longest_vector_length = 3;  // RFC 8446, section 3.4
constexpr std::size_t longest_der_head = 4;       // a tag, and lengths below 64 KiB

std::size_t end_of(const ByteField& field) { return field.offset + field.length; }

std::string meaning_of(const ByteField& field) {
  if (!field.value) return field.meaning;
  if (field.meaning.empty()) return std::to_string(*field.value);
  return field.meaning;
}

/// Wire order. Fields come as they are read, a vector before what it holds: so where two begin at one byte, as an empty
/// vector and what follows it do, they stay as they came.
std::vector<ByteField> ordered(std::vector<ByteField> fields, std::size_t message_length) {
  std::erase_if(fields, [&](const ByteField& field) { return end_of(field) > message_length; });
  std::ranges::stable_sort(fields, {}, &ByteField::offset);
  return fields;
}

class Rows {
 public:
  /// Bytes before the next field: the length of a vector, in DER with its tag, if it is as long as they can be.
  void fill_to(std::size_t offset, const ByteField* next) {
    if (offset <= covered_) return;
    const std::size_t gap = offset - covered_;
    const bool der = next != nullptr && next->der;
    const bool is_length = next != nullptr && !next->value && gap <= (der ? longest_der_head : longest_vector_length);
    const unsigned depth = next != nullptr ? next->depth : 0;
    if (is_length) {
      const std::string name = (der ? "tag, length of " : "length of ") + next->name;
      rows_.push_back({covered_, gap, depth, name, bytes_text(next->length)});
    } else {
      rows_.push_back({covered_, gap, depth, "(no field)", ""});
    }
    covered_ = offset;
  }
  void heading(const ByteField& field) { rows_.push_back({field.offset, 0, field.depth, field.name, field.meaning}); }
  void leaf(const ByteField& field) {
    if (field.offset < covered_) return;  // bytes that another field has shown already
    rows_.push_back({field.offset, field.length, field.depth, field.name, meaning_of(field)});
    covered_ = end_of(field);
  }
  std::vector<ByteRow> take() { return std::move(rows_); }

 private:
  std::vector<ByteRow> rows_;
  std::size_t covered_ = 0;
};

}  // namespace

std::vector<ByteRow> byte_rows(const std::vector<ByteField>& fields, std::size_t message_length) {
  const std::vector<ByteField> in_order = ordered(fields, message_length);
  Rows rows;
  for (std::size_t i = 0; i < in_order.size(); ++i) {
    const ByteField& field = in_order[i];
    const bool holds_next = i + 1 < in_order.size() && in_order[i + 1].depth > field.depth &&
                            in_order[i + 1].offset >= field.offset && end_of(in_order[i + 1]) <= end_of(field);
    rows.fill_to(field.offset, &field);
    if (holds_next) {
      rows.heading(field);
    } else {
      rows.leaf(field);
    }
  }
  rows.fill_to(message_length, nullptr);
  return rows.take();
}

}  // namespace padlock::explain
