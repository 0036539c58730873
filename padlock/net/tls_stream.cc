#include "padlock/net/tls_stream.h"

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include <asio/experimental/awaitable_operators.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/unsafe.h"
#include "padlock/net/limits.h"
#include "padlock/net/resources.h"
#include "padlock/net/rules.h"
#include "padlock/net/socket_io.h"
#include "padlock/tls/rules.h"

namespace padlock::net {

NowOrLater<std::shared_ptr<const tls::Credential>> Responder::certificate_for(const tls::CertificateWanted&) {
  return Result<std::shared_ptr<const tls::Credential>>(
      broken(rules::no_certificate, "a certificate was asked for and nobody has one"));
}

NowOrLater<tls::PeerVerified> Responder::verify(const tls::ChainVerificationWanted&) {
  return Result<tls::PeerVerified>(broken(rules::not_verified, "a certificate was shown and nobody judges it"));
}

NowOrLater<tls::EarlyDataAnswer> Responder::take_early_data(const tls::EarlyDataWanted&) {
  return Result<tls::EarlyDataAnswer>(tls::EarlyDataAnswer::refuse);
}

void Responder::keep(std::shared_ptr<const tls::ClientSession>) {}

/// The connection with its socket, and the bytes between them.
struct TlsStream::Impl {
  Impl(SocketIo socket, tls::Connection connection, Responder& asked)
      : resources(Resources::of(socket.get_executor())),
        tls(std::move(connection)),
        responder(asked),
        io(std::move(socket)) {}

  // ---- input
  Result<bool> read_some();
  Awaitable<Result<void>> wait_for_bytes(Deadline deadline);
  bool feed();
  void rest_in_stash();
  void take_buffer();
  // ---- output
  bool send_some(Result<void>& outcome);
  Result<bool> flush_now();
  void hear_last_words();
  // ---- handshake
  bool is_early() const { return has_early_data && !complete; }
  Awaitable<Result<void>> shake(Deadline deadline);
  Awaitable<Result<void>> complete_handshake(Deadline deadline);
  Awaitable<Result<bool>> answer_questions(Deadline deadline);
  Awaitable<void> answer_crypto();
  template <class T>
  Awaitable<Result<T>> in_time(NowOrLater<T> answer, Deadline deadline);
  template <class T>
  void give(tls::QuestionId id, Result<T> answer);

  std::unexpected<Error> fail(Error what);
  void note(tls::Event& event);

  Resources& resources;
  tls::Connection tls;
  Responder& responder;
  SocketIo io;
  PooledBuffer in;
  std::size_t begin = 0, end = 0;   ///< bytes of `in` that TLS has not taken
  std::vector<std::uint8_t> stash;  ///< the same bytes while `in` is given back during a wait
  std::vector<tls::CryptoWanted> crypto_questions;
  std::vector<std::variant<tls::CertificateWanted, tls::ChainVerificationWanted, tls::EarlyDataWanted>> questions;
  std::optional<Bytes> data;  ///< plaintext that was yielded and not handed over
  std::size_t held = 0;       ///< bytes of output that wait for others
  bool complete = false;
  bool has_early_data = false;
  bool peer_closed = false;
  bool ending = false;  ///< nothing comes behind the output
  std::optional<Error> error;
};

// ---- construction and small things --------------------------------------------------------------------------------

TlsStream::TlsStream(asio::ip::tcp::socket socket, tls::Connection connection, Responder& responder,
                     Observer* observer) {
  const Sender we_are = connection.info().server ? Sender::server : Sender::client;
  impl_ = std::make_unique<Impl>(SocketIo(std::move(socket), we_are, observer), std::move(connection), responder);
}
TlsStream::TlsStream(SocketIo socket, tls::Connection connection, Responder& responder)
    : impl_(std::make_unique<Impl>(std::move(socket), std::move(connection), responder)) {}
TlsStream::~TlsStream() = default;

const Endpoint& TlsStream::local() const { return impl_->io.local(); }
const Endpoint& TlsStream::remote() const { return impl_->io.remote(); }
const tls::ConnectionInfo& TlsStream::info() const { return impl_->tls.info(); }
tls::Connection& TlsStream::connection() { return impl_->tls; }
const Error* TlsStream::last_error() const { return impl_->error ? &*impl_->error : nullptr; }
TlsStream::executor_type TlsStream::get_executor() { return impl_->io.get_executor(); }
TlsStream::lowest_layer_type& TlsStream::lowest_layer() { return impl_->io; }
void TlsStream::cancel() { impl_->io.cancel(); }
void TlsStream::reset() { impl_->io.reset(); }
bool TlsStream::is_early() const { return impl_->is_early(); }
bool TlsStream::quiet() {
  Impl& self = *impl_;
  const bool all_taken = self.begin == self.end && self.stash.empty() && !self.data;
  return all_taken && !self.peer_closed && !self.error && self.io.quiet();
}

/// Remembers the first error; later calls give it again. What TLS has to say about it (an alert) is sent if it can.
std::unexpected<Error> TlsStream::Impl::fail(Error what) {
  if (!error) {
    error = std::move(what);
    Result<void> ignored;  // the peer may be gone; the error stays the first one
    send_some(ignored);
    io.shutdown_send();
  }
  return std::unexpected(*error);
}

void TlsStream::Impl::note(tls::Event& event) {
  if (auto* wanted = std::get_if<tls::CryptoWanted>(&event)) crypto_questions.push_back(std::move(*wanted));
  if (auto* wanted = std::get_if<tls::CertificateWanted>(&event)) questions.emplace_back(std::move(*wanted));
  if (auto* wanted = std::get_if<tls::ChainVerificationWanted>(&event)) questions.emplace_back(std::move(*wanted));
  if (auto* wanted = std::get_if<tls::EarlyDataWanted>(&event)) questions.emplace_back(std::move(*wanted));
  if (auto* received = std::get_if<tls::SessionReceived>(&event)) responder.keep(std::move(received->session));
  if (std::holds_alternative<tls::HandshakeComplete>(event)) complete = true;
  if (const auto* plaintext = std::get_if<tls::ApplicationData>(&event)) data = plaintext->bytes;
  if (const auto* plaintext = std::get_if<tls::EarlyData>(&event)) {
    data = plaintext->bytes;
    has_early_data = true;
  }
  if (std::holds_alternative<tls::PeerClosed>(event)) peer_closed = true;
  if (auto* failed = std::get_if<tls::Failed>(&event)) fail(std::move(failed->error));
}

// ---- input ----------------------------------------------------------------------------------------------------------

/// Offers what is buffered to TLS and notes the first event. False: there is none yet.
bool TlsStream::Impl::feed() {
  for (;;) {
    if (auto event = tls.next_event()) {
      note(*event);
      return true;
    }
    if (begin == end) return false;
    const auto taken = tls.feed(in.bytes().subspan(begin, end - begin), now());
    if (!taken) {
      fail(taken.error());
      return true;
    }
    if (*taken == 0) return false;
    begin += *taken;
  }
}

/// Appends bytes of the peer to what is there. Its FIN is told to TLS. False: nothing has come.
Result<bool> TlsStream::Impl::read_some() {
  if (!io.may_have_input()) return false;
  take_buffer();
  if (end == in.bytes().size()) return fail({&rules::socket_failed, "TLS took nothing of a whole buffer"});
  const auto count = io.read_now(in.bytes().subspan(end));
  if (!count) return fail(count.error());
  if (!*count) return false;
  end += **count;
  if (io.input_ended()) tls.input_ended();
  return true;
}

Awaitable<Result<void>> TlsStream::Impl::wait_for_bytes(Deadline deadline) {
  rest_in_stash();
  if (complete && tls.output().empty()) tls.release_buffers();
  return io.wait_readable(deadline, error);
}

/// A buffer with the unread bytes at its front and room behind them for the rest of any record.
void TlsStream::Impl::take_buffer() {
  if (in.empty()) {
    in = resources.buffers().take();
    begin = 0;
    end = stash.size();
    copy_bytes(stash, in.bytes());
    stash.clear();
  }
  if (begin == 0) return;
  copy_bytes(in.bytes().subspan(begin, end - begin), in.bytes());
  end -= begin;
  begin = 0;
}

/// Before a wait: gives the buffer back to the pool, unless much of a record is in it.
void TlsStream::Impl::rest_in_stash() {
  if (end - begin > limits::stashed_bytes) return;
  const auto unread = in.bytes().subspan(begin, end - begin);
  stash.assign(unread.begin(), unread.end());
  if (stash.empty()) stash.shrink_to_fit();
  in.release();
  begin = end = 0;
}

std::optional<Result<Bytes>> TlsStream::read_now() {
  Impl& self = *impl_;
  for (;;) {
    if (self.data) {
      const Bytes plaintext = *self.data;
      self.data.reset();
      if (!plaintext.empty()) return plaintext;
    }
    if (self.error) return std::unexpected(*self.error);
    if (self.peer_closed) {
      self.in.release();
      self.begin = self.end = 0;
      return Bytes{};
    }
    if (self.feed()) continue;
    // What reading made TLS say (a KeyUpdate's answer) leaves before we wait; it never holds the reader up.
    Result<void> sent;
    if (queued() > 0 && !self.send_some(sent)) return self.fail(sent.error());
    if (self.tls.waiting_for() == tls::Waiting::room_for_output) return std::nullopt;
    const auto some = self.read_some();
    if (!some || *some) continue;
    if (self.held > 0 && !self.send_some(sent)) return self.fail(sent.error());  // whoever waits may wait for them
    return std::nullopt;
  }
}

Awaitable<Result<void>> TlsStream::wait_input(Deadline deadline) {
  if (impl_->tls.waiting_for() == tls::Waiting::room_for_output) return wait_output(deadline);
  return impl_->wait_for_bytes(deadline);
}

// ---- output ---------------------------------------------------------------------------------------------------------

/// Sends what the kernel takes now. False: the socket failed, see `outcome`.
bool TlsStream::Impl::send_some(Result<void>& outcome) {
  held = 0;
  for (Bytes output = tls.output(); !output.empty(); output = tls.output()) {
    const auto count = io.write_now(std::span(&output, 1), ending);
    if (!count) outcome = std::unexpected(count.error());
    if (!count) return false;
    if (*count == 0) return true;
    tls.output_sent(*count);
  }
  if (ending) io.shutdown_send();
  return true;
}

Result<bool> TlsStream::Impl::flush_now() {
  if (error) return std::unexpected(*error);
  Result<void> outcome;
  if (!send_some(outcome)) {
    if (!complete) hear_last_words();
    return fail(outcome.error());
  }
  return tls.output().empty();
}

/// A peer that refuses us sends an alert and closes, which breaks our next write: the alert says more.
void TlsStream::Impl::hear_last_words() {
  take_buffer();
  const auto count = io.read_now(in.bytes().subspan(end));
  if (count && *count) end += **count;
  while (!error && feed()) {
  }
}

Result<bool> TlsStream::flush_now() { return impl_->flush_now(); }
Awaitable<Result<void>> TlsStream::wait_output(Deadline deadline) {
  return impl_->io.wait_writable(deadline, impl_->error);
}
std::size_t TlsStream::queued() const { return impl_->tls.output().size() - impl_->held; }

namespace {

/// Moves up to `limits::sealed_ahead_bytes` from the front of `pieces` to `batch`; `offset` is into the first piece.
void take_batch(std::span<const Bytes>& pieces, std::size_t& offset, std::vector<Bytes>& batch) {
  std::size_t room = limits::sealed_ahead_bytes;
  batch.clear();
  while (!pieces.empty() && room > 0) {
    const Bytes rest = pieces.front().subspan(offset);
    const Bytes now = rest.first(std::min(room, rest.size()));
    if (!now.empty()) batch.push_back(now);
    room -= now.size();
    offset += now.size();
    if (now.size() < rest.size()) return;
    pieces = pieces.subspan(1);
    offset = 0;
  }
}

}  // namespace

Awaitable<Result<void>> TlsStream::write(std::span<const Bytes> pieces, Deadline deadline) {
  Impl& self = *impl_;
  std::vector<Bytes> batch;
  std::size_t offset = 0;
  do {
    if (self.error) co_return std::unexpected(*self.error);
    take_batch(pieces, offset, batch);
    if (!batch.empty()) {
      auto sealed = self.tls.send(batch);
      if (!sealed) co_return self.fail(sealed.error());
    }
    auto flushed = co_await flush(deadline);
    if (!flushed) co_return self.fail(flushed.error());
  } while (!pieces.empty());
  co_return Result<void>{};
}

Result<std::span<std::uint8_t>> TlsStream::reserve(std::size_t size) {
  if (impl_->error) return std::unexpected(*impl_->error);
  if (size == 0) return broken(rules::reservation_misused, "a reservation of no bytes");
  return impl_->tls.reserve(std::min(size, max_reservation));
}

Result<void> TlsStream::commit(std::size_t size) {
  if (impl_->error) return std::unexpected(*impl_->error);
  return impl_->tls.commit(size);
}

void TlsStream::drop_reservation() { impl_->tls.drop_reservation(); }

// ---- handshake ------------------------------------------------------------------------------------------------------

Awaitable<Result<void>> TlsStream::handshake(Deadline deadline) {
  Result<void> shaken = co_await impl_->shake(deadline);
  impl_->io.disarm();
  std::vector<tls::CryptoWanted>().swap(impl_->crypto_questions);
  co_return shaken;
}

Awaitable<Result<void>> TlsStream::Impl::shake(Deadline deadline) {
  for (;;) {
    // Noted events come one by one, so that data behind the last message, or early, stays for the first read.
    while (!complete && !is_early() && !error && feed()) {
    }
    if (error) co_return std::unexpected(*error);
    auto answered = co_await answer_questions(deadline);
    PADLOCK_CO_TRY(answered);
    if (*answered) continue;
    // In TLS 1.3 a server has said all by then but its tickets; in TLS 1.2 its Finished comes last.
    if (complete && tls.info().server && tls.info().version == tls::ProtocolVersion::TLS_1_3) {
      held = tls.output().size();
      co_return Result<void>{};
    }
    const auto flushed = flush_now();
    PADLOCK_CO_TRY(flushed);
    if (*flushed) {
      if (complete || is_early()) co_return Result<void>{};
      if (tls.waiting_for() == tls::Waiting::room_for_output) continue;
      const auto some = read_some();
      PADLOCK_CO_TRY(some);
      if (*some) continue;
    }
    auto wait = *flushed ? wait_for_bytes(deadline) : io.wait_writable(deadline, error);
    auto ready = co_await std::move(wait);
    if (!ready) co_return fail(ready.error());
  }
}

/// Answers what TLS has asked. False: there was nothing.
Awaitable<Result<bool>> TlsStream::Impl::answer_questions(Deadline deadline) {
  const bool some = !crypto_questions.empty() || !questions.empty();
  if (!crypto_questions.empty()) co_await answer_crypto();
  for (const auto& question : std::exchange(questions, {})) {
    if (const auto* certificate = std::get_if<tls::CertificateWanted>(&question)) {
      auto credential = co_await in_time(responder.certificate_for(*certificate), deadline);
      give(certificate->id, std::move(credential));
    } else if (const auto* early_data = std::get_if<tls::EarlyDataWanted>(&question)) {
      const auto answer = co_await in_time(responder.take_early_data(*early_data), deadline);
      give(early_data->id, Result<tls::EarlyDataAnswer>(answer.value_or(tls::EarlyDataAnswer::refuse)));
    } else {
      const auto& chain = std::get<tls::ChainVerificationWanted>(question);
      auto proof = co_await in_time(responder.verify(chain), deadline);
      give(chain.id, std::move(proof));
    }
  }
  co_return some;
}

/// An answer to a question that is gone changes nothing, so what `answer` and `decline` say needs no look.
template <class T>
void TlsStream::Impl::give(tls::QuestionId id, Result<T> answer) {
  const Result<void> taken = answer ? tls.answer(id, std::move(*answer)) : tls.decline(id, std::move(answer).error());
  static_cast<void>(taken);
}

Awaitable<void> TlsStream::Impl::answer_crypto() {
  std::vector<crypto::Question> asked;
  std::vector<tls::QuestionId> ids;
  for (tls::CryptoWanted& wanted : crypto_questions) {
    ids.push_back(wanted.id);
    asked.push_back(std::move(wanted.question));
  }
  crypto_questions.clear();
  auto answers = co_await resources.crypto().answer(std::move(asked));
  auto id = ids.begin();
  for (Result<crypto::Answer>& answer : answers) {
    const Result<void> taken = tls.answer(*id++, std::move(answer));
    static_cast<void>(taken);  // as in `give`
  }
}

/// The answer, or deadline_passed. The ordinary answer is there at once.
template <class T>
Awaitable<Result<T>> TlsStream::Impl::in_time(NowOrLater<T> answer, Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  if (auto* at_once = std::get_if<Result<T>>(&answer)) co_return std::move(*at_once);
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  auto later = std::get<Awaitable<Result<T>>>(std::move(answer));
  auto first = co_await (std::move(later) || timer.async_wait(asio::use_awaitable));
  if (auto* came = std::get_if<0>(&first)) co_return std::move(*came);
  co_return broken(rules::deadline_passed, "no answer came in time for the handshake with " + to_string(io.remote()));
}

// ---- the end --------------------------------------------------------------------------------------------------------

/// After early data: what still comes of it is dropped.
Awaitable<Result<void>> TlsStream::Impl::complete_handshake(Deadline deadline) {
  while (is_early()) {
    data.reset();
    if (error) co_return std::unexpected(*error);
    if (feed()) continue;
    const auto flushed = flush_now();
    PADLOCK_CO_TRY(flushed);
    const auto some = read_some();
    PADLOCK_CO_TRY(some);
    if (*some) continue;
    auto wait = *flushed ? wait_for_bytes(deadline) : io.wait_writable(deadline, error);
    auto ready = co_await std::move(wait);
    if (!ready) co_return ready;
  }
  co_return Result<void>{};
}

void TlsStream::queue_end() {
  // A client learns of an end by an alert under its own keys, which it has once its Finished is there.
  if (impl_->error || impl_->is_early()) return;
  impl_->tls.drop_reservation();
  impl_->tls.close();
  impl_->ending = true;
}

Awaitable<Result<void>> TlsStream::end_output(Deadline deadline) {
  Impl& self = *impl_;
  Result<void> flushed = co_await self.complete_handshake(deadline);
  if (flushed && !self.error) {
    queue_end();
    flushed = co_await flush(deadline);
  }
  self.io.shutdown_send();
  co_return flushed;
}

Awaitable<Result<void>> TlsStream::close(Deadline linger) {
  Impl& self = *impl_;
  Result<void> flushed = co_await end_output(linger);
  std::size_t dropped = 0;
  while (!self.io.input_ended() && dropped < limits::lingering_bytes && std::chrono::steady_clock::now() < linger) {
    while (!self.error && !self.peer_closed && self.feed()) self.data.reset();
    // Whoever says close_notify sends nothing that could be answered by a reset.
    if (self.peer_closed && self.begin == self.end) break;
    if (self.error || self.peer_closed) self.begin = self.end = 0;
    const std::size_t before = self.end;
    const auto some = self.read_some();
    if (!some) break;
    dropped += self.end - std::min(before, self.end);
    if (*some) continue;
    const auto ready = co_await self.wait_for_bytes(linger);
    if (!ready) break;
  }
  self.in.release();
  self.io.close();
  co_return flushed;
}

// ---- Asio's stream --------------------------------------------------------------------------------------------------

namespace {

class StreamErrorCategory final : public std::error_category {
  const char* name() const noexcept override { return "padlock"; }
  std::string message(int value) const override {
    switch (static_cast<StreamError>(value)) {
      case StreamError::tls_failed: return "TLS failed";
      case StreamError::truncated: return "the connection ended without close_notify";
      case StreamError::deadline_passed: return "the peer stalled";
    }
    return "unknown";
  }
};

std::error_code code_of(const Error& error) {
  if (error.rule == &tls::rules::truncated) return StreamError::truncated;
  if (error.rule == &rules::deadline_passed) return StreamError::deadline_passed;
  if (error.rule == &rules::cancelled) return asio::error::operation_aborted;
  if (error.rule == &rules::connection_reset) return asio::error::connection_reset;
  return StreamError::tls_failed;
}

}  // namespace

const std::error_category& stream_error_category() {
  static const StreamErrorCategory category;
  return category;
}
std::error_code make_error_code(StreamError error) { return {static_cast<int>(error), stream_error_category()}; }

namespace {
PADLOCK_UNSAFE_BUFFERS_BEGIN  // pointer and size are those of one Asio buffer
Bytes bytes_of(asio::const_buffer buffer) { return {static_cast<const std::uint8_t*>(buffer.data()), buffer.size()}; }
PADLOCK_UNSAFE_BUFFERS_END
}  // namespace

Awaitable<TlsStream::Outcome> TlsStream::some(asio::mutable_buffer buffer) {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (buffer.size() == 0) co_return Outcome{};
  Impl& self = *impl_;
  auto plaintext = co_await read(no_deadline);
  if (!plaintext) co_return Outcome{code_of(plaintext.error()), 0};
  if (plaintext->empty()) co_return Outcome{asio::error::eof, 0};
  const std::size_t count = asio::buffer_copy(buffer, asio::const_buffer(plaintext->data(), plaintext->size()));
  if (count < plaintext->size()) self.data = plaintext->subspan(count);  // the view lives until the next feed
  co_return Outcome{std::error_code(), count};
}

Awaitable<TlsStream::Outcome> TlsStream::some(asio::const_buffer buffer) {
  co_await asio::this_coro::throw_if_cancelled(false);
  const Bytes piece = bytes_of(buffer);
  auto written = co_await write(std::span(&piece, 1), no_deadline);
  if (!written) co_return Outcome{code_of(written.error()), 0};
  co_return Outcome{std::error_code(), piece.size()};
}

}  // namespace padlock::net
