#include "padlock/explain/leaks.h"

#include <algorithm>

#include <fmt/format.h>

#include "padlock/base/lists.h"
#include "padlock/explain/page.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

std::string duration_text(const Ladder& ladder) {
  std::chrono::nanoseconds first = ladder.steps.front().at;
  std::chrono::nanoseconds last = first;
  for (const Step& step : ladder.steps) {
    if (!step.sender) continue;
    first = std::min(first, step.at);
    last = std::max(last, step.at);
  }
  return milliseconds(last - first);
}

bool has(const Ladder& ladder, std::string_view id) {
  return std::ranges::find(ladder.steps, id, &Step::id) != ladder.steps.end();
}

/// TLS 1.3 seals it.
void list_certificate(Ladder& ladder) {
  const auto certificate = std::ranges::find(ladder.steps, std::string_view("certificate"), &Step::id);
  if (certificate == ladder.steps.end()) return;
  if (certificate->protection == Protection::none) {
    ladder.leaks.push_back({"certificate", "in the clear, as always in TLS 1.2: whose site it is, with all its names"});
  } else {
    ladder.unreadable.push_back({"certificate", "sent encrypted, as always in TLS 1.3"});
  }
}

void always(Ladder& ladder, const Seen& seen) {
  if (!seen.looked_up.empty()) {
    ladder.leaks.push_back({"name asked for", seen.looked_up + ", unless the look-up itself was encrypted"});
  }
  ladder.leaks.push_back({"addresses", list_of(seen.addresses)});
}

void with_tls(Ladder& ladder, const Seen& seen) {
  const bool named = seen.server_name.has_value();
  ladder.leaks.push_back({"server name", named ? *seen.server_name + ", in the clear in the ClientHello (SNI)"
                                               : std::string("not sent; only the address tells")});
  if (!seen.alpn.empty()) ladder.leaks.push_back({"protocols offered", seen.alpn + " (ALPN)"});
  if (!seen.plain_target.empty()) {
    ladder.leaks.push_back(
        {"first request", seen.plain_target + ", over plain http, and the redirect that answered it"});
  }
  ladder.leaks.push_back({"kind of client", "versions, cipher suites, groups and their order in the ClientHello"});
  ladder.leaks.push_back(
      {"sizes", fmt::format("client {} in {} records, server {} in {} records: about how long the page is",
                            bytes_text(ladder.client_bytes), seen.client_records, bytes_text(ladder.server_bytes),
                            seen.server_records)});
  ladder.leaks.push_back({"times", "when each record passed; all took " + duration_text(ladder)});
  list_certificate(ladder);
  if (!seen.target.empty()) {
    ladder.unreadable.push_back({"what was asked for", seen.target});
    ladder.unreadable.push_back({"request and response", "method, status, all fields, cookies"});
  }
  if (seen.body_bytes > 0) ladder.unreadable.push_back({"page", bytes_text(seen.body_bytes) + " of content"});
}

void without_tls(Ladder& ladder, const Seen& seen) {
  if (!seen.target.empty()) {
    ladder.leaks.push_back({"request", seen.target + ", with every field, cookies and passwords too"});
  }
  if (has(ladder, "response")) ladder.leaks.push_back({"response", "status and every field"});
  if (seen.body_bytes > 0) ladder.leaks.push_back({"page", "all " + bytes_text(seen.body_bytes) + " of it"});
  ladder.leaks.push_back({"sizes and times", "everything"});
  ladder.leaks.push_back({"and more", "whoever sits on the way could have changed all of it unnoticed"});
}

}  // namespace

void list_leaks(Ladder& ladder, const Seen& seen) {
  if (seen.addresses.empty() || ladder.steps.empty()) return;  // nothing passed by
  always(ladder, seen);
  if (seen.tls) return with_tls(ladder, seen);
  without_tls(ladder, seen);
}

}  // namespace padlock::explain
