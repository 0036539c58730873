#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/result.h"
#include "padlock/base/writer.h"

namespace padlock::dns {

/// A domain name from its first label up to the root (RFC 1035, section 3.1), in lower case, as names are compared
/// (RFC 4343).
class Name {
 public:
  /// The root.
  Name() = default;
  /// "_acme-challenge.example.com", with or without a final dot. Error: `rules::malformed_name`.
  static Result<Name> parse(std::string_view text);

  const std::vector<std::string>& labels() const { return labels_; }
  bool is_root() const { return labels_.empty(); }
  /// Without its first label; of the root, the root.
  Name parent() const;
  bool is_at_or_below(const Name& other) const;
  /// Without a final dot, bytes that are no text escaped; the root is ".".
  std::string to_string() const;
  friend bool operator==(const Name&, const Name&) = default;

 private:
  explicit Name(std::vector<std::string> labels) : labels_(std::move(labels)) {}
  friend Result<Name> parse_name(Reader& in, Bytes message);

  std::vector<std::string> labels_;
};

/// A name on the wire, whole. Errors of reading: `rules::bad_pointer`, `rules::malformed_name`, those of Reader.
/// `message`: all of it, from its header on, for pointers into it (RFC 1035, section 4.1.4); `in` reads in it.
Result<Name> parse_name(Reader& in, Bytes message);
/// Without compression, in lower case: the canonical form, too (RFC 4034, section 6.2).
void write_name(Writer& out, const Name& name);

}  // namespace padlock::dns
