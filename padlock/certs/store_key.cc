#include "padlock/certs/store_key.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/ca/names.h"
#include "padlock/certs/limits.h"
#include "padlock/certs/rules.h"
#include "padlock/x509/certificate.h"
#include "padlock/x509/host_name.h"

namespace padlock::certs {
namespace {

/// It becomes a folder's name, so it neither begins with a dot nor leads elsewhere.
bool is_ca_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= max_ca_name && !text.starts_with('.') && std::ranges::all_of(text, allowed);
}

/// One spelling each, so that one name has one folder.
bool is_canonical_name(std::string_view text) {
  if (const auto address = x509::parse_ip_address(text)) return x509::to_string(*address) == text;
  return to_lower_ascii(text) == text && (x509::is_host_name(text) || x509::is_presented_name(text));
}

}  // namespace

std::string_view folder_of(Kind kind) {
  switch (kind) {
    case Kind::account: return "accounts";
    case Kind::order: return "orders";
    case Kind::challenge: return "challenges";
    case Kind::service: return "services";
    case Kind::ticket: return "tickets";
    case Kind::certificate: break;
  }
  return "certs";
}

std::string to_string(const StoreKey& key) {
  return std::string(folder_of(key.kind)) + "/" + escaped(key.ca) + "/" + escaped(key.name);
}

Result<std::filesystem::path> folder_of(const StoreKey& key) {
  if (!is_ca_name(key.ca) || !is_canonical_name(key.name))
    return broken(rules::malformed_key, "nothing can be stored as " + to_string(key));
  return std::filesystem::path(folder_of(key.kind)) / key.ca / ca::file_name_of(key.name);
}

std::optional<std::string> name_of_folder(std::string_view folder) {
  constexpr std::string_view wildcard = "_wildcard";
  std::string name(folder);
  if (folder.starts_with(wildcard)) name = "*" + name.substr(wildcard.size());
  std::ranges::replace(name, '_', ':');  // no host name has one
  return is_canonical_name(name) ? std::optional(std::move(name)) : std::nullopt;
}

}  // namespace padlock::certs
