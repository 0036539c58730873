#include "padlock/crypto/ipsec_mb/manager.h"

#include <cstdlib>
#include <memory>

#include "padlock/crypto/ipsec_mb/aead.h"

namespace padlock::crypto::ipsec_mb {
namespace {

struct Freed {
  void operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }
};
using Manager = std::unique_ptr<IMB_MGR, Freed>;

/// The AVX-512 condition is for safety too: with AVX2 alone, version 1.3 reads ChaCha keys past their end.
constexpr std::uint64_t wanted = IMB_FEATURE_SELF_TEST_PASS | IMB_FEATURE_SAFE_DATA | IMB_FEATURE_AVX512_SKX |
                                 IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ;

/// A manager that passed its self-test, or null.
Manager make_manager() {
  Manager manager(alloc_mb_mgr(0));
  if (manager == nullptr || (manager->features & (IMB_FEATURE_AVX512_SKX)) != IMB_FEATURE_AVX512_SKX) return nullptr;
  init_mb_mgr_avx512(manager.get());  // runs the self-test
  if (imb_get_errno(manager.get()) != 0 || (manager->features & wanted) != wanted) return nullptr;
  return manager;
}

}  // namespace

const IMB_MGR* direct_calls() {
  static const IMB_MGR* const manager = make_manager().release();
  return manager;
}

IMB_MGR& job_manager() {
  thread_local const Manager manager = make_manager();
  must(manager != nullptr);
  return *manager;
}

void must(bool done) {
  if (!done) std::abort();
}

bool usable() { return direct_calls() != nullptr; }
std::string version() { return imb_get_version_str(); }

}  // namespace padlock::crypto::ipsec_mb
