#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/result.h"

namespace padlock::certs {

/// What is stored: certificates with their keys, accounts at CAs, and how far an order and its retries are; in a fleet
/// also answers to challenges while they are pending, services of its hosts, and what tickets are sealed with.
enum class Kind : std::uint8_t { certificate, account, order, challenge, service, ticket };

/// What a stored value is bound to.
struct StoreKey {
  Kind kind = Kind::certificate;
  std::string ca;    ///< "local", "acme-v02.api.letsencrypt.org"
  std::string name;  ///< "shop.example.com", "*.example.com", "192.0.2.1", in lower case
  friend bool operator==(const StoreKey&, const StoreKey&) = default;
};

/// "certs/local/shop.test": for messages, and what a value is bound to.
std::string to_string(const StoreKey& key);

/// The folder of all values of a kind: "certs", "accounts", "orders", "challenges", "services", "tickets".
std::string_view folder_of(Kind kind);

/// Where a value lies below the state folder: "certs/local/_wildcard.example.com". Error: `rules::malformed_key`.
Result<std::filesystem::path> folder_of(const StoreKey& key);

/// The name that a folder stands for; nothing: it is none of ours.
std::optional<std::string> name_of_folder(std::string_view folder);

}  // namespace padlock::certs
