#include "padlock/tls/record/protection.h"

#include <algorithm>
#include <cassert>

namespace padlock::tls {

RecordProtection::RecordProtection(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider,
                                   std::uint64_t sequence)
    : sequence_(sequence) {
  TrafficKeys keys = derive_traffic_keys(suite, secret);
  aead_ = provider.make_aead(aead_of(suite), keys.key.reveal());
  iv_ = std::move(keys.iv);
}

void RecordProtection::rekey(CipherSuite suite, const TrafficSecret& secret) {
  TrafficKeys keys = derive_traffic_keys(suite, secret);
  aead_->rekey(keys.key.reveal());
  iv_ = std::move(keys.iv);
  sequence_ = 0;
}

std::array<std::uint8_t, crypto::aead_nonce_length> RecordProtection::next_nonce() {
  assert(!exhausted());
  std::array<std::uint8_t, crypto::aead_nonce_length> nonce;
  copy_bytes(iv_.reveal(), nonce);
  std::uint64_t number = sequence_++;
  for (auto byte = nonce.rbegin(); number != 0; ++byte, number >>= 8) *byte ^= static_cast<std::uint8_t>(number);
  return nonce;
}

bool RecordProtection::open(Bytes header, std::span<std::uint8_t> fragment) {
  return aead_->open(next_nonce(), header, fragment);
}

void RecordProtection::seal(Bytes header, std::span<const Bytes> pieces, std::span<std::uint8_t> out) {
  aead_->seal(next_nonce(), header, pieces, out);
}

}  // namespace padlock::tls
