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
  explicit Impl(SocketIo given) : buffers(Resources::of(given.get_executor()).buffers()), io(std::move(given)) {}

  /// Remembers the first error of what was read; later calls give it again.
  std::unexpected<Error> fail(Error what) {
    if (!error) error = std::move(what);
    return std::unexpected(*error);
  }
  /// What can be sent no more can still be answered: reading goes on.
  std::unexpected<Error> fail_output(Error what) {
    if (!output_error) output_error = std::move(what);
    return std::unexpected(*output_error);
  }
  const Error* why_nothing_is_sent() const {
    if (output_error) return &*output_error;
    return error ? &*error : nullptr;
  }

  BufferPool& buffers;
  SocketIo io;
  PooledBuffer in;
  std::vector<std::uint8_t> out;  ///< committed bytes, then the reservation
  std::size_t committed = 0;
  std::size_t sent = 0;
  std::optional<Error> error;
  std::optional<Error> output_error;
  bool ending = false;  ///< nothing comes behind the output
};

PlainStream::PlainStream(asio::ip::tcp::socket socket, Sender we_are, Observer* observer)
    : PlainStream(SocketIo(std::move(socket), we_are, observer)) {}
PlainStream::PlainStream(SocketIo socket) : impl_(std::make_unique<Impl>(std::move(socket))) {}
PlainStream::~PlainStream() = default;

std::optional<Result<Bytes>> PlainStream::read_now() {
  Impl& self = *impl_;
  if (self.error) return std::unexpected(*self.error);
  if (!self.io.may_have_input()) return std::nullopt;
  if (self.in.empty()) self.in = self.buffers.take();
  auto count = self.io.read_now(self.in.bytes());
  if (!count) return self.fail(count.error());
  if (!*count) return std::nullopt;
  return Bytes(self.in.bytes().first(**count));
}

Awaitable<Result<void>> PlainStream::wait_input(Deadline deadline) {
  impl_->in.release();
  return impl_->io.wait_readable(deadline, impl_->error);
}

Awaitable<Result<void>> PlainStream::write(std::span<const Bytes> pieces, Deadline deadline) {
  Impl& self = *impl_;
  auto flushed = co_await flush(deadline);
  if (!flushed) co_return self.fail_output(flushed.error());
  std::vector<Bytes> left;
  std::ranges::copy_if(pieces, std::back_inserter(left), [](Bytes piece) { return !piece.empty(); });
  std::span<Bytes> rest = left;
  while (!rest.empty()) {
    auto count = self.io.write_now(rest);
    if (!count) co_return self.fail_output(count.error());
    if (*count == 0) {
      auto ready = co_await self.io.wait_writable(deadline, self.output_error);
      if (!ready) co_return self.fail_output(ready.error());
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
  if (const Error* const why = self.why_nothing_is_sent()) return std::unexpected(*why);
  if (self.out.size() != self.committed) return broken(rules::reservation_misused, "a reservation is open already");
  if (size == 0) return broken(rules::reservation_misused, "a reservation of no bytes");
  self.out.resize(self.committed + std::min(size, max_reservation));
  return std::span(self.out).subspan(self.committed);
}

Result<void> PlainStream::commit(std::size_t size) {
  Impl& self = *impl_;
  if (const Error* const why = self.why_nothing_is_sent()) return std::unexpected(*why);
  if (size > self.out.size() - self.committed) {
    return broken(rules::reservation_misused, "more bytes were committed than reserved");
  }
  self.committed += size;
  self.out.resize(self.committed);
  return {};
}

void PlainStream::drop_reservation() { impl_->out.resize(impl_->committed); }

std::size_t PlainStream::queued() const { return impl_->committed - impl_->sent; }

Result<bool> PlainStream::flush_now() {
  Impl& self = *impl_;
  if (const Error* const why = self.why_nothing_is_sent()) return std::unexpected(*why);
  while (self.sent < self.committed) {
    const Bytes rest = Bytes(self.out).first(self.committed).subspan(self.sent);
    auto count = self.io.write_now(std::span(&rest, 1), self.ending);
    if (!count) return self.fail_output(count.error());
    self.sent += *count;
    if (*count == 0) return false;
  }
  if (self.out.size() == self.committed) {  // no reservation is open: an idle connection holds no memory
    std::vector<std::uint8_t>().swap(self.out);
    self.committed = self.sent = 0;
  }
  if (self.ending) self.io.shutdown_send();
  return true;
}

Awaitable<Result<void>> PlainStream::wait_output(Deadline deadline) {
  return impl_->io.wait_writable(deadline, impl_->output_error);
}

void PlainStream::queue_end() {
  drop_reservation();
  impl_->ending = true;
}

Awaitable<Result<void>> PlainStream::end_output(Deadline deadline) {
  Impl& self = *impl_;
  queue_end();
  Result<void> flushed;
  if (self.why_nothing_is_sent() == nullptr) flushed = co_await flush(deadline);
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
    const auto ready = co_await self.io.wait_readable(linger, self.error);
    if (!ready) break;
  }
  self.in.release();
  self.io.close();
  co_return flushed;
}

void PlainStream::cancel() { impl_->io.cancel(); }
bool PlainStream::quiet() { return impl_->why_nothing_is_sent() == nullptr && impl_->io.quiet(); }
void PlainStream::reset() { impl_->io.reset(); }
const Endpoint& PlainStream::local() const { return impl_->io.local(); }
const Endpoint& PlainStream::remote() const { return impl_->io.remote(); }

}  // namespace padlock::net
