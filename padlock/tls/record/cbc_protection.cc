#include "padlock/tls/record/cbc_protection.h"

#include <algorithm>
#include <cassert>

#include "padlock/base/memcheck.h"
#include "padlock/crypto/constant_time.h"
#include "padlock/crypto/hidden_length.h"
#include "padlock/tls/record/record_header.h"

namespace padlock::tls {
namespace {

using crypto::aes_block_length;
using crypto::Mask;

constexpr std::size_t longest_padding = 256;  // with the byte that says how long it is

std::size_t padded(std::size_t length) { return (length / aes_block_length + 1) * aes_block_length; }

/// The padding that fills `place`: each of its bytes says how many come before the last one.
void write_padding(std::span<std::uint8_t> place) {
  std::ranges::fill(place, static_cast<std::uint8_t>(place.size() - 1));
}

/// An IV that nobody can foresee (RFC 5246, section 6.2.3.2), and that comes twice under no key: a pseudorandom
/// function of the record's number. The MAC's key serves, as what is hashed here is shorter than anything that it
/// authenticates.
crypto::Digest iv_of(const crypto::Hmac& key, std::uint64_t sequence) { return key.mac(big_endian(sequence)); }

/// The padding of a plaintext that ends with it and a MAC: its length with its last byte, 1 if it is malformed, as RFC
/// 5246, section 6.2.3.2 has it. Looks at as many bytes whatever they say.
struct Padding {
  Mask good;
  std::size_t length;
};
Padding read_padding(Bytes plaintext, std::size_t mac_length) {
  const std::size_t said = plaintext.back();
  Mask good = crypto::mask_less(said + mac_length, plaintext.size());
  const std::size_t looked_at = std::min(longest_padding, plaintext.size());
  std::size_t wrong = 0;
  for (std::size_t at = 0; at < looked_at; ++at) {
    const Mask inside = crypto::mask_less(at, said + 1);
    wrong |= (plaintext[plaintext.size() - 1 - at] ^ said) & inside;
  }
  good &= crypto::mask_equal(wrong, 0);
  return {good, crypto::select(good, said, 0) + 1};
}

/// The MAC at the secret place `length` of `plaintext`, which is `least` at least.
crypto::Digest read_mac(Bytes plaintext, std::size_t length, std::size_t least, std::size_t mac_length) {
  Wiped<std::array<std::uint8_t, longest_padding + crypto::max_hash_length>> room;
  const Bytes window = plaintext.subspan(least);
  copy_bytes(window, room);
  crypto::shift_left(std::span(room).first(window.size()), length - least);
  return crypto::Digest(Bytes(room).first(mac_length));
}

}  // namespace

CbcProtection::CbcProtection(CbcCipher cipher, const TrafficKeys& keys)
    : cipher_(keys.key.reveal()), mac_(cipher.mac, keys.mac_key.reveal()), encrypt_then_mac_(keys.encrypt_then_mac) {}

std::size_t CbcProtection::fragment_length(std::size_t content) const {
  if (encrypt_then_mac_) return aes_block_length + padded(content) + mac_length();
  return aes_block_length + padded(content + mac_length());
}

void CbcProtection::seal(std::uint64_t sequence, Bytes header, std::span<const Bytes> pieces,
                         std::span<std::uint8_t> fragment) {
  const auto iv = fragment.first(aes_block_length);
  copy_bytes(iv_of(mac_, sequence).bytes().first(aes_block_length), iv);
  auto rest = fragment.subspan(aes_block_length);
  std::size_t length = 0;
  for (const Bytes piece : pieces) {
    if (piece.data() != rest.data()) copy_bytes(piece, rest);
    rest = rest.subspan(piece.size());
    length += piece.size();
  }
  if (encrypt_then_mac_) {
    const auto sent = fragment.first(fragment.size() - mac_length());
    write_padding(rest.first(rest.size() - mac_length()));
    cipher_.encrypt(iv, sent.subspan(aes_block_length));
    const auto mac_over = numbered_header(sequence, header, sent.size());
    copy_bytes(mac_.mac(std::array{Bytes(mac_over), Bytes(sent)}), fragment.last(mac_length()));
    return;
  }
  const auto mac_over = numbered_header(sequence, header, length);
  const Bytes content = fragment.subspan(aes_block_length, length);
  write_padding(copy_bytes(mac_.mac(std::array{Bytes(mac_over), content}), rest));
  cipher_.encrypt(iv, fragment.subspan(aes_block_length));
}

std::optional<std::span<std::uint8_t>> CbcProtection::open_mac_then_encrypt(std::uint64_t sequence, Bytes header,
                                                                            std::span<std::uint8_t> plaintext) const {
  const Padding padding = read_padding(plaintext, mac_length());
  const std::size_t most = plaintext.size() - mac_length() - 1;
  std::size_t length = most - (padding.length - 1);
  const std::size_t least = most - std::min(most, longest_padding - 1);
  const auto mac_over = numbered_header(sequence, header, length);
  const crypto::Digest expected = crypto::mac_of_hidden_length(
      mac_, {.head = mac_over, .data = plaintext.first(most), .least = least, .length = length});
  const crypto::Digest mac = read_mac(plaintext, length, least, mac_length());
  std::size_t different = ~padding.good;
  for (std::size_t at = 0; at < mac_length(); ++at) different |= std::size_t{expected.bytes()[at]} ^ mac.bytes()[at];
  // From here on everybody may know whether the record was good, and then how long it is.
  Mask good = crypto::mask_equal(different, 0);
  length &= good;
  mark_public(good);
  mark_public(length);
  if (good == 0) return std::nullopt;
  return plaintext.first(length);
}

std::optional<std::span<std::uint8_t>> CbcProtection::open(std::uint64_t sequence, Bytes header,
                                                           std::span<std::uint8_t> fragment) {
  const std::size_t outside = aes_block_length + (encrypt_then_mac_ ? mac_length() : 0);
  const std::size_t least = encrypt_then_mac_ ? aes_block_length : padded(mac_length());
  const auto opened = [&]() -> std::optional<std::span<std::uint8_t>> {
    if (fragment.size() < outside + least || (fragment.size() - outside) % aes_block_length != 0) return std::nullopt;
    const auto iv = fragment.first(aes_block_length);
    const auto text = fragment.subspan(aes_block_length, fragment.size() - outside);
    if (!encrypt_then_mac_) {
      cipher_.decrypt(iv, text);
      return open_mac_then_encrypt(sequence, header, text);
    }
    const auto sent = fragment.first(fragment.size() - mac_length());
    const auto mac_over = numbered_header(sequence, header, sent.size());
    const auto mac = mac_.mac(std::array{Bytes(mac_over), Bytes(sent)});
    if (!equal_constant_time(mac, fragment.last(mac_length()))) return std::nullopt;
    cipher_.decrypt(iv, text);
    Padding padding = read_padding(text, 0);
    mark_public(padding.good);  // it is the peer's own, as its MAC says
    mark_public(padding.length);
    return padding.good == 0 ? std::nullopt : std::optional(text.first(text.size() - padding.length));
  }();
  if (!opened) wipe(fragment);
  return opened;
}

}  // namespace padlock::tls
