#include "padlock/x509/public_suffix.h"

#include <libpsl.h>

#include "padlock/base/text.h"

namespace padlock::x509 {

bool is_public_suffix(std::string_view domain) {
  // Without the rule that every unknown top-level name is one: "lan" and "internal" have one owner.
  constexpr int kind = PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE;
  return psl_is_public_suffix2(psl_builtin(), std::string(to_lower_ascii(domain)).c_str(), kind) != 0;
}

std::string registrable_domain(std::string_view host) {
  const std::string name(host);
  const char* const domain = psl_registrable_domain(psl_builtin(), name.c_str());  // points into `name`
  return domain == nullptr ? name : domain;
}

}  // namespace padlock::x509
