#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "padlock/acme/objects.h"
#include "padlock/base/result.h"
#include "padlock/certs/acme_settings.h"
#include "padlock/client/assessment.h"
#include "padlock/crypto/provider.h"
#include "padlock/net/address.h"
#include "padlock/server/config/config.h"

// What must be so before a CA is asked for a certificate, looked at one by one. Each look gives checks: what is there,
// and for a fault what to do.

namespace padlock::cli {

using client::Grade;

/// One thing that was looked at.
struct Check {
  std::string name;  ///< "store", "ca", "clock", "dns", "caa", "persist", "port 80", "port 443", "try"
  Grade verdict;
  std::string text;      ///< what is there
  std::string advice{};  ///< what to do; empty where nothing is wrong
};

/// What is looked at.
struct DoctorWish {
  std::string name;                                ///< a host name, perhaps with `*.` in front, or an address
  server::Config config;                           ///< of the server that shall have the certificate
  std::vector<net::Endpoint> name_servers;         ///< who is asked, in order
  std::uint16_t http_port = 80, https_port = 443;  ///< where a CA looks
  bool try_order = false;
  std::string staging{};  ///< the directory for that; empty: known for the large CAs
};

/// The CA's directory as it is now, for looks that need it.
struct LookedUpCa {
  acme::Directory directory;
  std::string name;  ///< "acme-v02.api.letsencrypt.org"
};

/// "store": the state folder is ours alone, can be written, and has room; what lies in it is readable and whole.
std::vector<Check> look_at_store(const std::filesystem::path& state);
/// "ca": the directory answers, and what it wants of an account; "clock": this machine's, by the CA's Date.
std::vector<Check> look_at_ca(const certs::AcmeSettings& settings, std::optional<LookedUpCa>& ca);
/// "dns": where the name leads, by our own question to a name server. `addresses`: what was found; nothing: no name
/// server answers.
std::vector<Check> look_at_addresses(const DoctorWish& wish, crypto::Provider& provider,
                                     std::optional<std::vector<net::IpAddress>>& addresses);
/// "caa": whether the name's CAA records allow this CA (RFC 8659); null: whom they allow.
std::vector<Check> look_at_caa(const DoctorWish& wish, const LookedUpCa* ca, crypto::Provider& provider);
/// "persist": whether the record is there that proves the name by dns-persist-01, where the configuration wants that.
std::vector<Check> look_at_persistent_record(const DoctorWish& wish, const LookedUpCa* ca,
                                             const std::filesystem::path& state, crypto::Provider& provider);
/// "port 80", "port 443": whether who connects to the name from here comes to this machine. A listener of ours answers
/// with a random token, or a running server shows it when its administration is asked.
std::vector<Check> look_at_ports(const DoctorWish& wish, const std::vector<net::IpAddress>& addresses,
                                 crypto::Provider& provider);
/// "try": an order at the CA's staging directory, whose certificate is dropped.
std::vector<Check> try_order(const DoctorWish& wish, const std::filesystem::path& state, crypto::Provider& provider);

/// All of them, in this order.
std::vector<Check> examine(const DoctorWish& wish);

/// `serve --dry-run`: the same for each name of a configuration that a CA certifies. `dns`: of the name server that is
/// asked; empty: the system's. The exit code: fine, findings, usage.
int dry_run(const server::Config& config, const std::string& dns);

}  // namespace padlock::cli
