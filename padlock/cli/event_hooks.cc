#include "padlock/cli/event_hooks.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/command.h"
#include "padlock/cli/rules.h"
#include "padlock/client/async_fetch.h"
#include "padlock/client/trust.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"

namespace padlock::cli {
namespace {

/// For one POST and its answer.
constexpr std::chrono::seconds webhook_patience{10};
/// A program that has failed may have done half of its work: it is not run again.
constexpr unsigned program_tries = 1;

std::string host_name() {
  std::array<char, 256> room{};
  if (::gethostname(room.data(), room.size() - 1) != 0) return {};
  return room.data();
}

}  // namespace

void EventHooks::start(const asio::any_io_executor& executor) {
  const auto begin = [&](std::optional<certs::EventOutbox>& outbox, unsigned tries, Deliver deliver) {
    outbox.emplace(tries);
    asio::co_spawn(executor, deliver_all(*outbox, deliver), asio::detached);
  };
  if (!settings_.program.empty() && hooks_ != nullptr) begin(program_, program_tries, &EventHooks::run_program);
  if (!settings_.webhook.empty()) begin(webhook_, certs::event_tries, &EventHooks::post);
}

void EventHooks::tell(const certs::CertificateEvent& event) {
  const bool wanted = settings_.only.empty() || std::ranges::find(settings_.only, event.kind) != settings_.only.end();
  if (!wanted) return;
  const std::string text = certs::write_event(event, host_name());
  for (auto* const outbox : {&program_, &webhook_}) {
    if (*outbox) (*outbox)->add(text);
  }
  added_.notify();
}

net::Awaitable<void> EventHooks::deliver_all(certs::EventOutbox& outbox, Deliver deliver) {
  for (;;) {
    if (const std::string* const next = outbox.next(net::now())) {
      std::string event = *next;
      const auto done = co_await (this->*deliver)(std::move(event));
      if (done) {
        outbox.delivered();
        continue;
      }
      print_error(done.error());
      outbox.failed(net::now());
      continue;
    }
    const auto next_try = outbox.next_try();
    const net::Deadline until = next_try ? net::deadline_in(*next_try - net::now().monotonic) : net::no_deadline;
    co_await added_.wait(until);
  }
}

net::Awaitable<Result<void>> EventHooks::run_program(std::string event) {
  co_return co_await hooks_->tell(std::move(event));
}

/// Of the URL its origin alone is said: what stands behind it may be a secret. A redirect is not followed.
net::Awaitable<Result<void>> EventHooks::post(std::string event) {
  client::FetchRequest request{.url = settings_.webhook, .method = "POST", .fields = {}, .without = {}, .body = {}};
  request.fields.add("Content-Type", "application/json");
  request.body.emplace(as_bytes(event).begin(), as_bytes(event).end());
  client::FetchOptions options;
  options.trust.ca_files = settings_.ca_files;
  options.revocation.fetch = false;  // a CA that is away must not keep an alarm back
  options.max_time = webhook_patience;
  const client::FetchOutcome outcome = co_await client::async_fetch(std::move(request), options);
  const std::string origin = http::parse_url(settings_.webhook).value().origin();  // the configuration was checked
  const auto failed_with = [&](const std::string& what) {
    return broken(certs::rules::event_server_failed, "an event did not reach " + escaped(origin) + ": " + what);
  };
  if (outcome.error) co_return failed_with(outcome.error->what);
  const int status = outcome.response->status;
  if (status / 100 == 2) co_return Result<void>();
  co_return failed_with("it answers " + std::to_string(status));
}

server::EventCounts EventHooks::counts() const {
  server::EventCounts all;
  if (program_) all.emplace("exec", program_->counts());
  if (webhook_) all.emplace("webhook", webhook_->counts());
  return all;
}

Result<void> check_receivers(const certs::EventSettings& settings) {
  if (!settings.program.empty()) {
    if (const auto fault = fault_of_program(settings.program))
      return broken(rules::event_program, "cannot run " + escaped(settings.program) + ": " + *fault);
  }
  if (settings.ca_files.empty()) return {};
  client::TrustOptions trust;
  trust.ca_files = settings.ca_files;
  static_cast<void>(PADLOCK_TRY(client::load_trust(trust, *crypto::make_provider())));
  return {};
}

}  // namespace padlock::cli
