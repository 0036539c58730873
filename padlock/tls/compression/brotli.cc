#include <brotli/decode.h>
#include <brotli/encode.h>

#include <cstdlib>
#include <memory>

#include "padlock/tls/compression/certificate_compression.h"
#include "padlock/tls/limits.h"

namespace padlock::tls {

namespace {

std::vector<std::uint8_t> compress(Bytes certificate) {
  constexpr int quality = 10;      // 11 takes three times as long, for a few bytes of a thousand
  constexpr int window_bits = 16;  // as long as a Certificate can be
  std::size_t length = BrotliEncoderMaxCompressedSize(certificate.size());
  std::vector<std::uint8_t> compressed(length);
  const auto outcome = BrotliEncoderCompress(quality, window_bits, BROTLI_MODE_GENERIC, certificate.size(),
                                             certificate.data(), &length, compressed.data());
  compressed.resize(outcome == BROTLI_TRUE ? length : 0);
  return compressed;
}

/// What one decoder has asked for in its life; what it gives back does not count.
struct Memory {
  std::size_t asked = 0;
};

// A stream says how large its window, its blocks and its prefix codes are: up to 16 MiB, where an honest one of a
// certificate needs a few dozen KiB. Without memory the decoder fails.
// NOLINTBEGIN(cppcoreguidelines-owning-memory): the decoder's allocator
void* allocate(void* memory, std::size_t size) {
  std::size_t& asked = static_cast<Memory*>(memory)->asked;
  if (size > limits::decompression_memory - asked) return nullptr;
  asked += size;
  return std::malloc(size);
}
void release(void*, void* block) { std::free(block); }
// NOLINTEND(cppcoreguidelines-owning-memory)

bool decompress(Bytes compressed, std::span<std::uint8_t> certificate) {
  Memory memory;
  const std::unique_ptr<BrotliDecoderState, void (*)(BrotliDecoderState*)> decoder(
      BrotliDecoderCreateInstance(allocate, release, &memory), BrotliDecoderDestroyInstance);
  if (decoder == nullptr) return false;
  std::size_t unread = compressed.size();
  const std::uint8_t* next_in = compressed.data();
  std::size_t unfilled = certificate.size();
  std::uint8_t* next_out = certificate.data();
  const auto outcome = BrotliDecoderDecompressStream(decoder.get(), &unread, &next_in, &unfilled, &next_out, nullptr);
  return outcome == BROTLI_DECODER_RESULT_SUCCESS && unread == 0 && unfilled == 0;
}

}  // namespace

const CertificateCompression brotli_compression{CertificateCompressionAlgorithm::brotli, compress, decompress};

}  // namespace padlock::tls
