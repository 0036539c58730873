#pragma once

#include <vector>

#include "bench/harness.h"
#include "bench/tls/pki.h"

namespace padlock::bench {

/// Verifiers of other languages: Go's crypto/x509, and rustls-webpki with aws-lc-rs.
enum class ProcessPeer { go, webpki };

/// Adds one that judges the same chain in a process of its own (bench/peers). Nothing where it was not built, which is
/// said once.
void add_process_peer(std::vector<Contender>& all, ProcessPeer peer, const Pki& pki);

}  // namespace padlock::bench
