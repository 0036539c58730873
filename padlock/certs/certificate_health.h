#pragma once

#include <cstdint>
#include <string_view>

#include "padlock/base/instant.h"

namespace padlock::certs {

/// Whether somebody should look after a certificate.
enum class Health : std::uint8_t {
  good,
  late,  ///< it should have been renewed long ago: less than a quarter of its life is left
  expired,
};
/// "good", "late", "expired".
std::string_view name_of(Health health);

Health health_of(WallTime not_before, WallTime not_after, WallTime now);

}  // namespace padlock::certs
