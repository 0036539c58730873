#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "padlock/server/site.h"
#include "padlock/tls/config.h"
#include "padlock/x509/certificate.h"

namespace padlock::server {

/// How a worker speaks TLS: as the server does, and as sites want it that have a policy of their own. A session goes on
/// under the policy of its name alone: what a weak site has agreed on is nothing to a strict one.
class TlsConfigs {
 public:
  TlsConfigs() = default;
  /// `common`: all but the policies of sites.
  TlsConfigs(const std::shared_ptr<tls::ServerConfig>& common, std::shared_ptr<const Sites> sites);

  const std::shared_ptr<const tls::ServerConfig>& common() const { return common_; }
  /// For a connection to this address: what holds if its client names no server, and knows what holds if it does.
  const std::shared_ptr<const tls::ServerConfig>& for_address(const x509::IpAddress& local) const;

 private:
  std::shared_ptr<const Sites> sites_;
  std::shared_ptr<const tls::ServerConfig> common_;
  std::array<std::shared_ptr<const tls::ServerConfig>, 3> by_policy_;  ///< none where no site has a policy of its own
};

}  // namespace padlock::server
