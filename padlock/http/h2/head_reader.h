#pragma once

#include <array>
#include <bitset>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/http/h2/connection.h"

namespace padlock::http::h2 {

/// Reads the fields of one block, strictly (RFC 9113, sections 8.2 and 8.3). The first broken rule is kept until the
/// block has ended, as the compression's state needs all of it.
class HeadReader {
 public:
  enum class Kind : std::uint8_t { request, response, trailers };

  HeadReader(Kind kind, std::size_t fields_bytes, std::size_t field_count)
      : kind_(kind), fields_bytes_(fields_bytes), field_count_(field_count) {}

  /// False once the block has grown so large that it is not to be decoded any further (docs/threats.md, H18).
  bool add(std::string_view name, std::string_view value);
  Kind kind() const { return kind_; }
  /// "" if the block has none (yet).
  std::string_view method() const { return pseudo(Pseudo::method); }

  /// Errors: every rule of h2/rules.h and http/rules.h about fields.
  /// Fills in `head`, all but the stream and whether there is a body, and gives content-length.
  Result<std::optional<std::uint64_t>> request(RequestHead& head, std::string_view scheme, bool extended_connect) &&;
  Result<Response> response() &&;
  Result<Fields> trailers() &&;

 private:
  enum class Pseudo : std::uint8_t { method, scheme, authority, path, protocol, status };
  static constexpr std::size_t pseudo_count = 6;

  Result<void> check(std::string_view name, std::string_view value);
  Result<void> add_pseudo(std::string_view name, std::string_view value);
  std::optional<Pseudo> find_pseudo(std::string_view name) const;
  bool has(Pseudo field) const { return seen_.test(static_cast<std::size_t>(field)); }
  std::string& pseudo(Pseudo field) { return pseudo_.at(static_cast<std::size_t>(field)); }
  const std::string& pseudo(Pseudo field) const { return pseudo_.at(static_cast<std::size_t>(field)); }
  Result<void> finish();
  Result<std::string> authority() const;
  Result<void> check_method(bool extended_connect) const;

  Kind kind_;
  std::size_t fields_bytes_;
  std::size_t field_count_;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
  std::array<std::string, pseudo_count> pseudo_;
  std::bitset<pseudo_count> seen_;
  std::string cookie_;
  Fields fields_;
  std::optional<Error> error_;
};

}  // namespace padlock::http::h2
