// The services of a host while it is served: their files, and what becomes of a change to them.
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/base/text.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/serving.h"
#include "padlock/client/trust.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/server/limits.h"
#include "padlock/server/route/make_route.h"

namespace padlock::cli {
namespace {

std::string file_of(const std::string& service) { return service + ".toml"; }

/// The texts of all services as edits would leave them.
void apply(const std::vector<ServiceEdit>& edits, const std::filesystem::path& folder,
           std::vector<server::ConfigText>& services) {
  for (const ServiceEdit& edit : edits) {
    const std::filesystem::path file = folder / file_of(edit.name);
    std::erase_if(services, [&](const server::ConfigText& one) { return one.file == file; });
    if (edit.text) services.push_back({file, *edit.text});
  }
  std::ranges::sort(services, {}, &server::ConfigText::file);
}

bool is_served(const server::Config& config, const std::string& service) {
  return std::ranges::find(config.sites, service, &server::SiteConfig::service) != config.sites.end();
}

/// Files as they were before they were written.
class Undo {
 public:
  explicit Undo(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Undo(const Undo&) = delete;
  Undo& operator=(const Undo&) = delete;
  ~Undo() {
    for (const ServiceEdit& one : done_) static_cast<void>(write(one));  // what fails here was said of the first
  }
  /// Does it, and notes how it was. Errors: net's of files.
  Result<void> make(const ServiceEdit& edit, std::optional<std::string> before) {
    PADLOCK_TRY(write(edit));
    done_.push_back({edit.name, std::move(before)});
    return {};
  }
  void keep() { done_.clear(); }

 private:
  Result<void> write(const ServiceEdit& edit) const {
    const std::filesystem::path file = folder_ / file_of(edit.name);
    if (edit.text) return net::write_file_atomically(file, as_bytes(*edit.text), net::private_file_mode);
    std::error_code error;
    if (std::filesystem::remove(file, error) || !error) return {};
    return broken(net::rules::file_unwritable, "cannot remove " + escaped(file.native()) + ": " + error.message());
  }
  std::filesystem::path folder_;
  std::vector<ServiceEdit> done_;
};

}  // namespace

Result<std::filesystem::path> Serving::services_folder() const {
  const auto state = client::state_directory();
  if (!state) return broken(rules::no_state_directory, "there is no place for services");
  return *state / "hosts.d";
}

Result<server::Config> Serving::with_services(const std::vector<ServiceEdit>& edits) {
  const auto folder = PADLOCK_TRY(services_folder());
  server::ConfigProblems problems;
  auto services = server::read_services(folder, problems);
  apply(edits, folder, services);
  server::Config config = base_;
  std::ranges::move(server::add_services(config, services), std::back_inserter(problems));
  std::vector<Error> of_others;
  of_others.reserve(problems.size());
  for (const server::ConfigProblem& problem : problems) {
    const auto edited =
        std::ranges::find(edits, std::filesystem::path(problem.file).stem().native(), &ServiceEdit::name);
    if (edited != edits.end()) return broken(rules::service_refused, problem.what);
    of_others.push_back({&rules::service_left_out, server::to_string(problem)});
  }
  about_services_.about(of_others);
  return config;
}

Result<std::optional<std::string>> Serving::read_service(const std::string& name) const {
  const auto text = net::read_file(PADLOCK_TRY(services_folder()) / file_of(name), server::limits::config_file_bytes);
  if (text) return std::optional(std::string(as_text(*text)));
  if (text.error().rule == &net::rules::file_missing) return std::optional<std::string>();
  return std::unexpected(text.error());
}

/// All edited services are among what opens; else what was open stays.
Result<server::Service> Serving::load_services(server::Config& config, const std::vector<ServiceEdit>& edits) {
  std::vector<Error> left_out;
  auto service = PADLOCK_TRY(hosting_.load(config, left_out));
  const auto failed =
      std::ranges::find_if(edits, [&](const ServiceEdit& edit) { return edit.text && !is_served(config, edit.name); });
  if (failed == edits.end()) return service;
  PADLOCK_TRY(hosting_.load(config_));
  return std::unexpected(left_out.back());
}

net::Awaitable<Result<bool>> Serving::change_services(std::vector<ServiceEdit> edits) {
  auto old = co_await put_services(std::move(edits));
  PADLOCK_CO_TRY(old);
  if (fleet_) fleet_->services_changed();
  const bool drained = co_await drain(*std::move(old));
  manager_.ready(summary());
  co_return drained;
}

net::Awaitable<Result<void>> Serving::take_services(std::map<std::string, std::optional<std::string>> files) {
  std::vector<ServiceEdit> edits;
  edits.reserve(files.size());
  for (auto& [name, text] : files) edits.push_back({name, std::move(text)});
  const auto old = co_await put_services(std::move(edits));
  PADLOCK_CO_TRY(old);
  manager_.ready(summary());
  co_return Result<void>();
}

/// Gives what was served in their place.
net::Awaitable<Result<std::vector<std::shared_ptr<const server::Site>>>> Serving::put_services(
    std::vector<ServiceEdit> edits) {
  const auto folder = services_folder();
  PADLOCK_CO_TRY(folder);
  auto config = with_services(edits);
  PADLOCK_CO_TRY(config);
  std::error_code exists;
  if (!std::filesystem::exists(*folder, exists)) {
    if (const auto made = net::make_private_directory(*folder); !made) co_return std::unexpected(made.error());
  }
  std::vector<std::shared_ptr<const server::Site>> old;
  Undo undo(*folder);
  for (const ServiceEdit& edit : edits) {
    auto before = read_service(edit.name);
    PADLOCK_CO_TRY(before);
    if (const auto done = undo.make(edit, *std::move(before)); !done) co_return std::unexpected(done.error());
    if (auto site = hosting_.find_service(edit.name)) old.push_back(std::move(site));
  }
  auto service = load_services(*config, edits);
  PADLOCK_CO_TRY(service);
  undo.keep();
  config_ = *std::move(config);
  co_await put_in_place(*std::move(service));
  co_return old;
}

net::Awaitable<bool> Serving::drain(std::vector<std::shared_ptr<const server::Site>> old) {
  constexpr std::chrono::milliseconds step{10};
  const auto at_work = [&] {
    return std::ranges::any_of(old, [](const auto& site) { return server::at_work(*site->route) > 0; });
  };
  asio::steady_timer timer(co_await asio::this_coro::executor);
  const auto end = net::deadline_in(config_.timers.drain);
  while (at_work() && std::chrono::steady_clock::now() < end) {
    timer.expires_after(step);
    co_await timer.async_wait(asio::use_awaitable);
  }
  co_return !at_work();
}

}  // namespace padlock::cli
