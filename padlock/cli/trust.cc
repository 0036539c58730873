// `padlock trust`: makes the local CA's root known to the programs of this machine, and undoes it.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "padlock/base/text.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/local_ca.h"
#include "padlock/ca/trust/find_stores.h"
#include "padlock/ca/trust/install.h"
#include "padlock/ca/trust/store_program.h"
#include "padlock/cli/command.h"
#include "padlock/cli/local_ca.h"
#include "padlock/cli/rules.h"
#include "padlock/cli/verdict_json.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/clock.h"

namespace padlock::cli {
namespace {

using std::filesystem::path;
using Root = std::shared_ptr<const x509::Certificate>;
using Stores = std::vector<std::unique_ptr<ca::RootStore>>;

constexpr std::string_view container_recipe =
    "in a container: `padlock trust export --out padlock-root.crt`, then in the Dockerfile "
    "`COPY padlock-root.crt /usr/local/share/ca-certificates/` and `RUN update-ca-certificates`\n";

struct TrustFlags {
  std::vector<std::string> only;
  std::string system_root = "/";
  std::string root_file;
  bool yes = false;
  bool json = false;
  ExportFlags exported;
};

constexpr std::size_t store_width = 10;

bool asked_for(const TrustFlags& flags, ca::StoreKind kind) {
  return flags.only.empty() || std::ranges::any_of(flags.only, [&](const std::string& word) {
           return word == name_of(kind) || (word == "nss" && kind != ca::StoreKind::system);
         });
}

Result<Stores> chosen_stores(const TrustFlags& flags) {
  auto places = ca::places_of_this_user();
  if (!places) return broken(rules::no_home, "there is no telling where this user's stores are");
  std::error_code error;
  places->system_root = std::filesystem::absolute(flags.system_root, error).lexically_normal();
  Stores stores = ca::find_stores(*places);
  std::erase_if(stores, [&](const auto& store) { return !asked_for(flags, store->kind()); });
  return stores;
}

/// Who names stores means them; without, what is there is meant.
Result<void> check_presence(const TrustFlags& flags, const Stores& stores) {
  const auto absent = [](const auto& store) { return store->standing("").presence == ca::Presence::absent; };
  if (!std::ranges::all_of(stores, absent)) return {};
  std::string why;
  for (const auto& store : stores)
    why += (why.empty() ? "" : "; ") + std::string(name_of(store->kind())) + ": " + store->standing("").why;
  return broken(rules::no_such_store, (flags.only.empty() ? "there is no store: " : "not here: ") + why);
}

/// The command by which root does its part. The root's file is named: root has a state folder of its own.
std::string command_for_root(const TrustFlags& flags, std::string_view verb, const path& state) {
  std::error_code error;
  const path program = std::filesystem::read_symlink("/proc/self/exe", error);
  const path file = flags.root_file.empty() ? state / "ca" / "root.pem"
                                            : std::filesystem::absolute(flags.root_file, error).lexically_normal();
  return ca::command_line("sudo",
                          {program.native(), "trust", std::string(verb), "--only", "system", "--root", file.native()});
}

// ---- what install and uninstall have in common ----------------------------------------------------------------------

std::string describe(const ca::StoreChange& change) {
  const std::string begin = "  " + column(name_of(change.store->kind()), store_width);
  if (change.steps.empty()) {
    const bool unknown = change.standing.presence == ca::Presence::unknown;
    return begin + (unknown ? "cannot be read: " + change.standing.why : change.store->place().native()) +
           (unknown ? "\n" : " is as it should be\n");
  }
  std::string text;
  for (const std::string& step : change.steps)
    text += (text.empty() ? begin : "  " + column("", store_width)) + step + "\n";
  return text;
}

bool confirmed() {
  std::fputs("Go on? [y/N] ", stderr);
  std::string answer;
  for (int c = std::getchar(); c != EOF && c != '\n'; c = std::getchar()) answer += static_cast<char>(c);
  return answer == "y" || answer == "Y" || answer == "yes";
}

/// One run of `install` or `uninstall`: shows the plan, asks, and carries out what it may.
class Carrier {
 public:
  Carrier(const TrustFlags& flags, std::string verb, path state)
      : flags_(flags), verb_(std::move(verb)), state_(std::move(state)) {}

  template <class Do>
  int carry_out(const std::vector<ca::StoreChange>& changes, Do&& change_one) {
    for (const ca::StoreChange& change : changes) print(escaped_lines(describe(change)));
    std::vector<const ca::StoreChange*> due;
    for (const ca::StoreChange& change : changes) {
      if (change.standing.presence == ca::Presence::unknown) failed_ = true;
      if (!change.steps.empty() && !refused(change)) due.push_back(&change);
      if (change.steps.empty() && change.standing.presence == ca::Presence::no) settle(change_one(change));
    }
    if (due.empty()) return end(failed_ ? "" : "nothing is to be changed\n");
    if (!flags_.yes && (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1))
      return stopped_by({&rules::unconfirmed, "nothing was changed: there is no terminal to ask on"});
    if (!flags_.yes && !confirmed()) {
      print_error("nothing was changed");
      return failed;
    }
    for (const ca::StoreChange* change : due) {
      const Result<void> done = change_one(*change);
      const std::string begin =
          column(name_of(change->store->kind()), store_width) + escaped(change->store->place().native());
      if (done)
        print(begin + (verb_ == "install" ? ": trusts the root now\n" : ": does not trust the root any more\n"));
      if (!done) print_error(done.error());
      failed_ = failed_ || !done;
    }
    return end("programs that run read their stores when they are started again\n");
  }

 private:
  /// Somebody else took the root out: the record learns of it.
  void settle(const Result<void>& noted) {
    if (!noted) print_error(noted.error());
    failed_ = failed_ || !noted;
  }

  /// Paths are the user's own, and may hold what a terminal should not see.
  static std::string escaped_lines(const std::string& text) {
    std::string result, line;
    for (const char c : text) {
      if (c != '\n') line += c;
      if (c == '\n') result += escaped(std::exchange(line, {})) + "\n";
    }
    return result;
  }

  bool refused(const ca::StoreChange& change) {
    if (!change.store->needs_root()) return false;
    print_error(Error{&rules::needs_root,
                      "only root may change the system's store: " + command_for_root(flags_, verb_, state_)});
    failed_ = true;
    return true;
  }

  int end(std::string_view last_words) const {
    print(last_words);
    return failed_ ? failed : fine;
  }

  const TrustFlags& flags_;
  std::string verb_;
  path state_;
  bool failed_ = false;
};

/// The record, held against other processes.
struct HeldRecord {
  net::FileLock lock;
  ca::TrustRecord record;
};

Result<HeldRecord> hold_record(const path& state) {
  PADLOCK_TRY(net::make_private_directory(state));
  auto lock = PADLOCK_TRY(net::lock_file(state / "trust.lock", ca::lock_patience));
  auto record = PADLOCK_TRY(ca::TrustRecord::open(state));
  if (record.notice()) print_error(*record.notice());
  return HeldRecord{std::move(lock), std::move(record)};
}

// ---- install --------------------------------------------------------------------------------------------------------

Result<Root> root_to_install(const TrustFlags& flags, const path& state) {
  const auto provider = crypto::make_provider();
  if (!flags.root_file.empty()) return ca::LocalCa::read_root(flags.root_file, *provider);
  const char* const caller = std::getenv("SUDO_USER");  // NOLINT(concurrency-mt-unsafe): nobody changes it
  if (caller != nullptr && ::geteuid() == 0) {
    return broken(rules::sudo_without_root,
                  "this would install the root of root's own CA, not that of " + escaped(caller));
  }
  const auto ca = PADLOCK_TRY(ca::LocalCa::open_or_create(state, *provider, net::now().wall));
  for (const std::string& notice : ca.notices()) print_error(notice);
  return ca.root();
}

Result<int> try_install(const TrustFlags& flags) {
  const path state = PADLOCK_TRY(own_state_directory());
  const Stores stores = PADLOCK_TRY(chosen_stores(flags));
  PADLOCK_TRY(check_presence(flags, stores));
  const Root root = PADLOCK_TRY(root_to_install(flags, state));
  HeldRecord held = PADLOCK_TRY(hold_record(state));
  print("the root of the local CA: " + describe_root(*root) +
        "it can vouch for localhost, .test, .internal, .home.arpa and private addresses alone\n");
  Carrier carrier(flags, "install", state);
  return carrier.carry_out(ca::plan_install(stores, ca::fingerprint_of(root->der)), [&](const ca::StoreChange& change) {
    return ca::install(change, root->der, held.record, net::now().wall);
  });
}

// ---- uninstall ------------------------------------------------------------------------------------------------------

/// None is fine: the record may know of one that was.
std::string fingerprint_to_remove(const TrustFlags& flags, const path& state) {
  const auto provider = crypto::make_provider();
  const auto root = flags.root_file.empty() ? ca::LocalCa::find_root(state, *provider)
                                            : ca::LocalCa::read_root(flags.root_file, *provider);
  if (!root) print_error(root.error());
  return root && *root ? ca::fingerprint_of((*root)->der) : "";
}

/// A profile that was deleted took the root along.
Result<void> forget_lost_places(ca::TrustRecord& record) {
  for (const ca::InstalledRoot& one : std::vector(record.installed())) {
    std::error_code error;
    if (std::filesystem::exists(one.place, error) || error) continue;
    PADLOCK_TRY(record.forget(one.fingerprint, one.kind, one.place));
  }
  return {};
}

Result<int> try_uninstall(const TrustFlags& flags) {
  const path state = PADLOCK_TRY(own_state_directory());
  const Stores stores = PADLOCK_TRY(chosen_stores(flags));
  const std::string fingerprint = fingerprint_to_remove(flags, state);
  HeldRecord held = PADLOCK_TRY(hold_record(state));
  PADLOCK_TRY(forget_lost_places(held.record));
  Carrier carrier(flags, "uninstall", state);
  return carrier.carry_out(ca::plan_uninstall(stores, fingerprint, held.record),
                           [&](const ca::StoreChange& change) { return ca::uninstall(change, held.record); });
}

// ---- status ---------------------------------------------------------------------------------------------------------

/// A store's line: whether it trusts the root, and what else is to be said.
struct Line {
  const ca::RootStore* store;
  ca::Standing standing;
};

/// Roots of earlier CAs that the record knows of.
std::vector<ca::InstalledRoot> earlier_roots(const ca::TrustRecord& record, const std::string& fingerprint) {
  std::vector<ca::InstalledRoot> earlier = record.installed();
  std::erase_if(earlier, [&](const ca::InstalledRoot& one) { return one.fingerprint == fingerprint; });
  return earlier;
}

std::string as_text(const Root& root, const std::vector<Line>& lines, const std::vector<ca::InstalledRoot>& earlier) {
  std::string text = root ? "the root of the local CA: " + describe_root(*root) : "there is no local CA yet\n";
  for (const Line& line : lines) {
    const std::string place = escaped(line.store->place().native());
    const std::string why = escaped(line.standing.why);
    text.append(column(name_of(line.store->kind()), store_width))
        .append(column(name_of(line.standing.presence), 9))
        .append(place);
    text.append(why.empty() || place.empty() ? "" : ": ").append(why).append("\n");
  }
  for (const ca::InstalledRoot& one : earlier) {
    text.append("the root of an earlier CA, ").append(ca::store_name_of(one.fingerprint)).append(", was put into ");
    text.append(escaped(one.place.native())).append("; `padlock trust uninstall` takes it out\n");
  }
  return text;
}

std::string as_json(const Root& root, const std::vector<Line>& lines, const std::vector<ca::InstalledRoot>& earlier) {
  Json stores = Json::array();
  for (const Line& line : lines) {
    Json one{{"store", name_of(line.store->kind())}, {"trusts_root", name_of(line.standing.presence)}};
    if (!line.store->place().empty()) one["place"] = line.store->place().native();
    if (!line.standing.why.empty()) one["why"] = line.standing.why;
    stores.push_back(std::move(one));
  }
  Json old = Json::array();
  for (const ca::InstalledRoot& one : earlier)
    old.push_back({{"sha256", one.fingerprint}, {"store", name_of(one.kind)}, {"place", one.place.native()}});
  Json json{{"root", nullptr}, {"stores", std::move(stores)}, {"earlier_roots", std::move(old)}};
  if (root) {
    json["root"] = {{"name", root->subject.short_text()},
                    {"sha256", ca::fingerprint_of(root->der)},
                    {"not_after", padlock::to_string(root->not_after)}};
  }
  return dump(json, true) + "\n";
}

Result<int> try_status(const TrustFlags& flags) {
  const path state = PADLOCK_TRY(own_state_directory());
  const Stores stores = PADLOCK_TRY(chosen_stores(flags));
  const auto provider = crypto::make_provider();
  const Root root = flags.root_file.empty() ? PADLOCK_TRY(ca::LocalCa::find_root(state, *provider))
                                            : PADLOCK_TRY(ca::LocalCa::read_root(flags.root_file, *provider));
  const std::string fingerprint = root ? ca::fingerprint_of(root->der) : "";
  std::vector<Line> lines;
  for (const auto& store : stores) lines.push_back({store.get(), store->standing(fingerprint)});
  const auto record = PADLOCK_TRY(ca::TrustRecord::open(state));
  if (record.notice()) print_error(*record.notice());
  const auto earlier = earlier_roots(record, fingerprint);
  print(flags.json ? as_json(root, lines, earlier) : as_text(root, lines, earlier));
  const auto unknown = [](const Line& line) { return line.standing.presence == ca::Presence::unknown; };
  return std::ranges::any_of(lines, unknown) ? failed : fine;
}

// ---- export ---------------------------------------------------------------------------------------------------------

Result<int> try_export(const TrustFlags& flags) {
  const Root root = PADLOCK_TRY(existing_root(PADLOCK_TRY(own_state_directory())));
  PADLOCK_TRY(export_der(flags.exported, "CERTIFICATE", {Bytes(root->der)}));
  std::fwrite(container_recipe.data(), 1, container_recipe.size(), stderr);
  return fine;
}

// ---- the command line -----------------------------------------------------------------------------------------------

void add_store_flags(CLI::App& command, TrustFlags& flags) {
  command
      .add_option("--only", flags.only,
                  "The stores that are meant: system, nss (chromium and firefox), chromium, firefox")
      ->check(CLI::IsMember({"system", "nss", "chromium", "firefox"}))
      ->allow_extra_args(false);
  command.add_option("--system-root", flags.system_root, "Where the system's store is: a folder that stands for /")
      ->capture_default_str();
  command.add_option("--root", flags.root_file, "The root's file, for root; else that of this user's local CA");
}

}  // namespace

void add_trust(CLI::App& app, Run& run) {
  auto* trust = app.add_subcommand("trust", "Make the local CA's root known to this machine's programs, or undo it");
  trust->require_subcommand(1);
  const auto flags = std::make_shared<TrustFlags>();
  auto* install = trust->add_subcommand("install", "Put the root into the system's store and the browsers'");
  add_store_flags(*install, *flags);
  install->add_flag("--yes", flags->yes, "Do not ask");
  install->footer(std::string(container_recipe));
  auto* uninstall = trust->add_subcommand("uninstall", "Take it out of them again, and the roots of earlier CAs");
  add_store_flags(*uninstall, *flags);
  uninstall->add_flag("--yes", flags->yes, "Do not ask");
  auto* status = trust->add_subcommand("status", "List the stores, and whether they trust the root");
  add_store_flags(*status, *flags);
  status->add_flag("--json", flags->json, "As JSON");
  auto* exported = trust->add_subcommand("export", "Write the root's certificate");
  exported->add_option("--out", flags->exported.file, "To this file instead of standard output");
  exported->add_flag("--der", flags->exported.der, "As DER instead of PEM");
  install->callback([flags, &run] { run = work_of(flags, try_install); });
  uninstall->callback([flags, &run] { run = work_of(flags, try_uninstall); });
  status->callback([flags, &run] { run = work_of(flags, try_status); });
  exported->callback([flags, &run] { run = work_of(flags, try_export); });
}

}  // namespace padlock::cli
