#include "padlock/tls/record/protection.h"

#include <algorithm>
#include <cassert>

#include "padlock/tls/record/record_header.h"

namespace padlock::tls {

namespace {

constexpr std::size_t gcm_explicit_nonce_length = 8;  // RFC 5288, section 3

}  // namespace

RecordProtection::RecordProtection(CipherSuite suite, const TrafficSecret& secret, crypto::Provider& provider,
                                   std::uint64_t sequence)
    : sequence_(sequence), hides_type_(true), explicit_nonce_length_(0) {
  TrafficKeys keys = derive_traffic_keys(suite, secret);
  aead_ = provider.make_aead(aead_of(suite), keys.key.reveal());
  iv_ = std::move(keys.iv);
}

RecordProtection::RecordProtection(CipherSuite suite, TrafficKeys keys, crypto::Provider& provider,
                                   std::uint64_t sequence)
    : iv_(std::move(keys.iv)), sequence_(sequence), hides_type_(false), explicit_nonce_length_(0) {
  if (const auto cbc = cbc_of(suite)) {
    cbc_ = std::make_unique<CbcProtection>(*cbc, keys);
    return;
  }
  aead_ = provider.make_aead(aead_of(suite), keys.key.reveal());
  explicit_nonce_length_ = crypto::aead_nonce_length - iv_.size();
  assert(explicit_nonce_length_ == 0 || explicit_nonce_length_ == gcm_explicit_nonce_length);
}

void RecordProtection::rekey(CipherSuite suite, const TrafficSecret& secret) {
  assert(hides_type_);
  TrafficKeys keys = derive_traffic_keys(suite, secret);
  aead_->rekey(keys.key.reveal());
  iv_ = std::move(keys.iv);
  sequence_ = 0;
}

/// The IV and behind it what the record says of the nonce; without that, the IV with the record's number in it.
RecordProtection::Nonce RecordProtection::nonce(Bytes explicit_nonce) const {
  assert(!exhausted());
  Nonce nonce;
  const auto rest = copy_bytes(iv_.reveal(), nonce);
  if (!explicit_nonce.empty()) {
    copy_bytes(explicit_nonce, rest);
    return nonce;
  }
  std::uint64_t number = sequence_;
  for (auto byte = nonce.rbegin(); number != 0; ++byte, number >>= 8) *byte ^= static_cast<std::uint8_t>(number);
  return nonce;
}

std::optional<std::span<std::uint8_t>> RecordProtection::open(Bytes header, std::span<std::uint8_t> fragment) {
  if (cbc_) return cbc_->open(sequence_++, header, fragment);
  const std::size_t around = explicit_nonce_length_ + crypto::aead_tag_length;
  if (fragment.size() < around) {
    ++sequence_;
    wipe(fragment);
    return std::nullopt;
  }
  const auto sealed = fragment.subspan(explicit_nonce_length_);
  const auto content = sealed.first(sealed.size() - crypto::aead_tag_length);
  const Nonce number = nonce(fragment.first(explicit_nonce_length_));
  const bool good = hides_type_ ? aead_->open(number, header, sealed)
                                : aead_->open(number, numbered_header(sequence_, header, content.size()), sealed);
  ++sequence_;
  return good ? std::optional(content) : std::nullopt;
}

void RecordProtection::seal(Bytes header, std::span<const Bytes> pieces, std::span<std::uint8_t> fragment) {
  if (cbc_) return cbc_->seal(sequence_++, header, pieces, fragment);
  const auto sealed = fragment.subspan(explicit_nonce_length_);
  if (hides_type_) {
    aead_->seal(nonce({}), header, pieces, sealed);
  } else {
    // The part of the nonce that is said is the record's number: never twice under a key (docs/threats.md, T19).
    const auto number = big_endian(sequence_);
    const Bytes said = std::span(number).first(explicit_nonce_length_);
    copy_bytes(said, fragment);
    aead_->seal(nonce(said), numbered_header(sequence_, header, sealed.size() - crypto::aead_tag_length), pieces,
                sealed);
  }
  ++sequence_;
}

}  // namespace padlock::tls
