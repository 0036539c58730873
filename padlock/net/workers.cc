#include "padlock/net/workers.h"

#include <algorithm>
#include <cassert>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include <asio/post.hpp>

namespace padlock::net {

namespace {

/// Memory that is refused ends what has asked for it, and not the worker (docs/threats.md, P3). Coroutines end by
/// themselves; what comes out here has failed before one had begun, or after.
void run_to_the_end(asio::io_context& context) {
  for (bool ended = false; !ended;) {
    try {
      context.run();
      ended = true;
    } catch (const std::bad_alloc&) {
      continue;
    }
  }
}

}  // namespace

struct Workers::Slot {
  explicit Slot(std::size_t index)
      : guard(asio::make_work_guard(context)), worker{index, context, Resources::of(context)} {}
  asio::io_context context{1};  // one thread runs it
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  Worker worker;
  std::thread thread;
};

std::size_t worker_count(std::size_t wanted) {
  return wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
}

Workers::Workers(std::size_t count) {
  const std::size_t wanted = worker_count(count);
  for (std::size_t index = 0; index < wanted; ++index) slots_.push_back(std::make_unique<Slot>(index));
}

Workers::~Workers() {
  stop();
  join();
}

void Workers::start(std::function<void(Worker&)> set_up) {
  const auto shared = std::make_shared<const std::function<void(Worker&)>>(std::move(set_up));
  for (const auto& slot : slots_) {
    assert(!slot->thread.joinable());
    slot->thread = std::thread([one = slot.get(), shared] {
      (*shared)(one->worker);
      run_to_the_end(one->context);
    });
  }
}

void Workers::post_to_all(const std::function<void(Worker&)>& task) {
  for (const auto& slot : slots_) {
    asio::post(slot->context, [task, one = slot.get()] { task(one->worker); });
  }
}

void Workers::finish() {
  for (const auto& slot : slots_) asio::post(slot->context, [one = slot.get()] { one->guard.reset(); });
}

void Workers::stop() {
  for (const auto& slot : slots_) slot->context.stop();
}

void Workers::join() {
  for (const auto& slot : slots_) {
    if (slot->thread.joinable()) slot->thread.join();
  }
}

}  // namespace padlock::net
