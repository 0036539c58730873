// Reads the input as what clients send to our ACME server: by its first byte a key, a signed request, a record of a
// file, or a whole request. Whatever it is, the server answers with a status of HTTP and JSON, and what is accepted is
// written again as it was read.
#include <cstdlib>
#include <span>

#include "padlock/acme/server/ca_server.h"
#include "padlock/acme/server/evidence.h"
#include "padlock/acme/server/jwk.h"
#include "padlock/acme/server/signed_request.h"
#include "padlock/base/unsafe.h"

namespace {

using namespace padlock::acme;

void check(bool good) {
  if (!good) std::abort();
}

void check_key(padlock::Bytes body) {
  const auto key = parse_jwk(padlock::as_text(body));
  if (!key) return;
  check(parse_jwk(key->text).value().text == key->text);
  static_cast<void>(padlock::crypto::make_provider()->make_public_key(key->key));
}

void check_records(padlock::Bytes body) {
  const std::string_view text = padlock::as_text(body);
  if (const auto record = read_account_record(text))
    check(write_record(*read_account_record(write_record(*record))) == write_record(*record));
  if (const auto record = read_order_record(text))
    check(write_record(*read_order_record(write_record(*record))) == write_record(*record));
  static_cast<void>(read_certificate_record(text));
}

void check_request(padlock::Bytes body, std::string_view method, std::string_view target) {
  static const auto provider = padlock::crypto::make_provider();
  static CaServer server(
      {.profiles = {{"default", "", std::chrono::days(90)}}, .permits = [](const Identifier&) { return true; }},
      *provider);
  const auto outcome = server.take({.method = std::string(method),
                                    .origin = "https://ca.test",
                                    .target = std::string(target),
                                    .content_type = "application/jose+json",
                                    .body = body,
                                    .client = "192.0.2.1"},
                                   {});
  const auto* const response = std::get_if<Response>(&outcome);
  check(response != nullptr && response->status >= 200 && response->status < 600);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  const padlock::Bytes body = input.subspan(1);
  switch (input.front()) {
    case 'K': check_key(body); break;
    case 'S': static_cast<void>(parse_signed_request(body)); break;
    case 'R': check_records(body); break;
    case 'T':
      static_cast<void>(check_tls_alpn_01({.type = ChallengeType::tls_alpn_01,
                                           .identifier = {Identifier::Type::dns, "shop.test"},
                                           .token = "t",
                                           .key_authorization = "t.k"},
                                          body));
      break;
    case 'G': check_request({}, "GET", padlock::as_text(body)); break;
    case 'A': check_request(body, "POST", "/acme/new-account"); break;
    default: check_request(body, "POST", "/acme/new-order"); break;
  }
  return 0;
}
