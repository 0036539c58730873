#include "padlock/server/route/basic_auth.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "padlock/base/secret.h"
#include "padlock/base/text.h"
#include "padlock/crypto/provider.h"
#include "padlock/http/message/syntax.h"
#include "padlock/server/limits.h"
#include "padlock/server/route/password_file.h"
#include "padlock/server/rules.h"

namespace padlock::server {

std::optional<Credential> parse_basic_credential(const http::Fields& fields) {
  constexpr std::string_view scheme = "basic ";
  if (fields.count("Authorization") != 1) return std::nullopt;
  const std::string_view value = *fields.find("Authorization");
  if (!equal_ignoring_ascii_case(value.substr(0, scheme.size()), scheme)) return std::nullopt;
  const auto bytes = from_base64(http::trimmed(value.substr(scheme.size())));
  if (!bytes || bytes->size() > limits::basic_credential_bytes) return std::nullopt;
  const std::string_view text = as_text(*bytes);
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || std::ranges::any_of(text, http::is_control)) return std::nullopt;
  return Credential{std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

BasicAuth::BasicAuth(AuthConfig config, Bytes key)
    : config_(std::move(config)),
      marker_(crypto::HashAlgorithm::sha256, key),
      failures_({.requests = limits::password_failures,
                 .per = limits::password_failure_time,
                 .burst = limits::password_failures}) {}

Result<std::shared_ptr<BasicAuth>> BasicAuth::open(const AuthConfig& config) {
  PADLOCK_TRY(PasswordFile::read(config.users));
  Wiped<std::array<std::uint8_t, 32>> key;
  PADLOCK_TRY(crypto::make_provider()->random(key));
  return std::shared_ptr<BasicAuth>(new BasicAuth(config, key));  // the constructor is private
}

BasicAuth::Mark BasicAuth::mark_of(const Credential& credential) const {
  const std::array<Bytes, 3> pieces{as_bytes(credential.name), as_bytes(std::string_view("\0", 1)),
                                    as_bytes(credential.password)};
  const crypto::Digest digest = marker_.mac(pieces);
  Mark mark{};
  copy_bytes(digest.bytes().first(mark.size()), mark);
  return mark;
}

bool BasicAuth::is_known(const Mark& mark, std::chrono::nanoseconds now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = known_.find(mark);
  return found != known_.end() && now < found->second;
}

void BasicAuth::remember(const Mark& mark, std::chrono::nanoseconds now) const {
  const std::scoped_lock lock(mutex_);
  std::erase_if(known_, [&](const auto& one) { return one.second <= now; });
  if (known_.size() < limits::known_credentials) known_[mark] = now + limits::credential_known;
}

Answer BasicAuth::challenge(WallTime now) const {
  Answer answer{plan_error(rules::unauthorized, now)};
  answer.plan.response.fields.add("WWW-Authenticate", "Basic realm=\"" + config_.realm + "\", charset=\"UTF-8\"");
  return answer;
}

net::Awaitable<std::optional<Answer>> BasicAuth::refuse(const http::Request& request, const net::IpAddress& client,
                                                        Instant now) const {
  const auto credential = parse_basic_credential(request.fields);
  if (!credential) co_return challenge(now.wall);
  const Mark mark = mark_of(*credential);
  if (is_known(mark, now.monotonic)) co_return std::nullopt;
  if (const auto wait = failures_.would_refuse(client, now.monotonic))
    co_return Answer{plan_too_many_requests(*wait, now.wall)};
  auto work = [file = config_.users, credential = *credential] {
    const auto users = PasswordFile::read(file);
    return users && users->verify(credential.name, credential.password);
  };
  const auto good = co_await helper_.run(std::move(work));
  if (!good) co_return Answer{plan_error(*good.error().rule, now.wall)};
  if (*good) {
    remember(mark, now.monotonic);
    co_return std::nullopt;
  }
  static_cast<void>(failures_.refuse(client, now.monotonic));
  co_return challenge(now.wall);
}

}  // namespace padlock::server
