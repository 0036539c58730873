#pragma once

#include <string>
#include <vector>

#include "padlock/base/result.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/certification_request.h"

namespace padlock::ca {

/// The names that a certification request asks for, once it has proved that it has the key (docs/threats.md, A13).
/// Only names are granted; all else is this CA's to say. What a server's certificate can never have is refused, not
/// passed over: who asks for it would think that he got it.
/// Errors: `rules::request_for_a_ca`, `rules::request_for_other_names`, `rules::request_critical_extension`, those of
/// `x509::verify_request`. Whether the CA may certify the names is asked of `alternative_names`.
Result<std::vector<std::string>> names_of_request(const x509::CertificationRequest& request,
                                                  crypto::Provider& provider);

}  // namespace padlock::ca
