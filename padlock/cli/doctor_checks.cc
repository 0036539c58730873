#include "padlock/cli/doctor_checks.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <initializer_list>
#include <iterator>
#include <system_error>
#include <utility>

#include "padlock/acme/limits.h"
#include "padlock/base/lists.h"
#include "padlock/base/text.h"
#include "padlock/certs/acme_issuer.h"
#include "padlock/certs/file_store.h"
#include "padlock/client/fetch.h"
#include "padlock/client/trust.h"
#include "padlock/client/verdict.h"
#include "padlock/http/message/date.h"
#include "padlock/net/clock.h"
#include "padlock/net/rules.h"
#include "padlock/x509/rules.h"

namespace padlock::cli {
namespace {

namespace fs = std::filesystem;

/// For the CA's directory.
constexpr std::chrono::seconds ca_patience{15};
/// A CA's certificate and what it signs are for now: beyond this both sides begin to disagree about that.
constexpr std::chrono::minutes clock_slack{5};
/// A few certificates with their chains, and logs for a day.
constexpr std::uint64_t least_room = std::uint64_t{16} * 1024 * 1024;

// ---- the store ------------------------------------------------------------------------------------------------------

Check store_fault(std::string text, std::string advice) {
  return {"store", Grade::bad, std::move(text), std::move(advice)};
}
Check store_fault(const Error& error) { return store_fault(error.what, std::string(error.rule->hint)); }

/// The folder that is there, or the closest one above it, in which it will be made.
fs::path closest(fs::path folder) {
  std::error_code error;
  while (!fs::exists(folder, error) && folder.has_parent_path() && folder != folder.parent_path())
    folder = folder.parent_path();
  return folder;
}

std::optional<Check> fault_of_folder(const fs::path& folder, bool ours) {
  const std::string name = escaped(folder.native());
  struct stat state{};
  if (::stat(folder.c_str(), &state) != 0)
    return store_fault("cannot look at " + name + ": " + std::generic_category().message(errno),
                       "run this as the user that serves");
  if (!S_ISDIR(state.st_mode))
    return store_fault(name + " is no folder", "move it away, or set XDG_STATE_HOME to another place");
  if (ours && (state.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return store_fault(name + " is open to others, and holds private keys", "run `chmod 700 " + name + "`");
  if (ours && state.st_uid != ::geteuid() && ::geteuid() != 0)
    return store_fault(name + " belongs to another user", "run this, and `padlock serve`, as that one");
  if (::access(folder.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  const int why = errno;
  return store_fault("cannot write to " + name + ": " + std::generic_category().message(why),
                     why == EROFS ? "mount its file system for writing, or set XDG_STATE_HOME to another place"
                                  : "give it to the user that serves, or set XDG_STATE_HOME to another place");
}

std::optional<Check> fault_of_room(const fs::path& folder) {
  struct statvfs room{};
  if (::statvfs(folder.c_str(), &room) != 0) return std::nullopt;  // a file system that does not say
  const std::uint64_t left = std::uint64_t{room.f_bavail} * room.f_frsize;
  const std::string disk = "the disk of " + escaped(folder.native());
  if (left < least_room)
    return store_fault(disk + " has " + std::to_string(left / 1024) + " KiB left",
                       "make room, or a new certificate cannot be stored");
  if (room.f_files > 0 && room.f_favail == 0)
    return store_fault(disk + " takes no more files", "remove some, or a new certificate cannot be stored");
  return std::nullopt;
}

/// What lies there: accounts and certificates that cannot be read.
std::vector<Check> faults_of_entries(const fs::path& state) {
  std::vector<Check> faults;
  certs::StoreFolder folder(state);
  for (const certs::Kind kind : {certs::Kind::account, certs::Kind::certificate}) {
    const auto keys = folder.list(kind);
    if (!keys) {
      faults.push_back(store_fault(keys.error()));
      continue;
    }
    for (const certs::StoreKey& key : *keys) {
      if (const auto value = folder.get(key); !value) faults.push_back(store_fault(value.error()));
    }
  }
  for (const std::string& notice : folder.notices())
    faults.push_back({"store", Grade::warning, notice,
                      "what it held is asked for anew; look at the disk, and at what else writes there"});
  return faults;
}

// ---- the CA ---------------------------------------------------------------------------------------------------------

struct DirectoryAnswer {
  std::vector<std::uint8_t> body;
  int status = 0;
  std::string date;
};

Result<DirectoryAnswer> fetch_directory(const certs::AcmeSettings& settings) {
  DirectoryAnswer answer;
  client::FetchOptions options;
  options.trust.ca_files = settings.ca_files;
  options.revocation.fetch = false;
  options.max_time = ca_patience;
  options.on_body = [&](Bytes bytes) -> Result<void> {
    const std::size_t room = acme::limits::json_bytes - std::min(acme::limits::json_bytes, answer.body.size());
    const Bytes kept = bytes.first(std::min(bytes.size(), room));
    answer.body.insert(answer.body.end(), kept.begin(), kept.end());
    return {};
  };
  const client::FetchRequest request{.url = settings.directory, .fields = {}, .without = {}, .body = {}};
  const client::FetchOutcome outcome = client::fetch(request, options);
  if (outcome.error) return std::unexpected(*outcome.error);
  answer.status = outcome.response->status;
  answer.date = outcome.response->fields.find("Date").value_or("");
  return answer;
}

constexpr std::string_view set_the_clock = "set it by NTP (`timedatectl set-ntp true`)";

Check judge_clock(const std::string& date, const std::string& ca) {
  const WallTime now = net::now().wall;
  const auto there = http::parse_http_date(date, now);
  if (!there)
    return {"clock", Grade::warning, escaped(ca) + " does not say what time it is", "look at this machine's clock"};
  const auto apart = now > *there ? now - *there : *there - now;
  if (apart <= clock_slack) return {"clock", Grade::good, "this machine's clock agrees with that of " + escaped(ca)};
  return {"clock", Grade::bad,
          "this machine's clock is " + std::to_string(apart.count()) + " s " + (now > *there ? "ahead of" : "behind") +
              " that of " + escaped(ca),
          std::string(set_the_clock)};
}

bool is_one_of(const Rule* rule, std::initializer_list<const Rule*> rules) {
  return std::ranges::find(rules, rule) != rules.end();
}

/// A clock that is far wrong has every certificate be out of date, before the CA could say what time it is.
std::optional<Check> suspect_clock(const Error& error, const std::string& ca) {
  if (!is_one_of(error.rule, {&x509::rules::expired, &x509::rules::not_yet_valid})) return std::nullopt;
  return Check{"clock", Grade::warning,
               "this machine's clock says " + client::minute_text(net::now().wall) + ", when no certificate of " +
                   escaped(ca) + " is valid",
               "if that is not the time, " + std::string(set_the_clock)};
}

/// What to do about a CA that is not reached: its server is another's, and what is known of it stands in [acme].
std::string advice_on_ca(const Error& error) {
  if (is_one_of(error.rule, {&x509::rules::unknown_issuer, &x509::rules::self_signed}))
    return "if the CA is your own, name its root by `ca_file` in [acme]; else something on the way answers for it";
  if (is_one_of(error.rule, {&x509::rules::expired, &x509::rules::not_yet_valid}))
    return "look at this machine's clock; if it is right, the CA's operator has to renew that certificate";
  if (is_one_of(error.rule, {&net::rules::connection_refused, &net::rules::no_route, &net::rules::connect_failed,
                             &net::rules::deadline_passed, &net::rules::name_not_found}))
    return "check `directory` in [acme], and that this machine may connect to it";
  return std::string(error.rule->hint);
}

Check ca_fault(const std::string& ca, const Error& error) {
  return {"ca", Grade::bad, "the CA " + escaped(ca) + " is not there: " + error.what, advice_on_ca(error)};
}

Check judge_directory(const certs::AcmeSettings& settings, const LookedUpCa& ca) {
  const std::string name = escaped(ca.name);
  if (ca.directory.external_account_required && settings.eab_key_identifier.empty())
    return {"ca", Grade::bad, name + " wants accounts bound to one that you have with it", "add `eab` to [acme]"};
  if (!ca.directory.terms_of_service.empty() && !settings.agree)
    return {"ca", Grade::bad, name + " has terms of service, " + escaped(ca.directory.terms_of_service),
            "read them, and say `agree = true` in [acme]"};
  const auto& profiles = ca.directory.profiles;
  if (!settings.profile.empty() && std::ranges::find(profiles, settings.profile) == profiles.end())
    return {"ca", Grade::bad, name + " has no profile \"" + escaped(settings.profile) + "\"",
            "take one that it offers" + (profiles.empty() ? std::string() : ": " + list_of(profiles, escaped))};
  return {"ca", Grade::good, name + " answers"};
}

}  // namespace

std::vector<Check> look_at_store(const fs::path& state) {
  const fs::path folder = closest(state);
  const bool is_there = folder == state;
  std::vector<Check> faults;
  if (auto fault = fault_of_folder(folder, is_there)) return {*std::move(fault)};
  if (auto fault = fault_of_room(folder)) faults.push_back(*std::move(fault));
  if (is_there) std::ranges::move(faults_of_entries(state), std::back_inserter(faults));
  if (faults.empty())
    faults.push_back(
        {"store", Grade::good, escaped(state.native()) + (is_there ? " is this user's alone" : " can be made")});
  return faults;
}

std::vector<Check> look_at_ca(const certs::AcmeSettings& settings, std::optional<LookedUpCa>& ca) {
  const std::string name = certs::ca_of_directory(settings.directory).value_or(settings.directory);
  const auto answer = fetch_directory(settings);
  if (!answer) {
    std::vector<Check> checks{ca_fault(name, answer.error())};
    if (auto clock = suspect_clock(answer.error(), name)) checks.push_back(*std::move(clock));
    return checks;
  }
  std::vector<Check> checks;
  constexpr int ok = 200;
  auto directory = acme::parse_directory(answer->body, *acme::Origin::of(settings.directory));
  if (answer->status != ok) {
    checks.push_back({"ca", Grade::bad,
                      escaped(name) + " answers " + std::to_string(answer->status) + " to a question for its directory",
                      "check `directory` in [acme]"});
  } else if (!directory) {
    checks.push_back(ca_fault(name, directory.error()));
  } else {
    ca.emplace(*std::move(directory), name);
    checks.push_back(judge_directory(settings, *ca));
  }
  checks.push_back(judge_clock(answer->date, name));
  return checks;
}

std::vector<Check> examine(const DoctorWish& wish) {
  const auto provider = crypto::make_provider();
  std::vector<Check> all;
  const auto add = [&](std::vector<Check> found) { std::ranges::move(found, std::back_inserter(all)); };
  const auto state = client::state_directory();
  if (state) {
    add(look_at_store(*state));
  } else {
    all.push_back(store_fault("there is no place for certificates", "set HOME or XDG_STATE_HOME"));
  }
  std::optional<LookedUpCa> ca;
  if (wish.config.acme) {
    add(look_at_ca(*wish.config.acme, ca));
    for (const certs::AcmeSettings& other : wish.config.acme->others) {
      std::optional<LookedUpCa> unused;
      add(look_at_ca(other, unused));
    }
  } else {
    all.push_back({"ca", Grade::warning, "no configuration names a CA", "add [acme] with `directory`"});
  }
  std::optional<std::vector<net::IpAddress>> addresses;
  add(look_at_addresses(wish, *provider, addresses));
  if (addresses) add(look_at_caa(wish, ca ? &*ca : nullptr, *provider));
  if (addresses && state) add(look_at_persistent_record(wish, ca ? &*ca : nullptr, *state, *provider));
  if (addresses && !addresses->empty() && !wish.name.starts_with("*.")) add(look_at_ports(wish, *addresses, *provider));
  if (wish.try_order && state) add(try_order(wish, *state, *provider));
  return all;
}

}  // namespace padlock::cli
