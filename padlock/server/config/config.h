#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/certs/acme_settings.h"
#include "padlock/certs/event_settings.h"
#include "padlock/certs/redis_settings.h"
#include "padlock/net/address.h"
#include "padlock/net/address_range.h"
#include "padlock/server/client_authority.h"
#include "padlock/server/limits.h"
#include "padlock/server/load.h"
#include "padlock/server/log.h"
#include "padlock/server/route/route_config.h"
#include "padlock/server/timers.h"
#include "padlock/tls/types.h"

namespace padlock::server {

/// A certificate chain and its private key in PEM files.
struct CertificateFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
  friend bool operator==(const CertificateFiles&, const CertificateFiles&) = default;
};

/// A site: its names, and what is found there.
struct SiteConfig : RouteConfig {
  /// Host names, "*." names, addresses; the one of its table first. None: all that its certificates hold.
  std::vector<std::string> names;
  std::vector<CertificateFiles> files;  ///< best first; none: a certificate is made
  std::optional<tls::Policy> policy{};  ///< none: the server's
  bool acme = false;                    ///< without files: by the CA of [acme], not by the local one
  bool staple = true;  ///< OCSP responses for certificates that name a responder are fetched and shown to clients
  std::optional<ClientCertificatesConfig> clients{};  ///< what clients must show; none: nothing
  std::vector<PathConfig> paths;                      ///< parts of it with content and options of their own
  std::string service{};                              ///< of a host: its name there; empty: it is none
  std::string place{};                                ///< where it is configured, "padlock.toml:7"
};
/// Whether they are the same site but for their place.
bool same_site(const SiteConfig& a, const SiteConfig& b);

/// What becomes of the line of each request.
struct RequestLogConfig {
  enum class To : std::uint8_t { nowhere, standard_error, file };
  To to = To::standard_error;
  std::filesystem::path file{};
  RequestFormat format = RequestFormat::plain;
  friend bool operator==(const RequestLogConfig&, const RequestLogConfig&) = default;
};

/// How a running server is looked at and told what to do (docs/guide/operation.md).
struct AdminConfig {
  enum class Socket : std::uint8_t { in_its_usual_place, file, off };
  Socket socket = Socket::in_its_usual_place;
  std::filesystem::path file{};
  std::optional<std::string> group{};     ///< whose members may use the socket too
  std::optional<net::Endpoint> listen{};  ///< a loopback address for /metrics and /healthz; nothing: none
  friend bool operator==(const AdminConfig&, const AdminConfig&) = default;
};

/// What a server is to do, as its files say it.
struct Config {
  std::vector<net::IpAddress> listen;       ///< empty: on all addresses
  bool skip_unavailable_addresses = false;  ///< one that this host does not have is no error if another is there
  std::uint16_t https_port = 443;
  std::uint16_t http_port = 80;
  std::size_t workers = 0;  ///< 0: one per core
  tls::Policy policy = tls::Policy::intermediate;
  bool early_data = false;              ///< safe requests are answered before the handshake is complete (0-RTT)
  std::optional<std::string> fallback;  ///< whose certificate clients see that name no server
  std::optional<std::size_t> connections;
  std::optional<std::size_t> connections_per_address;
  LoadLimits load{.memory = default_memory_cap()};
  std::size_t file_cache = limits::file_cache_bytes;  ///< bytes of memory for files that are asked for often
  Timers timers;
  RequestLogConfig log;
  AdminConfig admin;
  std::optional<certs::AcmeSettings> acme{};       ///< who certifies public names; nothing: the local CA alone
  std::optional<certs::RedisSettings> store{};     ///< what a fleet shares; nothing: this server is alone
  std::optional<certs::EventSettings> on_event{};  ///< who is told of certificates; nothing: nobody
  std::optional<std::string> user;                 ///< whom clients are served as; nothing: who starts it
  /// Below which services get their names while it runs (`padlock host add`); nothing: there are none.
  std::optional<std::string> domain;
  std::vector<CertificateFiles> domain_files;      ///< of services that name none; none: certificates are made
  std::vector<net::AddressRange> trusted_proxies;  ///< whose word about a client's address is taken
  std::vector<SiteConfig> sites;
};

}  // namespace padlock::server
