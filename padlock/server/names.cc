#include "padlock/server/names.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/http/message/authority.h"

namespace padlock::server {
namespace {

std::string_view without_final_dot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool wildcard_holds(std::string_view pattern, std::string_view host) {
  const std::size_t dot = host.find('.');
  return pattern.starts_with("*.") && dot != std::string_view::npos && dot > 0 &&
         host.substr(dot) == pattern.substr(1) && !http::is_ipv4_address(host);
}

}  // namespace

Names::Names(std::vector<std::string> names) : names_(std::move(names)) {
  for (std::string& name : names_) name = to_lower_ascii(without_final_dot(name));
}

bool Names::hold(std::string_view host) const {
  const std::string_view wanted = without_final_dot(host);
  return std::ranges::any_of(names_,
                             [&](std::string_view name) { return name == wanted || wildcard_holds(name, wanted); });
}

}  // namespace padlock::server
