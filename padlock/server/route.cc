#include "padlock/server/route.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/server/rules.h"

namespace padlock::server {

void Route::start(const asio::any_io_executor& executor) const {
  handler->start(executor);
  for (const auto& [prefix, route] : paths) route->start(executor);
}

const Route& Route::longest(std::string_view path) const {
  const auto found = std::ranges::find_if(paths, [&](const auto& one) { return one.first.holds(path); });
  return found == paths.end() ? *this : *found->second;
}

/// A part may be guarded that another is not, so both must be found the same way: by what the path means. Whoever
/// passes it on as it is written must know that the next server, however it reads, cannot find another part in it.
Result<const Route*> Route::of(std::string_view target) const {
  if (paths.empty() || !target.starts_with('/')) return this;
  const auto resolved = resolved_path(target);
  const Route& meant = longest(resolved ? *resolved : lax_path(target));
  if (!meant.passes_path) {
    if (!resolved) return std::unexpected(resolved.error());
    return &meant;
  }
  if (&longest(literal_path(target)) != &meant)
    return broken(rules::path_ambiguous, "the target is " + escaped(target.substr(0, 256)));
  return &meant;
}

}  // namespace padlock::server
