#include "padlock/certs/certificate_health.h"

namespace padlock::certs {
namespace {

/// Less than such a part of its life left: renewal begins with a third, or half of a short one, and has failed for
/// long.
constexpr int late_part = 4;

}  // namespace

std::string_view name_of(Health health) {
  switch (health) {
    case Health::good: return "good";
    case Health::late: return "late";
    case Health::expired: break;
  }
  return "expired";
}

Health health_of(WallTime not_before, WallTime not_after, WallTime now) {
  if (now >= not_after) return Health::expired;
  return (not_after - now) * late_part < not_after - not_before ? Health::late : Health::good;
}

}  // namespace padlock::certs
