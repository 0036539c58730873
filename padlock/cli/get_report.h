#pragma once

#include <string>

#include "padlock/client/fetch.h"

namespace padlock::cli {

/// `get --json`: what came of the fetch, as one line of JSON (docs/guide/get.md names its members).
std::string report_as_json(const client::FetchOutcome& outcome);

}  // namespace padlock::cli
