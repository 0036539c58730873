#pragma once

#include <vector>

#include "conformance/bogo/options.h"
#include "padlock/tls/compression/certificate_compression.h"

namespace padlock::bogo {

/// How certificates are compressed: by the runner's own algorithms where its flags ask for them, else not at all, as
/// BoringSSL does.
std::vector<tls::CertificateCompression> certificate_compression(const Options& options);

}  // namespace padlock::bogo
