#include "padlock/client/crlite_cache.h"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/client/environment.h"
#include "padlock/client/limits.h"
#include "padlock/client/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"
#include "padlock/x509/crlite/filter.h"
#include "padlock/x509/crlite/index.h"
#include "padlock/x509/crlite/status.h"
#include "padlock/x509/limits.h"

namespace padlock::client {
namespace {

using std::filesystem::path;
namespace crlite = x509::crlite;

std::vector<path> upki_folders() {
  std::vector<path> folders;
  const auto cache = environment("XDG_CACHE_HOME");
  const auto home = environment("HOME");
  // The XDG specification has relative paths ignored.
  if (cache && path(*cache).is_absolute()) {
    folders.push_back(path(*cache) / "upki" / "revocation");
  } else if (home) {
    folders.push_back(path(*home) / ".cache" / "upki" / "revocation");
  }
  folders.emplace_back("/var/cache/upki/revocation");
  return folders;
}

bool has_index(const path& folder) {
  std::error_code ignored;  // not there is the ordinary case
  return std::filesystem::exists(folder / crlite::index_file_name, ignored);
}

x509::RevocationStatus unknown(Error why) { return {.source = x509::RevocationSource::crlite, .why = std::move(why)}; }

Result<crlite::FilterAnswer> ask_filter(const path& file, const crlite::Question& question) {
  const auto bytes = PADLOCK_TRY(net::read_file(file, x509::max_crlite_filter_bytes));
  auto filter = crlite::parse_filter(bytes);
  if (!filter) return broken(*filter.error().rule, escaped(file.native()) + ": " + filter.error().what);
  return crlite::FilterAnswer{filter->ask(question), filter->newest()};
}

bool is_missing(const Error& error) { return error.rule == &net::rules::file_missing; }

}  // namespace

std::optional<CrliteCache> CrliteCache::find(const std::optional<path>& named) {
  if (named) return CrliteCache(*named);
  for (path& folder : upki_folders()) {
    if (has_index(folder)) return CrliteCache(std::move(folder));
  }
  return std::nullopt;
}

x509::RevocationStatus CrliteCache::ask(const x509::Certificate& certificate, const x509::Certificate& issuer,
                                        WallTime now) const {
  const auto question = crlite::question_about(certificate, issuer);
  if (!question) return unknown(question.error());
  auto status = look_up(*question, now);
  // A filter that went away belonged to an index that has been replaced meanwhile (section Cache atomicity).
  for (unsigned again = 0; !status && is_missing(status.error()) && again < limits::crlite_retries; ++again)
    status = look_up(*question, now);
  if (status) return *std::move(status);
  return unknown({&rules::crlite_cache_damaged, "the CRLite cache cannot be used: " + status.error().what});
}

/// One that says `revoked` decides; else each must have been asked, for any of them might have said so.
Result<x509::RevocationStatus> CrliteCache::look_up(const crlite::Question& question, WallTime now) const {
  const path index_file = folder_ / crlite::index_file_name;
  const auto bytes = PADLOCK_TRY(net::read_file(index_file, x509::max_crlite_index_bytes));
  const auto index = crlite::parse_index(bytes);
  if (!index) return broken(*index.error().rule, escaped(index_file.native()) + ": " + index.error().what);
  const auto covering = PADLOCK_TRY(index->covering(question));
  std::vector<crlite::FilterAnswer> answers;
  std::optional<Error> failure;
  for (const std::string& name : covering) {
    auto answer = ask_filter(folder_ / name, question);
    if (!answer) {
      if (!failure) failure = std::move(answer).error();
      continue;
    }
    answers.push_back(*answer);
    if (answer->answer == crlite::Answer::revoked) return crlite::status_of(answers, now);
  }
  if (failure) return std::unexpected(*std::move(failure));
  return crlite::status_of(answers, now);
}

}  // namespace padlock::client
