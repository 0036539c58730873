#include "padlock/net/stream.h"

namespace padlock::net {

Awaitable<Result<Bytes>> Stream::read(Deadline deadline) {
  for (;;) {
    if (auto bytes = read_now()) co_return *std::move(bytes);
    auto ready = co_await wait_input(deadline);
    PADLOCK_CO_TRY(ready);
  }
}

Awaitable<Result<void>> Stream::flush(Deadline deadline) {
  for (;;) {
    const auto all = flush_now();
    PADLOCK_CO_TRY(all);
    if (*all) co_return Result<void>{};
    auto ready = co_await wait_output(deadline);
    PADLOCK_CO_TRY(ready);
  }
}

}  // namespace padlock::net
