#include "padlock/net/plain_stream.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "padlock/net/limits.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/net/socket_io.h"

namespace padlock::net {

struct PlainStream::Impl {
  Impl(asio::ip::tcp::socket socket, Sender we_are, Observer* observer)
      : buffers(Resources::of(socket.get_executor()).buffers()), io(std::move(socket), we_are, observer) {}

  /// Remembers the first error; later calls give it again.
  std::unexpected<Error> fail(Error what) {
    if (!error) error = std::move(what);
    return std::unexpected(*error);
  }

  /// A deadline says that the peer is slow, and whoever set it decides.
  std::unexpected<Error> fail_unless_late(Error what) {
    if (what.rule == &rules::deadline_passed) return std::unexpected(std::move(what));
    return fail(std::move(what));
  }

  BufferPool& buffers;
  SocketIo io;
  PooledBuffer in;
  std::vector<std::uint8_t> out;  ///< committed bytes, then the reservation
  std::size_t committed = 0;
  std::size_t sent = 0;
  std::optional<Error> error;
};

PlainStream::PlainStream(asio::ip::tcp::socket socket, Sender we_are, Observer* observer)
    : impl_(std::make_unique<Impl>(std::move(socket), we_are, observer)) {}
PlainStream::~PlainStream() = default;

Awaitable<Result<Bytes>> PlainStream::read(Deadline deadline) {
  Impl& self = *impl_;
  if (self.error) co_return std::unexpected(*self.error);
  if (self.io.has_had_its_turn()) co_await self.io.yield();
  for (;;) {
    if (self.io.may_have_input()) {
      if (self.in.empty()) self.in = self.buffers.take();
      auto count = self.io.read_now(self.in.bytes());
      if (!count) co_return self.fail(count.error());
      if (*count) co_return Bytes(self.in.bytes().first(**count));
    }
    self.in.release();
    auto ready = co_await self.io.wait_readable(deadline);
    if (!ready) co_return self.fail_unless_late(ready.error());
  }
}

Awaitable<Result<void>> PlainStream::write(std::span<const Bytes> pieces, Deadline deadline) {
  Impl& self = *impl_;
  auto flushed = co_await flush(deadline);
  if (!flushed) co_return self.fail(flushed.error());
  std::vector<Bytes> left;
  std::ranges::copy_if(pieces, std::back_inserter(left), [](Bytes piece) { return !piece.empty(); });
  std::span<Bytes> rest = left;
  while (!rest.empty()) {
    auto count = self.io.write_now(rest);
    if (!count) co_return self.fail(count.error());
    if (*count == 0) {
      auto ready = co_await self.io.wait_writable(deadline);
      if (!ready) co_return self.fail(ready.error());
    }
    while (!rest.empty() && *count >= rest.front().size()) {
      *count -= rest.front().size();
      rest = rest.subspan(1);
    }
    if (!rest.empty()) rest.front() = rest.front().subspan(*count);
  }
  co_return Result<void>{};
}

Result<std::span<std::uint8_t>> PlainStream::reserve(std::size_t size) {
  Impl& self = *impl_;
  if (self.error) return std::unexpected(*self.error);
  if (self.out.size() != self.committed) return broken(rules::reservation_misused, "a reservation is open already");
  if (size == 0) return broken(rules::reservation_misused, "a reservation of no bytes");
  self.out.resize(self.committed + std::min(size, max_reservation));
  return std::span(self.out).subspan(self.committed);
}

Result<void> PlainStream::commit(std::size_t size) {
  Impl& self = *impl_;
  if (self.error) return std::unexpected(*self.error);
  if (size > self.out.size() - self.committed) {
    return broken(rules::reservation_misused, "more bytes were committed than reserved");
  }
  self.committed += size;
  self.out.resize(self.committed);
  return {};
}

void PlainStream::drop_reservation() { impl_->out.resize(impl_->committed); }

std::size_t PlainStream::queued() const { return impl_->committed - impl_->sent; }

Awaitable<Result<void>> PlainStream::flush(Deadline deadline) {
  Impl& self = *impl_;
  if (self.error) co_return std::unexpected(*self.error);
  while (self.sent < self.committed) {
    const Bytes rest = Bytes(self.out).first(self.committed).subspan(self.sent);
    auto count = self.io.write_now(std::span(&rest, 1));
    if (!count) co_return self.fail(count.error());
    self.sent += *count;
    if (*count > 0) continue;
    auto ready = co_await self.io.wait_writable(deadline);
    if (!ready) co_return self.fail_unless_late(ready.error());
  }
  if (self.out.size() == self.committed) {  // no reservation is open: an idle connection holds no memory
    self.out = {};
    self.committed = self.sent = 0;
  }
  co_return Result<void>{};
}

Awaitable<Result<void>> PlainStream::end_output(Deadline deadline) {
  Impl& self = *impl_;
  drop_reservation();
  Result<void> flushed;
  if (!self.error) flushed = co_await flush(deadline);
  self.io.shutdown_send();
  co_return flushed;
}

Awaitable<Result<void>> PlainStream::close(Deadline linger) {
  Impl& self = *impl_;
  Result<void> flushed = co_await end_output(linger);
  std::size_t dropped = 0;
  while (!self.io.input_ended() && dropped < limits::lingering_bytes && std::chrono::steady_clock::now() < linger) {
    if (self.in.empty()) self.in = self.buffers.take();
    const auto count = self.io.read_now(self.in.bytes());
    if (!count) break;
    if (*count) {
      dropped += **count;
      continue;
    }
    self.in.release();
    const auto ready = co_await self.io.wait_readable(linger);
    if (!ready) break;
  }
  self.in.release();
  self.io.close();
  co_return flushed;
}

void PlainStream::cancel() { impl_->io.cancel(); }
bool PlainStream::quiet() { return !impl_->error && impl_->io.quiet(); }
void PlainStream::reset() { impl_->io.reset(); }
const Endpoint& PlainStream::local() const { return impl_->io.local(); }
const Endpoint& PlainStream::remote() const { return impl_->io.remote(); }

}  // namespace padlock::net
