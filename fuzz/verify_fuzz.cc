// A whole verification: the input brings the chain, the roots, a staple and lists. Whatever it says, the verdict comes
// within the budgets and 200 ms of CPU time, and a trusted one has a path without a fault that ends at a root.
#include <time.h>  // clock_gettime is POSIX's, not <ctime>'s

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

#include "padlock/base/reader.h"
#include "padlock/base/unsafe.h"
#include "padlock/crypto/provider.h"
#include "padlock/x509/revocation.h"
#include "padlock/x509/verify.h"

namespace {

using padlock::Bytes;
namespace x509 = padlock::x509;

/// What the input says: a byte of choices, then pieces with a length of two bytes each. A piece that is a self-issued
/// certificate is a root, one that is a revocation list is evidence, any other a certificate of the chain.
struct Scene {
  std::uint8_t choices = 0;
  x509::TrustStore roots;
  std::vector<std::vector<std::uint8_t>> chain;
  x509::RevocationEvidence evidence;
};

void add(Scene& scene, Bytes piece) {
  if (auto certificate = x509::parse_certificate(piece); certificate && (*certificate)->self_issued())
    return scene.roots.add(*certificate, x509::TrustSource::system_bundle);
  if (auto list = x509::parse_certificate_list(piece)) return scene.evidence.lists.push_back(*list);
  if (x509::parse_ocsp_response(piece)) {
    scene.evidence.staple.assign(piece.begin(), piece.end());
    return;
  }
  scene.chain.emplace_back(piece.begin(), piece.end());
}

Scene read_scene(Bytes input) {
  Scene scene;
  padlock::Reader in(input, "scene");
  scene.choices = in.u8("choices").value_or(0);
  while (!in.empty()) {
    auto piece = in.vec16("piece", 0, 0xffff);
    if (!piece) break;
    add(scene, piece->rest());
  }
  return scene;
}

std::chrono::nanoseconds cpu_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

x509::Verdict judge(Scene& scene, padlock::crypto::Provider& provider) {
  constexpr auto day = std::chrono::sys_days(std::chrono::year(2026) / 3 / 4);
  return x509::verify_chain(
      {.chain = scene.chain,
       .server_name = (scene.choices & 1) != 0 ? "example.test" : "",
       .purpose = (scene.choices & 2) != 0 ? x509::Purpose::client_auth : x509::Purpose::server_auth,
       .now = day,
       .policies = {.explicit_policy = (scene.choices & 4) != 0},
       .revocation = static_cast<x509::RevocationMode>((scene.choices >> 3) % 3),
       .evidence = &scene.evidence},
      scene.roots, provider);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::unique_ptr<padlock::crypto::Provider> provider = padlock::crypto::make_provider();
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  Scene scene = read_scene(input);
  const auto before = cpu_time();
  const x509::Verdict verdict = judge(scene, *provider);
  if (cpu_time() - before > std::chrono::milliseconds(200)) std::abort();
  const bool sound = verdict.trusted ? verdict.good_path()->faults.empty() && verdict.good_path()->anchor.has_value()
                                     : verdict.error.has_value();
  if (!sound) std::abort();
  static_cast<void>(x509::explain_verdict(verdict, "example.test", {}));
  return 0;
}
