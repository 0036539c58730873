#pragma once

#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/client/fetch.h"
#include "padlock/explain/ladder.h"
#include "padlock/explain/trace.h"

namespace padlock::explain {

/// What the caller of the fetch knows beside the trace.
struct FetchStory {
  std::string url;                      ///< as it was asked for
  std::vector<std::string> told_names;  ///< whose addresses the user gave (--resolve): nobody was asked
  WallTime now{};                       ///< for the verdict's words
};

/// Makes the ladder of a fetch: the steps in their order with their bytes, what leaked, and how it ended. Works for
/// fetches that failed anywhere: then the steps up to there, and `stopped`.
Ladder make_ladder(const trace::Trace& trace, const client::FetchOutcome& outcome, const FetchStory& story);

}  // namespace padlock::explain
