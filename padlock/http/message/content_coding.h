#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "padlock/http/message/message.h"

/// Content codings (RFC 9110, section 8.4.1) and how a client chooses among them (section 12.5.3).
namespace padlock::http {

/// `identity` is none at all.
enum class ContentCoding : std::uint8_t { identity, gzip, zstd, br };

/// Those that shorten text, the one that does it best first.
inline constexpr std::array<ContentCoding, 3> shortening_codings{ContentCoding::br, ContentCoding::zstd,
                                                                 ContentCoding::gzip};

/// As IANA spells it.
std::string_view name_of(ContentCoding coding);

/// What a request's Accept-Encoding says.
class AcceptEncoding {
 public:
  static constexpr std::uint16_t most = 1000;  ///< q=1
  static constexpr std::uint16_t least = 1;    ///< q=0.001

  /// Without the field a client has no preference, and one that knows no coding may have sent it: nothing but identity
  /// is wanted then. Elements that cannot be read are passed over.
  static AcceptEncoding of(const Fields& fields);

  /// How much a coding is wanted, in thousandths; 0: not acceptable. Identity that is neither named nor forbidden is
  /// wanted least.
  std::uint16_t weight(ContentCoding coding) const { return weights_.at(static_cast<std::size_t>(coding)); }

 private:
  std::array<std::uint16_t, 4> weights_{least, 0, 0, 0};
};

}  // namespace padlock::http
