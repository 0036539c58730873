// Reads the input as an answer of an ACME server, of the kind that its first byte names. What is accepted keeps to its
// limits: URLs of the server alone, tokens that are safe in a path, a window that ends after it begins.
#include <algorithm>
#include <cstdlib>
#include <span>

#include "padlock/acme/certificate_chain.h"
#include "padlock/acme/limits.h"
#include "padlock/acme/objects.h"
#include "padlock/acme/response_fields.h"
#include "padlock/base/unsafe.h"

namespace {

using namespace padlock::acme;

void check(bool good) {
  if (!good) std::abort();
}

void check_url(const std::string& url) { check(url.starts_with("https://ca.test/")); }

void check_directory(padlock::Bytes body, const Origin& origin) {
  const auto directory = parse_directory(body, origin);
  if (!directory) return;
  for (const auto& url : {directory->new_nonce, directory->new_account, directory->new_order, directory->revoke_cert,
                          directory->key_change, directory->renewal_info.value_or(directory->new_nonce)})
    check_url(url);
  check(directory->profiles.size() <= limits::profiles);
}

void check_order(padlock::Bytes body, const Origin& origin) {
  const auto order = parse_order(body, origin);
  if (!order) return;
  check_url(order->finalize);
  if (order->certificate) check_url(*order->certificate);
  std::ranges::for_each(order->authorizations, check_url);
  check(std::ranges::is_sorted(order->identifiers) && order->identifiers.size() <= limits::identifiers);
  for (const Identifier& one : order->identifiers) check(make_identifier(one.value).value() == one);
}

void check_authorization(padlock::Bytes body, const Origin& origin) {
  const auto authorization = parse_authorization(body, origin);
  if (!authorization) return;
  for (const Challenge& one : authorization->challenges) {
    check_url(one.url);
    check(one.token.size() >= limits::least_token_bytes && one.token.find_first_of("/.%\\ ") == std::string::npos);
  }
}

void check_problem(padlock::Bytes body) {
  const auto problem = parse_problem(body);
  if (!problem) return;
  const padlock::Error error = broken(*problem, "it").error();
  check(std::ranges::all_of(error.what, [](char c) { return c >= ' ' && c <= '~'; }));
}

void check_links(padlock::Bytes body) {
  padlock::http::Fields fields;
  fields.add("Link", padlock::as_text(body));
  fields.add("Retry-After", padlock::as_text(body));
  fields.add("Replay-Nonce", padlock::as_text(body));
  check(alternates_of(fields).size() <= limits::alternates);
  check(retry_after_of(fields, {}).value_or(std::chrono::seconds(0)) <= limits::retry_after);
  check(nonce_of(fields).value_or("").size() <= limits::nonce_bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // libFuzzer hands out one buffer
  const std::span<const std::uint8_t> input(data, size);
  PADLOCK_UNSAFE_BUFFERS_END
  if (input.empty()) return 0;
  static const Origin origin = Origin::of("https://ca.test/directory").value();
  const padlock::Bytes body = input.subspan(1);
  switch (input.front()) {
    case 'D': check_directory(body, origin); break;
    case 'A': static_cast<void>(parse_account(body)); break;
    case 'O': check_order(body, origin); break;
    case 'Z': check_authorization(body, origin); break;
    case 'P': check_problem(body); break;
    case 'R':
      if (const auto info = parse_renewal_info(body)) check(info->start < info->end);
      break;
    case 'L': check_links(body); break;
    default: static_cast<void>(read_certificate_chain(padlock::as_text(body))); break;
  }
  return 0;
}
