#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "padlock/server/config/problem.h"

namespace padlock::server {

/// A table of a TOML file, read key by key. Whatever is wrong becomes a problem at its place, and reading goes on, so
/// that somebody who writes a file learns everything at once. Keys that nobody asked for are problems too (`finish`).
///
/// Values that are not there, or wrong, are nothing; `has` tells them apart.
class ConfigTable {
 public:
  /// The outermost table. A text that is no TOML is one problem, and no table. `problems` outlives all tables.
  static std::optional<ConfigTable> parse(std::string file, std::string_view text,
                                          std::vector<ConfigProblem>& problems);

  bool has(std::string_view key) const;
  /// Whether it is true or false: for keys that may be that or something else.
  bool is_flag(std::string_view key) const;
  /// The names of all keys, for tables in which they are free.
  std::vector<std::string> keys() const;
  std::optional<std::string> text(std::string_view key);
  std::optional<bool> flag(std::string_view key);
  std::optional<std::uint64_t> number(std::string_view key, std::uint64_t least, std::uint64_t most);
  /// A text or a list of them.
  std::vector<std::string> texts(std::string_view key);
  /// "30 s" (units.h).
  std::optional<std::chrono::milliseconds> duration(std::string_view key);
  /// "10 MiB" (units.h).
  std::optional<std::uint64_t> size(std::string_view key);
  std::optional<ConfigTable> table(std::string_view key);
  /// The tables in the table of this name, whose keys are free: [sites."a.test"], [sites."b.test"].
  std::vector<std::pair<std::string, ConfigTable>> tables_in(std::string_view key);
  /// The tables of a list, in their order: [[acme.fallback]].
  std::vector<ConfigTable> tables(std::string_view key);

  /// "padlock.toml:7": where its name stands.
  std::string place() const;
  /// Says that the value of a key is wrong; without this key, that the table is.
  void problem(std::string_view key, std::string what, std::string advice = {});
  /// Every key that nobody has asked for is a problem, with the nearest one that somebody has asked for.
  void finish();

 private:
  struct Document;
  struct Data;
  explicit ConfigTable(std::shared_ptr<Data> data) : data_(std::move(data)) {}
  std::shared_ptr<Data> data_;
};

}  // namespace padlock::server
