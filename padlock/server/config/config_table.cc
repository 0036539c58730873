#include "padlock/server/config/config_table.h"

#include <algorithm>
#include <set>

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/server/config/units.h"

namespace padlock::server {
namespace {

std::string_view name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "a list";
    case toml::node_type::string: return "a text";
    case toml::node_type::integer: return "a whole number";
    case toml::node_type::floating_point: return "a number with a fraction";
    case toml::node_type::boolean: return "true or false";
    default: return "a date or time";
  }
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace

struct ConfigTable::Document {
  std::string file;
  std::vector<std::string> lines;
  toml::table root;
  std::vector<ConfigProblem>& problems;

  void add(const toml::source_region& where, std::string what, std::string advice) {
    ConfigProblem problem{.file = file, .what = std::move(what), .advice = std::move(advice)};
    problem.line = where.begin.line;
    problem.column = std::max<std::size_t>(where.begin.column, 1);
    if (where.end.line == where.begin.line && where.end.column > where.begin.column)
      problem.width = where.end.column - where.begin.column;
    if (problem.line > 0 && problem.line <= lines.size()) problem.source_line = lines[problem.line - 1];
    problems.push_back(std::move(problem));
  }
};

struct ConfigTable::Data {
  std::shared_ptr<Document> document;
  const toml::table* table;
  toml::source_region where;  ///< of its name
  std::set<std::string, std::less<>> asked{};

  const toml::node* find(std::string_view key) {
    asked.emplace(key);
    return table->get(key);
  }
  toml::source_region place_of_key(std::string_view key) const {
    for (const auto& [name, node] : *table) {
      if (name.str() == key) return name.source();
    }
    return where;
  }
  /// The value of a key if it is of this type; one of another is a problem.
  template <class Value>
  const Value* find_as(std::string_view key, std::string_view wanted) {
    const toml::node* const node = find(key);
    if (node == nullptr) return nullptr;
    const Value* const value = node->as<typename Value::value_type>();
    if (value == nullptr) refuse(*node, key, wanted);
    return value;
  }
  void refuse(const toml::node& node, std::string_view key, std::string_view wanted) {
    document->add(node.source(), std::string(key) + " is " + std::string(name_of(node.type())),
                  "write " + std::string(wanted));
  }
  std::shared_ptr<Data> child(const toml::table& inner, const toml::source_region& place) const {
    return std::make_shared<Data>(document, &inner, place);
  }
};

std::optional<ConfigTable> ConfigTable::parse(std::string file, std::string_view text,
                                              std::vector<ConfigProblem>& problems) {
  auto document = std::make_shared<Document>(std::move(file), lines_of(text), toml::table(), problems);
  toml::parse_result parsed = toml::parse(text, std::string_view(document->file));
  if (!parsed) {
    document->add(parsed.error().source(), "this is no TOML", escaped(parsed.error().description()));
    return std::nullopt;
  }
  document->root = std::move(parsed).table();
  return ConfigTable(std::make_shared<Data>(document, &document->root, toml::source_region{}));
}

bool ConfigTable::has(std::string_view key) const { return data_->table->contains(key); }

bool ConfigTable::is_flag(std::string_view key) const {
  const toml::node* const node = data_->table->get(key);
  return node != nullptr && node->is_boolean();
}

std::vector<std::string> ConfigTable::keys() const {
  std::vector<std::string> names;
  names.reserve(data_->table->size());
  for (const auto& [name, node] : *data_->table) names.emplace_back(name.str());
  return names;
}

std::optional<std::string> ConfigTable::text(std::string_view key) {
  const auto* const value = data_->find_as<toml::value<std::string>>(key, "a text in quotes");
  return value == nullptr ? std::nullopt : std::optional(value->get());
}

std::optional<bool> ConfigTable::flag(std::string_view key) {
  const auto* const value = data_->find_as<toml::value<bool>>(key, "true or false");
  return value == nullptr ? std::nullopt : std::optional(value->get());
}

std::optional<std::uint64_t> ConfigTable::number(std::string_view key, std::uint64_t least, std::uint64_t most) {
  const auto* const value = data_->find_as<toml::value<std::int64_t>>(key, "a whole number");
  if (value == nullptr) return std::nullopt;
  const auto given = static_cast<std::uint64_t>(value->get());
  if (value->get() >= 0 && given >= least && given <= most) return given;
  problem(key, std::string(key) + " is out of range",
          "write a number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::vector<std::string> ConfigTable::texts(std::string_view key) {
  constexpr std::string_view wanted = "a text in quotes, or a list of them";
  const toml::node* const node = data_->find(key);
  if (node == nullptr) return {};
  if (const auto* const one = node->as_string()) return {one->get()};
  const toml::array* const list = node->as_array();
  if (list == nullptr) data_->refuse(*node, key, wanted);
  std::vector<std::string> all;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const auto* const one = list->get(i)->as_string();
    if (one == nullptr) data_->refuse(*list->get(i), "an entry of " + std::string(key), wanted);
    if (one != nullptr) all.push_back(one->get());
  }
  return all;
}

std::optional<std::chrono::milliseconds> ConfigTable::duration(std::string_view key) {
  constexpr std::string_view wanted = R"("30 s", "5 min" or "12 h")";
  const auto* const given = data_->find_as<toml::value<std::string>>(key, wanted);
  if (given == nullptr) return std::nullopt;
  const auto parsed = parse_duration(given->get());
  if (!parsed)
    problem(key, std::string(key) + " is no time: " + in_quotes(given->get()), "write " + std::string(wanted));
  return parsed;
}

std::optional<std::uint64_t> ConfigTable::size(std::string_view key) {
  constexpr std::string_view wanted = R"("64 KiB" or "10 MiB")";
  const auto* const given = data_->find_as<toml::value<std::string>>(key, wanted);
  if (given == nullptr) return std::nullopt;
  const auto parsed = parse_size(given->get());
  if (!parsed)
    problem(key, std::string(key) + " is no size: " + in_quotes(given->get()), "write " + std::string(wanted));
  return parsed;
}

std::optional<ConfigTable> ConfigTable::table(std::string_view key) {
  const toml::node* const node = data_->find(key);
  if (node == nullptr) return std::nullopt;
  if (const toml::table* const inner = node->as_table())
    return ConfigTable(data_->child(*inner, data_->place_of_key(key)));
  data_->refuse(*node, key, "a table: [" + std::string(key) + "]");
  return std::nullopt;
}

std::vector<std::pair<std::string, ConfigTable>> ConfigTable::tables_in(std::string_view key) {
  std::vector<std::pair<std::string, ConfigTable>> all;
  const auto outer = table(key);
  if (!outer) return all;
  for (const auto& [name, node] : *outer->data_->table) {
    const toml::table* const inner = node.as_table();
    if (inner == nullptr) outer->data_->refuse(node, name.str(), "a table: [" + std::string(key) + ".\"...\"]");
    if (inner != nullptr) all.emplace_back(name.str(), ConfigTable(data_->child(*inner, name.source())));
  }
  return all;
}

std::vector<ConfigTable> ConfigTable::tables(std::string_view key) {
  const std::string wanted = "tables: [[" + std::string(key) + "]]";
  std::vector<ConfigTable> all;
  const toml::node* const node = data_->find(key);
  if (node == nullptr) return all;
  const toml::array* const list = node->as_array();
  if (list == nullptr) data_->refuse(*node, key, wanted);
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const toml::table* const inner = list->get(i)->as_table();
    if (inner == nullptr) data_->refuse(*list->get(i), "an entry of " + std::string(key), wanted);
    if (inner != nullptr) all.push_back(ConfigTable(data_->child(*inner, list->get(i)->source())));
  }
  return all;
}

std::string ConfigTable::place() const { return data_->document->file + ":" + std::to_string(data_->where.begin.line); }

void ConfigTable::problem(std::string_view key, std::string what, std::string advice) {
  const toml::node* const node = key.empty() ? nullptr : data_->find(key);
  data_->document->add(node == nullptr ? data_->where : node->source(), std::move(what), std::move(advice));
}

void ConfigTable::finish() {
  const std::vector<std::string_view> known(data_->asked.begin(), data_->asked.end());
  for (const auto& [name, node] : *data_->table) {
    if (data_->asked.contains(name.str())) continue;
    data_->document->add(name.source(), "there is no key " + in_quotes(name.str()) + " here",
                         suggestion(name.str(), known));
  }
}

}  // namespace padlock::server
