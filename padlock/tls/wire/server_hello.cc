#include "padlock/tls/wire/server_hello.h"

#include <algorithm>
#include <span>

#include "padlock/tls/wire/alpn.h"
#include "padlock/tls/wire/certificate_status.h"
#include "padlock/tls/wire/code_points.h"

namespace padlock::tls {

namespace {

Result<bool> parse_extension(Tls12Answers& answers, ExtensionType type, Reader& data, Arena arena) {
  switch (type) {
    case ExtensionType::server_name: answers.server_name = true; return true;  // the answer is empty
    case ExtensionType::application_layer_protocol_negotiation:
      answers.application_layer_protocol_negotiation = PADLOCK_TRY(parse_protocol_name_list(data, arena));
      return true;
    case ExtensionType::status_request: answers.status_request = true; return true;  // empty
    case ExtensionType::signed_certificate_timestamp:
      answers.signed_certificate_timestamps = PADLOCK_TRY(parse_signed_certificate_timestamps(data));
      return true;
    case ExtensionType::record_size_limit:
      answers.record_size_limit = PADLOCK_TRY(data.u16("record_size_limit"));
      return true;
    case ExtensionType::extended_master_secret: answers.extended_master_secret = true; return true;  // empty
    case ExtensionType::encrypt_then_mac: answers.encrypt_then_mac = true; return true;              // empty
    case ExtensionType::ec_point_formats:
      answers.ec_point_formats = PADLOCK_TRY(copy_of(data.vec8("ec_point_format_list", 1), arena));
      return true;
    case ExtensionType::renegotiation_info:
      answers.renegotiated_connection = PADLOCK_TRY(copy_of(data.vec8("renegotiated_connection"), arena));
      return true;
    case ExtensionType::session_ticket: answers.session_ticket = true; return true;  // empty
    default: return false;
  }
}

Result<bool> parse_extension(ServerHello& hello, ExtensionType type, Reader& data, Arena arena) {
  switch (type) {
    case ExtensionType::supported_versions:
      hello.supported_versions = PADLOCK_TRY(parse_code_point<ProtocolVersion>(data, "selected_version"));
      return true;
    case ExtensionType::key_share: hello.key_share = PADLOCK_TRY(parse_key_share_entry(data, arena)); return true;
    case ExtensionType::pre_shared_key: hello.pre_shared_key = PADLOCK_TRY(data.u16("selected_identity")); return true;
    default: return hello.tls12 ? parse_extension(*hello.tls12, type, data, arena) : false;
  }
}

Result<bool> parse_extension(HelloRetryRequest& request, ExtensionType type, Reader& data, Arena arena) {
  switch (type) {
    case ExtensionType::supported_versions:
      request.supported_versions = PADLOCK_TRY(parse_code_point<ProtocolVersion>(data, "selected_version"));
      return true;
    case ExtensionType::cookie: request.cookie = PADLOCK_TRY(copy_of(data.vec16("cookie", 1), arena)); return true;
    case ExtensionType::key_share:
      request.key_share = PADLOCK_TRY(parse_code_point<NamedGroup>(data, "selected_group"));
      return true;
    default: return false;
  }
}

/// A look ahead, which no sink hears of: whether a block of extensions names the version.
bool names_version(Bytes block) {
  Reader in(block, "ServerHello");
  auto extensions = in.vec16("extensions");
  while (extensions && !extensions->empty()) {
    const auto type = extensions->u16("extension_type");
    if (!type || !extensions->vec16("extension_data")) return false;
    if (static_cast<ExtensionType>(*type) == ExtensionType::supported_versions) return true;
  }
  return false;
}

/// A server that names no version in an extension has chosen an old one, whose answers stand in their place.
void expect_answers(ServerHello& hello, Bytes block) {
  if (hello.legacy_version == 0x0303 && !names_version(block)) hello.tls12.emplace();
}
void expect_answers(const HelloRetryRequest& /*request*/, Bytes /*block*/) {}

/// What follows the random; the same fields in both messages.
template <class Hello>
Result<Hello> parse_after_random(Reader& in, Hello hello, Arena arena) {
  hello.legacy_session_id_echo = PADLOCK_TRY(copy_of(in.vec8("legacy_session_id_echo", 0, 32), arena));
  hello.cipher_suite = PADLOCK_TRY(parse_code_point<CipherSuite>(in, "cipher_suite"));
  hello.legacy_compression_method = PADLOCK_TRY(in.u8("legacy_compression_method"));
  expect_answers(hello, in.peek());
  if (in.empty()) return hello;  // a server older than TLS 1.3 may leave the extensions out
  hello.extension_types = PADLOCK_TRY(parse_extensions(
      in, 0, [&](ExtensionType type, Reader& data) { return parse_extension(hello, type, data, arena); }, arena));
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

void write_answers(Writer& out, const Tls12Answers& answers) {
  if (answers.server_name) write_extension(out, ExtensionType::server_name, [](Writer&) {});
  if (answers.application_layer_protocol_negotiation)
    write_extension(out, ExtensionType::application_layer_protocol_negotiation, [&](Writer& data) {
      write_protocol_name_list(data, *answers.application_layer_protocol_negotiation);
    });
  if (answers.status_request) write_extension(out, ExtensionType::status_request, [](Writer&) {});
  if (!answers.signed_certificate_timestamps.empty())
    write_extension(out, ExtensionType::signed_certificate_timestamp,
                    [&](Writer& data) { data.bytes(answers.signed_certificate_timestamps); });
  if (answers.record_size_limit)
    write_extension(out, ExtensionType::record_size_limit, [&](Writer& data) { data.u16(*answers.record_size_limit); });
  if (answers.extended_master_secret) write_extension(out, ExtensionType::extended_master_secret, [](Writer&) {});
  if (answers.encrypt_then_mac) write_extension(out, ExtensionType::encrypt_then_mac, [](Writer&) {});
  if (answers.ec_point_formats)
    write_extension(out, ExtensionType::ec_point_formats,
                    [&](Writer& data) { data.vec8([&](Writer& list) { list.bytes(*answers.ec_point_formats); }); });
  if (answers.renegotiated_connection)
    write_extension(out, ExtensionType::renegotiation_info, [&](Writer& data) {
      data.vec8([&](Writer& body) { body.bytes(*answers.renegotiated_connection); });
    });
  if (answers.session_ticket) write_extension(out, ExtensionType::session_ticket, [](Writer&) {});
}

}  // namespace

Result<std::variant<ServerHello, HelloRetryRequest>> parse_server_hello(Reader in, Arena arena) {
  const std::uint16_t legacy_version = PADLOCK_TRY(in.u16("legacy_version"));
  if (in.sink() != nullptr) in.meaning(name_of(static_cast<ProtocolVersion>(legacy_version)));
  Random random;
  copy_bytes(PADLOCK_TRY(in.bytes("random", 32)), random);
  if (random == hello_retry_request_random) {
    in.meaning("HelloRetryRequest");
    return PADLOCK_TRY(parse_after_random(in,
                                          HelloRetryRequest{.legacy_version = legacy_version,
                                                            .legacy_session_id_echo = List<std::uint8_t>(arena),
                                                            .extension_types = ExtensionTypes(arena)},
                                          arena));
  }
  return PADLOCK_TRY(parse_after_random(in,
                                        ServerHello{.legacy_version = legacy_version,
                                                    .random = random,
                                                    .legacy_session_id_echo = List<std::uint8_t>(arena),
                                                    .extension_types = ExtensionTypes(arena)},
                                        arena));
}

void write_server_hello(Writer& out, const ServerHello& hello) {
  write_until_extensions(out, hello, hello.random);
  // A client of TLS 1.2 that says none may not know the block (RFC 5246, section 7.4.1.3).
  const bool is_tls12 = !hello.key_share && !hello.supported_versions && !hello.pre_shared_key;
  if (is_tls12 && hello.tls12 == Tls12Answers()) return;
  out.vec16([&](Writer& extensions) {
    if (hello.key_share)
      write_extension(extensions, ExtensionType::key_share,
                      [&](Writer& data) { write_key_share_entry(data, *hello.key_share); });
    if (hello.supported_versions) write_selected_version(extensions, *hello.supported_versions);
    if (hello.pre_shared_key)
      write_extension(extensions, ExtensionType::pre_shared_key,
                      [&](Writer& data) { data.u16(*hello.pre_shared_key); });
    if (hello.tls12) write_answers(extensions, *hello.tls12);
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

namespace {
constexpr std::array<std::uint8_t, 7> downgrade = {0x44, 0x4f, 0x57, 0x4e, 0x47, 0x52, 0x44};  // "DOWNGRD"
}

void put_downgrade_sentinel(Random& random) {
  const auto last = std::span(random).last<8>();
  copy_bytes(downgrade, last);
  last.back() = 1;
}

bool has_downgrade_sentinel(const Random& random) {
  const auto last = std::span(random).last<8>();
  return std::ranges::equal(last.first<7>(), downgrade) && last.back() <= 0x01;
}

}  // namespace padlock::tls
