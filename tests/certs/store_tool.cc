// store_tool STATE_FOLDER NAME DAYS [CA]: has the local CA make a certificate so many days ago, and keeps it, perhaps
// as another CA's.
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <vector>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>

#include "padlock/base/text.h"
#include "padlock/base/unsafe.h"
#include "padlock/certs/local_issuer.h"
#include "padlock/net/clock.h"

namespace padlock::certs {
namespace {

net::Awaitable<Result<void>> keep(std::string folder, std::string name, std::uint64_t days, std::string ca) {
  const auto provider = crypto::make_provider();
  LocalCaIssuer issuer(folder, *provider, [days] { return net::now().wall - std::chrono::days(days); });
  FileStore store{StoreFolder(folder)};
  const StoreKey key{Kind::certificate, ca.empty() ? issuer.ca() : ca, name};
  const auto lease = co_await store.lock(key, lease_life);
  PADLOCK_CO_TRY(lease);
  const IssueRequest request{.names = {name}};
  auto entry = co_await issuer.issue(request);
  PADLOCK_CO_TRY(entry);
  const SecretBytes value = write_entry(*entry);
  auto put = co_await store.put(key, value.reveal(), &*lease);
  PADLOCK_CO_TRY(put);
  co_return co_await store.unlock(*lease);
}

int run(std::span<const std::string> arguments) {
  asio::io_context loop;
  int code = 1;
  const std::string ca = arguments.size() > 3 ? arguments[3] : std::string();
  const auto work = [&]() -> net::Awaitable<void> {
    const auto done = co_await keep(arguments[0], arguments[1], parse_decimal(arguments[2]).value_or(0), ca);
    if (!done) std::fprintf(stderr, "store_tool: %s\n", done.error().to_string().c_str());
    code = done ? 0 : 1;
  };
  asio::co_spawn(loop, work, asio::detached);
  loop.run();
  return code;
}

}  // namespace
}  // namespace padlock::certs

int main(int argc, char** argv) {
  try {
    PADLOCK_UNSAFE_BUFFERS_BEGIN  // what main is given
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    PADLOCK_UNSAFE_BUFFERS_END
    return arguments.size() == 3 || arguments.size() == 4 ? padlock::certs::run(arguments) : 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "store_tool: %s\n", error.what());
    return 1;
  }
}
