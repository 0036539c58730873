#include "padlock/server/on_demand/rule.h"

#include "padlock/x509/host_name.h"

namespace padlock::server {
namespace {

/// A top-level domain begins with a letter, so that it is no address.
bool is_domain_name(std::string_view host) {
  const std::size_t dot = host.rfind('.');
  return dot != std::string_view::npos && dot + 1 < host.size() && host[dot + 1] >= 'a' && host[dot + 1] <= 'z' &&
         x509::is_host_name(host);
}

}  // namespace

bool OnDemandRule::may_allow(std::string_view host) const { return is_domain_name(host) && (asks || allow.hold(host)); }

}  // namespace padlock::server
