#include "padlock/cli/on_demand.h"

#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/certs/redis_rules.h"
#include "padlock/certs/renewal_plan.h"
#include "padlock/certs/rules.h"
#include "padlock/cli/command.h"
#include "padlock/client/async_fetch.h"
#include "padlock/http/message/url.h"
#include "padlock/net/clock.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"

namespace padlock::cli {
namespace {

namespace limits = server::limits;
namespace rules = server::rules;

/// An order takes seconds, and few names wait for their turn.
constexpr std::chrono::milliseconds turn_looks_apart{50};

/// The URL with `domain=NAME` behind what it asks already.
std::string question_about(const std::string& name, const std::string& ask) {
  auto url = http::parse_url(ask).value();  // the configuration was checked
  url.query += (url.query.empty() ? "domain=" : "&domain=") + name;
  url.has_query = true;
  return url.to_string();
}

}  // namespace

Result<std::unique_ptr<OnDemand>> OnDemand::open(const certs::OnDemandSettings& settings, AcmeService& acme) {
  std::unique_ptr<OnDemand> made(new OnDemand(settings, acme));  // the constructor is private
  AcmeService::DemandWatch watch;
  watch.stored = [self = made.get()](const std::string& name) { self->stored(name); };
  watch.is_allowed = [self = made.get()](std::string name) -> net::Awaitable<bool> {
    const Answer answer = co_await self->is_allowed(std::move(name));
    co_return answer != Answer::no;  // nobody's silence takes away what was allowed
  };
  watch.dropped = [self = made.get()](const std::string& name) { self->certificates_->drop(name); };
  PADLOCK_TRY(acme.watch(std::move(watch)));
  return made;
}

void OnDemand::leave_to(const server::Sites& sites) {
  const auto taken = [&](const std::string& name) { return sites.on_demand(name) == nullptr; };
  for (const std::string& name : certificates_->drop_if(taken)) acme_->let_go(name);
}

void OnDemand::start(const asio::any_io_executor& executor) {
  certificates_->when_asked([this, executor] { asio::post(executor, [this, executor] { begin(executor); }); });
  begin(executor);  // with those that were asked for already
}

/// One beside the other, so that what is stored waits for no order. They are as many as
/// limits::on_demand_names_at_work.
void OnDemand::begin(const asio::any_io_executor& executor) {
  while (auto name = certificates_->next()) asio::co_spawn(executor, serve(*std::move(name)), asio::detached);
}

/// What is stored is shown though nobody answers: it was allowed once.
net::Awaitable<void> OnDemand::serve(std::string name) {
  const Answer answer = co_await is_allowed(name);
  if (answer == Answer::no)
    co_return certificates_->refuse(name, rules::on_demand_not_allowed, limits::on_demand_refused_time);
  const auto shown = show_stored(name);
  if (!shown) print_error(shown.error());
  if (shown && *shown) co_return;
  if (answer == Answer::none)
    co_return certificates_->refuse(name, rules::on_demand_unanswered, limits::on_demand_put_off_time);
  if (const Rule* const why = certificates_->order(name))
    co_return certificates_->refuse(name, *why, limits::on_demand_spent_time);
  co_await order(std::move(name));
}

net::Awaitable<void> OnDemand::order(std::string name) {
  co_await await_turn();
  ++orders_;
  const auto over =
      std::unique_ptr<std::size_t, void (*)(std::size_t*)>(&orders_, [](std::size_t* count) { --*count; });
  auto done = co_await acme_->order_on_demand(name);
  if (done) {
    const auto shown = show_stored(name);
    if (!shown) done = std::unexpected(shown.error());
    if (shown && !*shown) done = broken(certs::rules::damaged_entry, "what was stored of it is of no use");
  }
  for (const std::string& one : acme_->take_news()) say(one);
  certificates_->count([&](server::OnDemandCounts& counts) { ++(done ? counts.ordered : counts.failed); });
  if (done) co_return;
  print_error({done.error().rule, escaped(name) + ": " + done.error().what});
  const bool unasked = done.error().rule == &certs::rules::lock_held || done.error().rule == &certs::redis_rules::away;
  certificates_->refuse(name, unasked ? rules::on_demand_put_off : rules::on_demand_failed,
                        unasked ? limits::on_demand_put_off_time : limits::on_demand_failed_time);
}

net::Awaitable<void> OnDemand::await_turn() {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  while (orders_ >= certs::orders_of_a_kind) {
    timer.expires_after(turn_looks_apart);
    co_await timer.async_wait(asio::use_awaitable);
  }
}

// ---- what is allowed ------------------------------------------------------------------------------------------------

net::Awaitable<OnDemand::Answer> OnDemand::is_allowed(std::string name) {
  if (server::Names(settings_.allow).hold(name)) co_return Answer::yes;
  if (settings_.ask.empty()) co_return Answer::no;
  const Answer answer = co_await ask(std::move(name));
  certificates_->count([&](server::OnDemandCounts& counts) {
    ++(answer == Answer::yes ? counts.allowed : answer == Answer::no ? counts.not_allowed : counts.unanswered);
  });
  co_return answer;
}

/// 200 is yes, and whatever else comes is no; a redirect is not followed.
net::Awaitable<OnDemand::Answer> OnDemand::ask(std::string name) {
  client::FetchRequest request{
      .url = question_about(name, settings_.ask), .method = "GET", .fields = {}, .without = {}, .body = {}};
  client::FetchOptions options;
  options.revocation.fetch = false;  // a CA that is away must not decide here
  options.max_time = limits::on_demand_ask_patience;
  const client::FetchOutcome outcome = co_await client::async_fetch(std::move(request), options);
  if (outcome.response && outcome.response->status != 200) co_return Answer::no;
  if (!outcome.error) co_return Answer::yes;
  print_error({outcome.error->rule, "asked about " + escaped(name) + ": " + outcome.error->what});
  co_return Answer::none;
}

// ---- what is stored -------------------------------------------------------------------------------------------------

/// Hands it to handshakes, and has it renewed from now on. False: there is none that is good.
Result<bool> OnDemand::show_stored(const std::string& name) {
  auto found = PADLOCK_TRY(acme_->find({name}));
  if (!found || found->not_after <= net::now().wall) return false;
  PADLOCK_TRY(acme_->adopt(name));
  auto credential = std::make_shared<const server::SiteCredential>(std::move(found->credential));
  if (const auto gone = certificates_->put(name, std::move(credential))) acme_->let_go(*gone);
  return true;
}

/// One that is shown is replaced; others are read when they are asked for.
void OnDemand::stored(const std::string& name) {
  if (!certificates_->find(name)) return certificates_->know(name);
  const auto shown = show_stored(name);
  if (!shown) print_error(shown.error());
}

}  // namespace padlock::cli
