#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/execution_context.hpp>

#include "padlock/crypto/provider.h"
#include "padlock/net/awaitable.h"
#include "padlock/net/buffer_pool.h"

namespace padlock::net {

/// Answers the crypto questions of all connections of an io_context together (ARCHITECTURE.md, questions and batches):
/// the first question of a loop turn posts one flush, which answers whatever has gathered by then; a question that is
/// alone is answered as soon as the loop is free.
class CryptoBatch {
 public:
  explicit CryptoBatch(crypto::Provider& provider);
  ~CryptoBatch();
  CryptoBatch(const CryptoBatch&) = delete;
  CryptoBatch& operator=(const CryptoBatch&) = delete;
  using Answers = std::vector<Result<crypto::Answer>>;
  /// One answer for each question, in their order. The questions of one call stay together.
  Awaitable<Answers> answer(std::vector<crypto::Question> questions);
  /// Ends all waiting coroutines without an answer: the loop is going away.
  void drop();
  /// What the answers have taken so far.
  std::chrono::nanoseconds time() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// What the streams of one io_context share: the crypto provider, buffers, the batch of crypto questions. An
/// io_context that carries Padlock's streams is run by one thread, as all of this is lock-free.
class Resources : public asio::execution_context::service {
 public:
  static asio::execution_context::id id;  // NOLINT: Asio looks services up by the address of this

  explicit Resources(asio::execution_context& context);
  ~Resources() override;
  /// The resources of this io_context, made at the first call.
  static Resources& of(asio::execution_context& context);
  static Resources& of(const asio::any_io_executor& executor);

  /// The provider for the connections of this io_context: crypto::make_provider() unless `use` gave another one.
  crypto::Provider& provider();
  /// Takes another provider, before the first call of provider().
  void use(std::unique_ptr<crypto::Provider> provider);
  BufferPool& buffers() { return buffers_; }
  CryptoBatch& crypto();

 private:
  void shutdown() override;
  BufferPool buffers_;
  std::unique_ptr<crypto::Provider> provider_;
  std::unique_ptr<CryptoBatch> crypto_;
};

}  // namespace padlock::net
