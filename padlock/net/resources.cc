#include "padlock/net/resources.h"

#include <functional>
#include <iterator>
#include <utility>

#include <asio/async_result.hpp>
#include <asio/post.hpp>
#include <asio/query.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/clock.h"

namespace padlock::net {

/// Questions gather here until the posted flush runs. Shared with that flush: the loop may end before it.
struct CryptoBatch::State {
  struct Asker {
    std::size_t count;
    std::move_only_function<void(Answers)> resume;
  };
  explicit State(crypto::Provider& given) : provider(given) {}
  crypto::Provider& provider;
  std::vector<crypto::Question> questions;
  std::vector<Asker> askers;
  std::chrono::nanoseconds time{};  ///< in the provider

  void flush() {
    auto waiting = std::exchange(askers, {});
    const auto began = monotonic_now();
    auto answers = provider.answer(std::exchange(questions, {}));
    time += monotonic_now() - began;
    auto next = std::make_move_iterator(answers.begin());
    for (Asker& asker : waiting) {
      const auto end = next + static_cast<std::ptrdiff_t>(asker.count);
      asker.resume(Answers(next, end));
      next = end;
    }
  }
};

CryptoBatch::CryptoBatch(crypto::Provider& provider) : state_(std::make_shared<State>(provider)) {}
CryptoBatch::~CryptoBatch() { drop(); }

Awaitable<CryptoBatch::Answers> CryptoBatch::answer(std::vector<crypto::Question> questions) {
  if (questions.empty()) co_return Answers{};
  const auto executor = co_await asio::this_coro::executor;
  auto ask = [this, &executor](auto resume, std::vector<crypto::Question> asked) {
    if (state_->askers.empty()) asio::post(executor, [state = state_] { state->flush(); });
    state_->askers.push_back({asked.size(), std::move(resume)});
    std::ranges::move(asked, std::back_inserter(state_->questions));
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Answers)>(
      std::move(ask), asio::use_awaitable, std::move(questions));
}

void CryptoBatch::drop() {
  // The askers' coroutines die with their handlers, and may own what owns us: take them out first.
  const auto dropped = std::exchange(state_->askers, {});
  state_->questions.clear();
}

std::chrono::nanoseconds CryptoBatch::time() const { return state_->time; }

asio::execution_context::id Resources::id;

Resources::Resources(asio::execution_context& context) : asio::execution_context::service(context) {}
Resources::~Resources() = default;

Resources& Resources::of(asio::execution_context& context) { return asio::use_service<Resources>(context); }

Resources& Resources::of(const asio::any_io_executor& executor) {
  return of(asio::query(executor, asio::execution::context));
}

crypto::Provider& Resources::provider() {
  if (!provider_) provider_ = crypto::make_provider();
  return *provider_;
}

void Resources::use(std::unique_ptr<crypto::Provider> provider) { provider_ = std::move(provider); }

CryptoBatch& Resources::crypto() {
  if (!crypto_) crypto_ = std::make_unique<CryptoBatch>(provider());
  return *crypto_;
}

void Resources::shutdown() {
  if (crypto_) crypto_->drop();
}

}  // namespace padlock::net
