#pragma once

#include <intel-ipsec-mb.h>

namespace padlock::crypto::ipsec_mb {

/// The manager whose direct calls all threads use: they are functions of their arguments alone. nullptr if the library
/// is not `usable()`. Never freed.
const IMB_MGR* direct_calls();

/// The calling thread's own manager, for jobs: 200 KB, made at the first call, freed with the thread.
IMB_MGR& job_manager();

/// A call that fails only if we misuse it: nothing that it would have encrypted may leave then.
void must(bool done);

}  // namespace padlock::crypto::ipsec_mb
