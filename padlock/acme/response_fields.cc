#include "padlock/acme/response_fields.h"

#include <algorithm>

#include "padlock/acme/limits.h"
#include "padlock/base/text.h"
#include "padlock/http/message/date.h"
#include "padlock/http/message/syntax.h"

namespace padlock::acme {
namespace {

/// One link's parameters, up to a comma outside quotes: ;rel="alternate";title="a, b". Cut off from `text`.
std::string_view take_parameters(std::string_view& text) {
  bool quoted = false;
  std::size_t end = 0;
  for (; end < text.size() && (quoted || text[end] != ','); ++end) quoted = quoted != (text[end] == '"');
  const std::string_view parameters = text.substr(0, end);
  text.remove_prefix(end);
  return parameters;
}

bool is_alternate(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    const std::string_view one = http::trimmed(parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    if (equal_ignoring_ascii_case(one, "rel=\"alternate\"") || equal_ignoring_ascii_case(one, "rel=alternate"))
      return true;
  }
  return false;
}

}  // namespace

std::optional<std::string> nonce_of(const http::Fields& fields) {
  const auto nonce = fields.find("Replay-Nonce");
  if (!nonce || nonce->empty() || nonce->size() > limits::nonce_bytes) return std::nullopt;
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (!std::ranges::all_of(*nonce, fits)) return std::nullopt;
  return std::string(*nonce);
}

std::optional<std::chrono::seconds> retry_after_of(const http::Fields& fields, WallTime now) {
  const auto field = fields.find("Retry-After");
  if (!field) return std::nullopt;
  const std::chrono::seconds most = limits::retry_after;
  if (const auto seconds = parse_decimal(*field)) {
    return *seconds < static_cast<std::uint64_t>(most.count())
               ? std::chrono::seconds(static_cast<std::chrono::seconds::rep>(*seconds))
               : most;
  }
  const auto date = http::parse_http_date(*field, now);
  if (!date || *date <= now) return std::nullopt;
  return std::min(*date - now, most);
}

std::vector<std::string> alternates_of(const http::Fields& fields) {
  std::vector<std::string> found;
  for (const http::FieldView& field : fields.all()) {
    if (!equal_ignoring_ascii_case(field.name, "Link")) continue;
    std::string_view rest = field.value;
    while (found.size() < limits::alternates) {
      const std::size_t open = rest.find('<');
      const std::size_t close = rest.find('>', std::min(open, rest.size()));
      if (close == std::string_view::npos) break;
      const std::string_view target = rest.substr(open + 1, close - open - 1);
      rest.remove_prefix(close + 1);
      if (is_alternate(take_parameters(rest))) found.emplace_back(target);
    }
  }
  return found;
}

bool has_content_type(const http::Fields& fields, std::string_view type) {
  const auto field = fields.find("Content-Type");
  return field && equal_ignoring_ascii_case(http::trimmed(field->substr(0, field->find(';'))), type);
}

}  // namespace padlock::acme
