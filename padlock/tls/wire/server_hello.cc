#include "padlock/tls/wire/server_hello.h"

#include <algorithm>
#include <span>

#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

Result<bool> parse_extension(ServerHello& hello, ExtensionType type, Reader& data) {
  switch (type) {
    case ExtensionType::supported_versions:
      hello.supported_versions = PADLOCK_TRY(parse_code_point<ProtocolVersion>(data, "selected_version"));
      return true;
    case ExtensionType::key_share: hello.key_share = PADLOCK_TRY(parse_key_share_entry(data)); return true;
    default: return false;
  }
}

Result<bool> parse_extension(HelloRetryRequest& request, ExtensionType type, Reader& data) {
  switch (type) {
    case ExtensionType::supported_versions:
      request.supported_versions = PADLOCK_TRY(parse_code_point<ProtocolVersion>(data, "selected_version"));
      return true;
    case ExtensionType::cookie:
      request.cookie = PADLOCK_TRY(copy_of(data.vec16("cookie", 1), std::pmr::get_default_resource()));
      return true;
    case ExtensionType::key_share:
      request.key_share = PADLOCK_TRY(parse_code_point<NamedGroup>(data, "selected_group"));
      return true;
    default: return false;
  }
}

/// What follows the random; the same fields in both messages.
template <class Hello>
Result<Hello> parse_after_random(Reader& in, Hello hello) {
  hello.legacy_session_id_echo =
      PADLOCK_TRY(copy_of(in.vec8("legacy_session_id_echo", 0, 32), std::pmr::get_default_resource()));
  hello.cipher_suite = PADLOCK_TRY(parse_code_point<CipherSuite>(in, "cipher_suite"));
  hello.legacy_compression_method = PADLOCK_TRY(in.u8("legacy_compression_method"));
  if (in.empty()) return hello;  // a server older than TLS 1.3 may leave the extensions out
  hello.extension_types = PADLOCK_TRY(
      parse_extensions(in, 0, [&](ExtensionType type, Reader& data) { return parse_extension(hello, type, data); }));
  PADLOCK_TRY(in.finish());
  return hello;
}

template <class Hello>
void write_until_extensions(Writer& out, const Hello& hello, const Random& random) {
  out.u16(hello.legacy_version);
  out.bytes(random);
  out.vec8([&](Writer& echo) { echo.bytes(hello.legacy_session_id_echo); });
  out.u16(static_cast<std::uint16_t>(hello.cipher_suite));
  out.u8(hello.legacy_compression_method);
}

void write_selected_version(Writer& out, ProtocolVersion selected_version) {
  write_extension(out, ExtensionType::supported_versions,
                  [&](Writer& data) { data.u16(static_cast<std::uint16_t>(selected_version)); });
}

}  // namespace

Result<std::variant<ServerHello, HelloRetryRequest>> parse_server_hello(Reader in) {
  const std::uint16_t legacy_version = PADLOCK_TRY(in.u16("legacy_version"));
  if (in.sink() != nullptr) in.meaning(name_of(static_cast<ProtocolVersion>(legacy_version)));
  Random random;
  copy_bytes(PADLOCK_TRY(in.bytes("random", 32)), random);
  if (random == hello_retry_request_random) {
    in.meaning("HelloRetryRequest");
    return PADLOCK_TRY(parse_after_random(in, HelloRetryRequest{.legacy_version = legacy_version}));
  }
  return PADLOCK_TRY(parse_after_random(in, ServerHello{.legacy_version = legacy_version, .random = random}));
}

void write_server_hello(Writer& out, const ServerHello& hello) {
  write_until_extensions(out, hello, hello.random);
  out.vec16([&](Writer& extensions) {
    if (hello.key_share)
      write_extension(extensions, ExtensionType::key_share,
                      [&](Writer& data) { write_key_share_entry(data, *hello.key_share); });
    if (hello.supported_versions) write_selected_version(extensions, *hello.supported_versions);
  });
}

void write_hello_retry_request(Writer& out, const HelloRetryRequest& request) {
  write_until_extensions(out, request, hello_retry_request_random);
  out.vec16([&](Writer& extensions) {
    if (request.supported_versions) write_selected_version(extensions, *request.supported_versions);
    if (request.cookie)
      write_extension(extensions, ExtensionType::cookie,
                      [&](Writer& data) { data.vec16([&](Writer& cookie) { cookie.bytes(*request.cookie); }); });
    if (request.key_share)
      write_extension(extensions, ExtensionType::key_share,
                      [&](Writer& data) { data.u16(static_cast<std::uint16_t>(*request.key_share)); });
  });
}

bool has_downgrade_sentinel(const Random& random) {
  constexpr std::array<std::uint8_t, 7> downgrade = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44};  // "DOWNGRD"
  const auto last = std::span(random).last<8>();
  return std::ranges::equal(last.first<7>(), downgrade) && last.back() <= 0x01;
}

}  // namespace padlock::tls
