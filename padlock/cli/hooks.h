#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "padlock/base/result.h"
#include "padlock/certs/dns_hook.h"
#include "padlock/net/descriptor.h"
#include "padlock/net/service_manager.h"

// The program that sets records of dns-01. A worker may execute nothing (docs/threats.md, P7): it asks its keeper, or,
// where it has none, a process that was split off before the sandbox. Both run the one program that the configuration
// names, with arguments that they have checked.

namespace padlock::cli {

/// How a request to run the program begins.
inline constexpr std::string_view hook_wanted = "HOOK ";

/// Runs the program to its end, if the request is one, and gives the reply. No shell takes part; it gets PATH and LANG
/// and nothing else of the environment, two minutes, and must be nobody else's to change.
std::string answer_hook(const std::filesystem::path& program, std::string_view request);

/// For a worker.
class Hooks final : public certs::HookRunner {
 public:
  /// While this process has one thread and opened nothing that the other process should not have. Error:
  /// certs::rules::hook_not_run.
  static Result<std::unique_ptr<Hooks>> open(const std::filesystem::path& program, const net::ServiceManager& manager);
  explicit Hooks(net::Descriptor other) : other_(std::move(other)) {}

  /// What the program says goes to the log.
  net::Awaitable<Result<void>> run(certs::HookCall call) override;

 private:
  void take_replies();

  net::Descriptor other_;  ///< whoever runs it
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::string> replies_;  ///< that nobody has taken yet
};

}  // namespace padlock::cli
