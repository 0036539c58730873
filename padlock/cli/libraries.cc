#include "padlock/cli/libraries.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <compare>

#include "padlock/base/text.h"
#include "padlock/http/h2/library.h"
#include "padlock/net/atomic_file.h"

namespace padlock::cli {
namespace {

constexpr std::string_view package_list = "/var/lib/dpkg/status";
/// Ten thousand packages take a third of it.
constexpr std::size_t package_list_bytes = std::size_t{64} << 20;

// The floors: the first versions without the holes of the advisories of 2023 to 2026.
constexpr std::array<std::string_view, 3> libcrypto_floors{"3.0.22", "3.5.8", "4.0.2"};  // one a series
constexpr std::string_view nghttp2_floor = "1.68.1";
constexpr std::string_view nghttp2_package_floor = "1.52.0-1+deb12u2";  // Debian 12's with its fixes

using Numbers = std::array<std::uint64_t, 3>;

Numbers numbers_of(std::string_view version) {
  Numbers numbers{};
  for (std::uint64_t& number : numbers) {
    const std::size_t end = std::min(version.find_first_not_of("0123456789"), version.size());
    number = parse_decimal(version.substr(0, end)).value_or(0);
    version.remove_prefix(std::min(version.size(), end + 1));
  }
  return numbers;
}

bool is_older(std::string_view a, std::string_view b) { return numbers_of(a) < numbers_of(b); }

bool same_series(std::string_view a, std::string_view b) {
  const Numbers one = numbers_of(a), other = numbers_of(b);
  return one[0] == other[0] && one[1] == other[1];
}

/// The floor that a version is below; empty: none. A series between those that have one gets no fixes any more.
std::string_view libcrypto_floor_above(std::string_view version) {
  for (const std::string_view floor : libcrypto_floors) {
    if (same_series(version, floor)) return is_older(version, floor) ? floor : std::string_view();
  }
  const auto next = std::ranges::find_if(libcrypto_floors, [&](auto floor) { return is_older(version, floor); });
  return next == libcrypto_floors.end() ? std::string_view() : *next;
}

std::string_view floor_above(const Library& library) {
  if (library.name == "libcrypto") return libcrypto_floor_above(library.version);
  if (library.name != "nghttp2" || !is_older(library.version, nghttp2_floor)) return {};
  const bool mended =
      same_series(library.package, nghttp2_package_floor) && !is_older_package(library.package, nghttp2_package_floor);
  return mended ? std::string_view() : nghttp2_floor;
}

// ---- versions of packages

/// Letters before all else, '~' before everything, even the end.
int rank(char c) {
  if (c == '~') return -1;
  if (std::isalpha(static_cast<unsigned char>(c)) != 0) return static_cast<unsigned char>(c);
  return 256 + static_cast<unsigned char>(c);
}

bool starts_with_digit(std::string_view text) { return !text.empty() && text.front() >= '0' && text.front() <= '9'; }

int take_rank(std::string_view& text) {
  if (text.empty() || starts_with_digit(text)) return 0;
  const int found = rank(text.front());
  text.remove_prefix(1);
  return found;
}

std::uint64_t take_number(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::uint64_t number = parse_decimal(text.substr(0, end)).value_or(0);
  text.remove_prefix(end);
  return number;
}

/// A part of a version: runs of other characters and of digits by turns.
std::strong_ordering compare_parts(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    const bool text = (!a.empty() && !starts_with_digit(a)) || (!b.empty() && !starts_with_digit(b));
    if (text) {
      const int one = take_rank(a), other = take_rank(b);
      if (one != other) return one <=> other;
      continue;
    }
    const std::uint64_t one = take_number(a), other = take_number(b);
    if (one != other) return one <=> other;
  }
  return std::strong_ordering::equal;
}

std::pair<std::string_view, std::string_view> split_revision(std::string_view version) {
  const std::size_t dash = version.rfind('-');
  if (dash == std::string_view::npos) return {version, "0"};
  return {version.substr(0, dash), version.substr(dash + 1)};
}

}  // namespace

bool is_older_package(std::string_view a, std::string_view b) {
  const auto [a_upstream, a_revision] = split_revision(a);
  const auto [b_upstream, b_revision] = split_revision(b);
  const auto upstream = compare_parts(a_upstream, b_upstream);
  return upstream == 0 ? compare_parts(a_revision, b_revision) < 0 : upstream < 0;
}

std::string installed_version(std::string_view list, std::string_view package) {
  const std::string begin = "Package: " + std::string(package) + "\n";
  std::size_t at = list.starts_with(begin) ? 0 : list.find("\n" + begin);
  if (at == std::string_view::npos) return {};
  const std::string_view stanza = list.substr(at, list.find("\n\n", at) - at);
  constexpr std::string_view field = "\nVersion: ";
  at = stanza.find(field);
  const bool there = stanza.find("\nStatus: install ok installed") != std::string_view::npos;
  if (at == std::string_view::npos || !there) return {};
  const std::string_view rest = stanza.substr(at + field.size());
  return std::string(rest.substr(0, rest.find('\n')));
}

std::vector<Library> linked_libraries() {
  std::vector<Library> libraries;
  for (crypto::LibraryVersion& one : crypto::library_versions())
    libraries.push_back({std::move(one.name), std::move(one.version)});
  Library nghttp2{"nghttp2", http::h2::nghttp2_version()};
  if (const auto list = net::read_file(package_list, package_list_bytes))
    nghttp2.package = installed_version(as_text(*list), "libnghttp2-14");
  if (!nghttp2.package.starts_with(nghttp2.version)) nghttp2.package.clear();  // another one is loaded
  libraries.push_back(std::move(nghttp2));
  return libraries;
}

std::optional<std::string> complaint_about(const Library& library) {
  const std::string_view floor = floor_above(library);
  if (floor.empty()) return std::nullopt;
  const std::string& version = library.package.empty() ? library.version : library.package;
  return library.name + " " + version + " has holes that are known, and " + std::string(floor) +
         " has not: let the system bring its updates, then restart";
}

std::vector<std::string> complaints_about(const std::vector<Library>& libraries) {
  std::vector<std::string> complaints;
  for (const Library& library : libraries) {
    if (auto complaint = complaint_about(library)) complaints.push_back(*std::move(complaint));
  }
  return complaints;
}

}  // namespace padlock::cli
