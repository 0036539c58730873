#include "padlock/net/readiness.h"

#include <sys/epoll.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <exception>
#include <span>
#include <utility>

#include <asio/associated_cancellation_slot.hpp>
#include <asio/async_result.hpp>
#include <asio/query.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/limits.h"

namespace padlock::net {
namespace {

constexpr std::uint32_t reading_events = EPOLLIN | EPOLLRDHUP | EPOLLET;
constexpr std::uint32_t writing_events = EPOLLOUT | EPOLLET;
constexpr std::uint32_t broken_events = EPOLLERR | EPOLLHUP;

Awaitable<std::errc> failed(std::errc reason) { co_return reason; }

}  // namespace

// ---- one socket -----------------------------------------------------------------------------------------------------

Watch::Watch(const asio::any_io_executor& executor, int socket) : set_(Readiness::of(executor)), socket_(socket) {}

Watch::~Watch() {
  assert(!reading_.waiter && !writing_.waiter);
  if (number_ != 0) set_.leave(*this);
}

bool Watch::may_be_ready(Direction direction) {
  return side(direction).ready || (direction == Direction::reading && hung_up_);
}

Awaitable<std::errc> Watch::wait(Direction direction) {
  if (const std::errc joined = join(direction); joined != std::errc{}) return failed(joined);
  // Nothing in it may throw: the coroutine that waits is in its hands already.
  auto begin = [this, direction](auto handler) {
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign([this, direction](asio::cancellation_type) { interrupt(direction); });
    }
    side(direction).interrupted = false;
    side(direction).waiter = std::move(handler);
    set_.waiter_came();
    if (may_be_ready(direction)) set_.due(*this);
  };
  return asio::async_initiate<const asio::use_awaitable_t<>, void(std::errc)>(std::move(begin), asio::use_awaitable);
}

/// The kernel tells as soon as it can what is ready already.
std::errc Watch::join(Direction direction) {
  Side& mine = side(direction);
  if (mine.watched) return {};
  const bool reads = reading_.watched || direction == Direction::reading;
  const bool writes = writing_.watched || direction == Direction::writing;
  const std::uint32_t events = (reads ? reading_events : 0U) | (writes ? writing_events : 0U);
  const std::errc joined = number_ == 0 ? set_.join(*this, events) : set_.change(*this, events);
  mine.watched = joined == std::errc{};
  return joined;
}

void Watch::interrupt(Direction direction) {
  Side& mine = side(direction);
  if (mine.waiter && !std::exchange(mine.interrupted, true)) set_.due(*this);
}

Watch::Waiter Watch::take_waiter(Side& side) {
  if (side.waiter) set_.waiter_left();
  return std::exchange(side.waiter, nullptr);
}

/// Whoever goes on may end this watch. Who is due anyway has no second turn by an event.
void Watch::on_events(std::uint32_t events) {
  if ((events & (EPOLLRDHUP | broken_events)) != 0) hung_up_ = true;
  if ((events & (EPOLLIN | EPOLLRDHUP | broken_events)) != 0) reading_.ready = true;
  if ((events & (EPOLLOUT | broken_events)) != 0) writing_.ready = true;
  if (!due_) go_on();
}

void Watch::on_due() {
  due_ = false;
  go_on();
}

void Watch::go_on() {
  const auto outcome_of = [](const Side& one) { return one.interrupted ? std::errc::operation_canceled : std::errc{}; };
  const std::errc read = outcome_of(reading_), written = outcome_of(writing_);
  Waiter reader, writer;
  if (reading_.interrupted || may_be_ready(Direction::reading)) reader = take_waiter(reading_);
  if (writing_.interrupted || may_be_ready(Direction::writing)) writer = take_waiter(writing_);
  if (reader) reader(read);
  if (writer) writer(written);
}

// ---- the sockets of a loop ------------------------------------------------------------------------------------------

/// Lends Asio the memory of one wait.
template <class T>
class Readiness::Memory {
 public:
  using value_type = T;
  explicit Memory(Readiness& set) : set_(&set) {}
  template <class U>
  Memory(const Memory<U>& other) : set_(other.set_) {}

  T* allocate(std::size_t count) {
    static_assert(sizeof(T) <= sizeof(memory_) && alignof(T) <= alignof(std::max_align_t));
    assert(count == 1 && !set_->memory_lent_);
    static_cast<void>(count);
    set_->memory_lent_ = true;
    void* const place = set_->memory_.data();
    return static_cast<T*>(place);
  }
  void deallocate(T*, std::size_t) { set_->memory_lent_ = false; }
  friend bool operator==(const Memory&, const Memory&) = default;

 private:
  template <class U>
  friend class Memory;
  Readiness* set_;
};

asio::execution_context::id Readiness::id;

Readiness::Readiness(asio::execution_context& context) : asio::execution_context::service(context) {}
Readiness::~Readiness() = default;

Readiness& Readiness::of(const asio::any_io_executor& executor) {
  Readiness& set = asio::use_service<Readiness>(asio::query(executor, asio::execution::context));
  if (!set.set_) {
    auto made = std::make_unique<asio::posix::stream_descriptor>(executor);
    std::error_code ignored;  // without a descriptor `join` says what is wrong
    if (const int opened = ::epoll_create1(EPOLL_CLOEXEC); opened >= 0) made->assign(opened, ignored);
    set.set_ = std::move(made);
  }
  return set;
}

/// Coroutines that wait may own their watches, and die with their waiters.
void Readiness::shutdown() {
  std::vector<Watch::Waiter> dropped;
  for (const Place& place : places_) {
    if (place.watch == nullptr) continue;
    dropped.push_back(std::exchange(place.watch->reading_.waiter, nullptr));
    dropped.push_back(std::exchange(place.watch->writing_.waiter, nullptr));
  }
  waiters_ = 0;
  due_.clear();
  dropped.clear();
  set_.reset();
}

std::errc Readiness::join(Watch& watch, std::uint32_t events) {
  if (free_places_.empty()) {
    places_.emplace_back();
    free_places_.reserve(places_.capacity());  // so that `leave` and `due` need no memory
    due_.reserve(places_.capacity());
    free_places_.push_back(static_cast<std::uint32_t>(places_.size() - 1));
  }
  const std::uint32_t place = free_places_.back();
  const std::uint64_t number = (std::uint64_t{places_[place].holder} << 32U) | place;
  epoll_event event{.events = events, .data = {.u64 = number}};
  if (::epoll_ctl(set_->native_handle(), EPOLL_CTL_ADD, watch.socket_, &event) != 0) {
    return static_cast<std::errc>(errno);
  }
  free_places_.pop_back();
  places_[place].watch = &watch;
  watch.number_ = number;
  return {};
}

std::errc Readiness::change(const Watch& watch, std::uint32_t events) {
  epoll_event event{.events = events, .data = {.u64 = watch.number_}};
  const int changed = ::epoll_ctl(set_->native_handle(), EPOLL_CTL_MOD, watch.socket_, &event);
  return changed == 0 ? std::errc{} : static_cast<std::errc>(errno);
}

/// The kernel takes a socket out of the set when it is closed.
void Readiness::leave(Watch& watch) {
  const auto number = static_cast<std::uint32_t>(watch.number_);
  Place& place = places_[number];
  place.watch = nullptr;
  if (++place.holder == 0) place.holder = 1;
  free_places_.push_back(number);
}

Watch* Readiness::find(std::uint64_t number) {
  const Place& place = places_[static_cast<std::uint32_t>(number)];
  return place.holder == number >> 32U ? place.watch : nullptr;
}

void Readiness::waiter_came() {
  ++waiters_;
  arm();
}

/// A loop on which nobody waits can end.
void Readiness::waiter_left() {
  if (--waiters_ == 0) wake();
}

void Readiness::due(Watch& watch) {
  if (!std::exchange(watch.due_, true)) due_.push_back(watch.number_);
  wake();
}

/// A turn without an event. In a turn there is nothing to wake.
void Readiness::wake() {
  std::error_code ignored;  // what would be cancelled has come to its end
  if (armed_) set_->cancel(ignored);
}

void Readiness::arm() {
  if (armed_ || in_turn_ || waiters_ == 0) return;
  struct Turn {
    using allocator_type = Memory<std::byte>;
    allocator_type get_allocator() const { return allocator_type(*set); }
    void operator()(std::error_code) const { set->turn(); }  // of an error too: somebody is due
    Readiness* set;
  };
  armed_ = true;
  set_->async_wait(asio::posix::stream_descriptor::wait_read, Turn{this});
  if (!due_.empty()) wake();
}

void Readiness::turn() {
  struct Scope {
    Readiness& set;
    ~Scope() {
      set.in_turn_ = false;
      set.arm();
    }
  } const scope{*this};
  armed_ = false;
  in_turn_ = true;
  std::exception_ptr thrown;  // by whoever went on: the others' turn comes no second time
  const std::size_t due = std::min(due_.size(), limits::sockets_at_once);  // who becomes due in this turn has had it
  take_events(thrown);
  take_due(due, thrown);
  if (thrown) std::rethrow_exception(thrown);
}

namespace {

template <class Step>
void keep_exception_of(Step step, std::exception_ptr& thrown) {
  try {
    step();
  } catch (...) {
    if (!thrown) thrown = std::current_exception();
  }
}

}  // namespace

void Readiness::take_events(std::exception_ptr& thrown) {
  std::array<epoll_event, limits::sockets_at_once> events{};
  const int count = ::epoll_wait(set_->native_handle(), events.data(), static_cast<int>(events.size()), 0);
  for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
    if (Watch* const watch = find(event.data.u64)) keep_exception_of([&] { watch->on_events(event.events); }, thrown);
  }
}

void Readiness::take_due(std::size_t count, std::exception_ptr& thrown) {
  std::array<std::uint64_t, limits::sockets_at_once> numbers{};
  const auto end = due_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(due_.begin(), end, numbers.begin());
  due_.erase(due_.begin(), end);
  for (const std::uint64_t number : std::span(numbers).first(count)) {
    if (Watch* const watch = find(number)) keep_exception_of([&] { watch->on_due(); }, thrown);
  }
}

}  // namespace padlock::net
