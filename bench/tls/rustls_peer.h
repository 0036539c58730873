#pragma once

#include <cstddef>
#include <vector>

#include "bench/harness.h"
#include "bench/tls/end.h"

namespace padlock::bench {

enum class RustlsWork { server, client, send, receive };

/// Adds rustls with aws-lc-rs on both ends, in a process of its own (bench/peers/rustls) that measures the same steps.
/// Nothing where it was not built, which is said once. `size`: of the data that records carry.
void add_rustls(std::vector<Contender>& all, RustlsWork work, const Negotiation& negotiation, std::size_t size = 0);

}  // namespace padlock::bench
