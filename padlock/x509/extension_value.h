#pragma once

#include <optional>

#include "padlock/x509/certificate.h"

namespace padlock::x509 {

/// The content of extnValue of one of a certificate's extensions, for who knows what it means although paths do not
/// (RFC 5280, section 4.2): a view into the certificate. Nothing: it has none such.
std::optional<Bytes> find_extension_value(const Certificate& certificate, const der::Oid& oid);

}  // namespace padlock::x509
