#include "padlock/certs/local_issuer.h"

#include "padlock/ca/local_ca.h"
#include "padlock/der/pem.h"
#include "padlock/net/clock.h"

namespace padlock::certs {

net::Awaitable<Result<CertificateEntry>> LocalCaIssuer::issue(const IssueRequest& request) {
  co_return issue_now(request);
}

Result<CertificateEntry> LocalCaIssuer::issue_now(const IssueRequest& request) {
  const WallTime now = net::now().wall;
  auto authority = PADLOCK_TRY(ca::LocalCa::open_or_create(directory_, *provider_, now));
  const auto made = PADLOCK_TRY(authority.hand_out(request.names, now));
  return CertificateEntry{.chain_pem = der::write_pem("CERTIFICATE", made.leaf->der) +
                                       der::write_pem("CERTIFICATE", made.intermediate->der),
                          .key_pem = der::write_secret_pem("PRIVATE KEY", made.pkcs8.reveal()),
                          .issuer = ca(),
                          .profile = request.profile,
                          .ari_id = {},
                          .obtained = now,
                          .names = request.names};
}

}  // namespace padlock::certs
