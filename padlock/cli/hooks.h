#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "padlock/base/result.h"
#include "padlock/certs/dns_hook.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/service_manager.h"
#include "padlock/server/config/config.h"

// Programs of the user's: what sets records of dns-01, and what is told of events. A worker may execute nothing
// (docs/threats.md, P7): it asks its keeper, or, where it has none, a process that was split off before the sandbox.
// Both run the programs that the configuration names and no others, with arguments that they have checked.

namespace padlock::cli {

/// Those that the configuration names; empty: none.
struct HookPrograms {
  std::filesystem::path dns;     ///< `present` and `cleanup`, as certs::HookCall says
  std::filesystem::path events;  ///< gets an event's kind as its argument and the event on its standard input
  bool any() const { return !dns.empty() || !events.empty(); }
};

HookPrograms hook_programs(const server::Config& config);

/// How a request to run a program begins, and how long it may be.
inline constexpr std::string_view hook_wanted = "HOOK ";
inline constexpr std::size_t hook_message_bytes = 8'192;

/// Why this user does not run it, such as that others may change it; nothing: it can be run.
std::optional<std::string> fault_of_program(const std::filesystem::path& program);

/// Runs a program to its end, if the request is one, and gives the reply. No shell takes part; it gets PATH and LANG
/// and nothing else of the environment, two minutes for records or half a minute for an event, and must be nobody
/// else's to change.
std::string answer_hook(const HookPrograms& programs, std::string_view request);

/// Does so for workers, each time in a process of its own that waits for the program.
class HookProcesses {
 public:
  explicit HookProcesses(HookPrograms programs) : programs_(std::move(programs)) {}
  /// The reply goes to `socket`. Of more at a time than anybody needs nothing is heard.
  void start(int socket, std::string_view request);
  /// This process has ended; it may be none of these.
  void ended(pid_t process) { running_.erase(process); }

 private:
  HookPrograms programs_;
  std::set<pid_t> running_;
};

/// For a worker.
class Hooks final : public certs::HookRunner {
 public:
  /// While this process has one thread and opened nothing that the other process should not have. Error:
  /// certs::rules::hook_not_run.
  static Result<std::unique_ptr<Hooks>> open(const HookPrograms& programs, const net::ServiceManager& manager);
  explicit Hooks(net::Descriptor other) : other_(std::move(other)) {}

  /// What the program says goes to the log.
  net::Awaitable<Result<void>> run(certs::HookCall call) override;
  /// The same for the program of events; `event`: what certs::write_event gives. Errors:
  /// certs::rules::event_program_failed, ::hook_not_run.
  net::Awaitable<Result<void>> tell(std::string event);

 private:
  net::Awaitable<Result<void>> ask(std::string request, std::string what, std::chrono::seconds patience,
                                   const Rule& failure);
  void take_replies();

  net::Descriptor other_;  ///< whoever runs it
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::string> replies_;  ///< that nobody has taken yet
};

}  // namespace padlock::cli
