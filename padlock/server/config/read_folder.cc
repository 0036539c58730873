#include "padlock/server/config/read_folder.h"

#include <utility>

#include "padlock/http/message/path.h"
#include "padlock/http/message/syntax.h"

namespace padlock::server {
namespace {

/// A path as a request could mean it: "app/index.html", with nothing to resolve.
bool is_path_of_file(const std::string& text) {
  const auto path = http::parse_file_path("/" + http::encode_path(text));
  return path && path->relative == text && !path->hidden && !path->trailing_slash;
}

void read_index(ConfigTable& table, FolderOptions& options) {
  if (!table.has("index")) return;
  options.index = table.texts("index");
  for (const std::string& name : options.index) {
    if (!is_path_of_file(name) || name.find('/') != std::string::npos)
      table.problem("index", in_quotes(name) + " is no name of a file",
                    R"(write names alone: index = ["index.html", "index.htm"])");
  }
}

void read_fallback(ConfigTable& table, FolderOptions& options) {
  const auto file = table.text("fallback_file");
  if (file && !is_path_of_file(*file))
    table.problem("fallback_file", in_quotes(*file) + " is no file in the folder",
                  R"(write its path from there: "index.html")");
  options.fallback_file = file.value_or("");
}

void read_cache_control(ConfigTable& table, FolderOptions& options) {
  const auto value = table.text("cache_control");
  if (value && (value->empty() || !http::is_field_value(*value)))
    table.problem("cache_control", in_quotes(*value) + " is no value of a field",
                  R"(write "no-cache" or "public, max-age=3600")");
  options.cache_control = value.value_or("");
}

}  // namespace

FolderSource read_folder(ConfigTable& table, const std::string& dir, const std::filesystem::path& base) {
  FolderSource source{.folder = base / dir};
  FolderOptions& options = source.options;
  read_index(table, options);
  read_fallback(table, options);
  read_cache_control(table, options);
  for (const auto& [key, flag] : {std::pair("listing", &options.listing), std::pair("compress", &options.compress),
                                  std::pair("precompressed", &options.precompressed)}) {
    if (const auto given = table.flag(key)) *flag = *given;
  }
  return source;
}

}  // namespace padlock::server
