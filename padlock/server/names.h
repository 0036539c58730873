#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace padlock::server {

/// The names that a certificate holds and a site answers to: host names, `*.` names, IP addresses as text.
class Names {
 public:
  Names() = default;
  /// Taken in lower case, without a final dot.
  explicit Names(std::vector<std::string> names);

  /// Whether `host` (lower case; a final dot is passed over) is one of them. `*.a.test` holds exactly one label more
  /// than a.test (RFC 9525, section 6.3) and never an address.
  bool hold(std::string_view host) const;
  bool empty() const { return names_.empty(); }
  const std::vector<std::string>& all() const { return names_; }

 private:
  std::vector<std::string> names_;
};

}  // namespace padlock::server
