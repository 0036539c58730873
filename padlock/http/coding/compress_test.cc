#include "padlock/http/coding/compress.h"

#define ZLIB_CONST  // next_in points to what nobody changes
#include <brotli/decode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <string>

namespace padlock::http {
namespace {

using Content = std::vector<std::uint8_t>;

Content decompress(ContentCoding coding, Bytes compressed, std::size_t size) {
  Content content(size + 1);
  std::size_t length = content.size();
  if (coding == ContentCoding::br) {
    if (BrotliDecoderDecompress(compressed.size(), compressed.data(), &length, content.data()) !=
        BROTLI_DECODER_RESULT_SUCCESS)
      return {};
  } else if (coding == ContentCoding::zstd) {
    length = ZSTD_decompress(content.data(), content.size(), compressed.data(), compressed.size());
    if (ZSTD_isError(length) != 0) return {};
  } else {
    z_stream stream{};
    constexpr int gzip_format = 16;
    stream.next_in = compressed.data();
    stream.avail_in = static_cast<uInt>(compressed.size());
    stream.next_out = content.data();
    stream.avail_out = static_cast<uInt>(content.size());
    const bool whole = inflateInit2(&stream, MAX_WBITS + gzip_format) == Z_OK &&
                       inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0;
    length = whole ? content.size() - stream.avail_out : 0;
    inflateEnd(&stream);
  }
  content.resize(length);
  return content;
}

Content text_of(std::size_t size) {
  std::string text;
  for (int line = 0; text.size() < size; ++line) text += "<p class=\"line\">" + std::to_string(line * 7919) + "</p>\n";
  text.resize(size);
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

TEST(Compress, ReadsBackWhateverTheCoding) {
  for (const ContentCoding coding : shortening_codings) {
    for (const std::size_t size : {0U, 1U, 1000U, 100'000U, 1'000'000U}) {
      const Content content = text_of(size);
      const Content compressed = compress(coding, content);
      ASSERT_FALSE(compressed.empty());
      EXPECT_EQ(decompress(coding, compressed, size), content) << name_of(coding) << " " << size;
      EXPECT_TRUE(size < 1000 || compressed.size() < size / 2) << name_of(coding) << " " << size;
    }
  }
  EXPECT_TRUE(compress(ContentCoding::identity, text_of(10)).empty());
}

TEST(Compress, GivesTheSameBytesEachTime) {  // a strong entity tag says so
  for (const ContentCoding coding : shortening_codings)
    EXPECT_EQ(compress(coding, text_of(50'000)), compress(coding, text_of(50'000))) << name_of(coding);
}

}  // namespace
}  // namespace padlock::http
