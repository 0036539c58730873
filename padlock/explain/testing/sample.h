#pragma once

#include "padlock/explain/ladder.h"

namespace padlock::explain::testing {

/// A short ladder that has one of everything: for tests of the views.
Ladder sample_ladder();

}  // namespace padlock::explain::testing
