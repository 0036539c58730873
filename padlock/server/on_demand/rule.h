#pragma once

#include <string_view>

#include "padlock/server/names.h"

namespace padlock::server {

/// Which names may have a certificate when a client first asks for them.
struct OnDemandRule {
  Names allow;        ///< these, ...
  bool asks = false;  ///< ... and those of which somebody says so when he is asked

  /// Whether a host is not ruled out beforehand: a domain name (lower case; RFC 1123, section 2.1) of two labels or
  /// more that is allowed, or of which somebody can be asked.
  bool may_allow(std::string_view host) const;
};

}  // namespace padlock::server
