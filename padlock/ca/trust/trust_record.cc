#include "padlock/ca/trust/trust_record.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "padlock/ca/limits.h"
#include "padlock/ca/pair_file.h"
#include "padlock/ca/trust/rules.h"
#include "padlock/net/atomic_file.h"
#include "padlock/net/rules.h"

namespace padlock::ca {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view record_file = "trust.json";
constexpr int record_version = 1;
constexpr std::size_t fingerprint_digits = 64;

std::optional<StoreKind> kind_of(std::string_view name) {
  for (const StoreKind kind : {StoreKind::system, StoreKind::chromium, StoreKind::firefox}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

std::optional<std::string> text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

std::optional<InstalledRoot> installed_of(const Json& entry) {
  if (!entry.is_object()) return std::nullopt;
  const auto fingerprint = text_of(entry, "fingerprint"), kind_text = text_of(entry, "store"),
             place = text_of(entry, "place");
  const auto at = entry.find("at");
  const auto kind = kind_of(kind_text.value_or(""));
  if (!fingerprint || !kind || !place || at == entry.end() || !at->is_number_integer()) return std::nullopt;
  if (fingerprint->size() != fingerprint_digits || !from_hex(*fingerprint)) return std::nullopt;
  return InstalledRoot{*fingerprint, *kind, *place, WallTime(std::chrono::seconds(at->get<std::int64_t>()))};
}

}  // namespace

std::string write_trust_record(const std::vector<InstalledRoot>& installed) {
  Json entries = Json::array();
  for (const InstalledRoot& one : installed) {
    entries.push_back({{"fingerprint", one.fingerprint},
                       {"store", name_of(one.kind)},
                       {"place", one.place.native()},
                       {"at", one.at.time_since_epoch().count()}});
  }
  const Json record{{"version", record_version}, {"installed", std::move(entries)}};
  return record.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

Result<std::vector<InstalledRoot>> parse_trust_record(std::string_view text) {
  const Json record = Json::parse(text, nullptr, false);
  const auto damaged = [](const char* what) { return broken(rules::damaged_record, what); };
  if (!record.is_object()) return damaged("it is no JSON object");
  if (record.value("version", Json()) != record_version) return damaged("it is of another version");
  const auto entries = record.find("installed");
  if (entries == record.end() || !entries->is_array()) return damaged("it lists nothing as installed");
  std::vector<InstalledRoot> installed;
  for (const Json& entry : *entries) {
    auto one = installed_of(entry);
    if (!one) return damaged("one of its entries says no fingerprint, store, place and time");
    installed.push_back(*std::move(one));
  }
  return installed;
}

Result<TrustRecord> TrustRecord::open(std::filesystem::path directory) {
  TrustRecord record(std::move(directory));
  const auto file = record.directory_ / record_file;
  const auto text = net::read_file(file, max_file_bytes);
  if (!text && text.error().rule == &net::rules::file_missing) return record;
  if (!text && text.error().rule != &net::rules::file_too_large) return std::unexpected(text.error());
  auto installed = text ? parse_trust_record(as_text(*text)) : std::unexpected(text.error());
  if (installed) {
    record.installed_ = *std::move(installed);
    return record;
  }
  const std::array files{file};
  record.notice_ =
      escaped(file.native()) + " is damaged: " + installed.error().what + "; kept as " + PADLOCK_TRY(set_aside(files));
  return record;
}

Result<void> TrustRecord::note(InstalledRoot root) {
  PADLOCK_TRY(forget(root.fingerprint, root.kind, root.place));
  installed_.push_back(std::move(root));
  return save();
}

Result<void> TrustRecord::forget(const std::string& fingerprint, StoreKind kind, const std::filesystem::path& place) {
  const auto same = [&](const InstalledRoot& one) {
    return one.fingerprint == fingerprint && one.kind == kind && one.place == place;
  };
  return std::erase_if(installed_, same) == 0 ? Result<void>() : save();
}

Result<void> TrustRecord::save() const {
  PADLOCK_TRY(net::make_private_directory(directory_));
  return net::write_file_atomically(directory_ / record_file, as_bytes(write_trust_record(installed_)),
                                    net::private_file_mode);
}

}  // namespace padlock::ca
