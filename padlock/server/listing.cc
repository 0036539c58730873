#include "padlock/server/listing.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "padlock/http/message/path.h"
#include "padlock/http/message/syntax.h"

namespace padlock::server {
namespace {

constexpr std::string_view page_head =
    "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width\">\n"
    "<style>body { font-family: sans-serif; margin: 2em } td { padding: 0.1em 2em 0.1em 0 } "
    "td + td { text-align: right; font-variant-numeric: tabular-nums }</style>\n";

constexpr std::string_view unshowable = "\xef\xbf\xbd";  // U+FFFD

/// Text as HTML shows it: without what could be markup, or leave its place on the page.
std::string to_html(std::string_view text) {
  const bool readable = http::is_utf8(text);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default:
        if (http::is_control(c) || (!readable && static_cast<unsigned char>(c) >= 0x80))
          out += unshowable;
        else
          out += c;
    }
  }
  return out;
}

/// "17 B", "1.5 KiB": rounded down, so that nothing looks larger than it is.
std::string size_of(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> units{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  constexpr std::uint64_t step = 1024;
  if (bytes < step) return std::to_string(bytes) + " B";
  std::size_t unit = 0;
  while (bytes / step >= step) {
    bytes /= step;
    ++unit;
  }
  const std::uint64_t tenths = bytes % step * 10 / step;
  return std::to_string(bytes / step) + "." + std::to_string(tenths) + " " + std::string(units.at(unit));
}

/// Whether a request could ask for it (http::parse_file_path).
bool has_address(std::string_view name) { return http::is_utf8(name) && name.find('\\') == std::string_view::npos; }

/// <bdi>, so that a name from right to left turns nothing around but itself; "./", so that "a:b" is no scheme.
std::string row_of(const net::FolderEntry& entry) {
  const std::string_view slash = entry.is_folder ? "/" : "";
  std::string name = "<bdi>" + to_html(entry.name) + "</bdi>" + std::string(slash);
  if (has_address(entry.name))
    name = "<a href=\"./" + to_html(http::encode_path(entry.name)) + std::string(slash) + "\">" + name + "</a>";
  return "<tr><td>" + name + "</td><td>" + (entry.is_folder ? "" : size_of(entry.size)) + "</td><td>" +
         padlock::to_string(entry.modified) + "</td></tr>\n";
}

}  // namespace

std::string make_listing(std::string_view folder, net::FolderEntries entries) {
  std::ranges::sort(entries.all, [](const net::FolderEntry& a, const net::FolderEntry& b) {
    return std::tie(b.is_folder, a.name) < std::tie(a.is_folder, b.name);
  });
  const std::string title = "/" + to_html(folder) + (folder.empty() ? "" : "/");
  std::string page = std::string(page_head) + "<title>" + title + "</title>\n<h1>" + title + "</h1>\n<table>\n";
  if (!folder.empty()) page += "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n";
  for (const net::FolderEntry& entry : entries.all) page += row_of(entry);
  page += "</table>\n";
  if (entries.more) page += "<p>There is more in this folder than is shown.</p>\n";
  return page + "</html>\n";
}

}  // namespace padlock::server
