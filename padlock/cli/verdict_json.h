#pragma once

#include <nlohmann/json_fwd.hpp>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/client/verdict.h"
#include "padlock/x509/certificate.h"

// Values of the library as JSON, for every command with --json (docs/guide/check.md). Texts are ASCII.

namespace padlock::cli {

using Json = nlohmann::ordered_json;

/// code, what, rule, next.
Json to_json(const Error& error);
/// All that a certificate says.
Json to_json(const x509::Certificate& certificate);
/// Whether the chain is trusted, every path that was tried with its faults, and what could not be read.
Json to_json(const x509::Verdict& verdict);
/// How safe a connection is: what was negotiated, the chain as sent, the verdict on it.
Json to_json(const client::SecurityVerdict& security);

/// One line, or indented by two.
std::string dump(const Json& json, bool indented);

}  // namespace padlock::cli
