#include "padlock/server/route/helper_thread.h"

#include <memory>
#include <optional>
#include <utility>

#include <asio/any_io_executor.hpp>
#include <asio/post.hpp>
#include <asio/this_coro.hpp>

#include "padlock/net/signal.h"
#include "padlock/server/limits.h"
#include "padlock/server/rules.h"

namespace padlock::server {
namespace {

/// Where an answer goes. Whoever waits may be dropped with its loop, which nobody may touch from then on.
class Place {
 public:
  explicit Place(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void give_up() {
    const std::scoped_lock lock(mutex_);
    executor_.reset();
  }
  static void answer(const std::shared_ptr<Place>& self, bool said) {
    const std::scoped_lock lock(self->mutex_);
    if (!self->executor_) return;
    asio::post(*self->executor_, [self, said] {
      self->said_ = said;
      self->news_.notify();
    });
  }
  net::Awaitable<bool> wait() {
    while (!said_) co_await news_.wait();
    co_return *said_;
  }

 private:
  std::mutex mutex_;
  std::optional<asio::any_io_executor> executor_;
  net::Signal news_;  // the loop's thread alone touches these
  std::optional<bool> said_;
};

struct Waiting {
  std::shared_ptr<Place> place;
  explicit Waiting(std::shared_ptr<Place> given) : place(std::move(given)) {}
  ~Waiting() { place->give_up(); }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
};

}  // namespace

HelperThread::~HelperThread() {
  thread_.request_stop();
  news_.notify_all();
}

net::Awaitable<Result<bool>> HelperThread::run(std::move_only_function<bool()> work) {
  auto place = std::make_shared<Place>(co_await asio::this_coro::executor);
  const Waiting waiting(place);
  {
    const std::scoped_lock lock(mutex_);
    if (waiting_.size() >= limits::helper_queue) co_return broken(rules::helper_busy, "too many passwords to check");
    waiting_.emplace_back([place, work = std::move(work)]() mutable { Place::answer(place, work()); });
    if (!thread_.joinable()) thread_ = std::jthread([this](const std::stop_token& stop) { loop(stop); });
  }
  news_.notify_one();
  co_return co_await place->wait();
}

void HelperThread::loop(const std::stop_token& stop) {
  for (;;) {
    std::move_only_function<void()> next;
    {
      std::unique_lock lock(mutex_);
      if (!news_.wait(lock, stop, [this] { return !waiting_.empty(); }) || stop.stop_requested()) return;
      next = std::move(waiting_.front());
      waiting_.pop_front();
    }
    next();
  }
}

}  // namespace padlock::server
