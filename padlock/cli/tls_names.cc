#include "padlock/cli/tls_names.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "padlock/base/nearest.h"
#include "padlock/base/text.h"
#include "padlock/client/rules.h"

namespace padlock::cli {
namespace {

template <class Value>
struct Named {
  std::string_view name;      ///< as people write it
  std::string_view registry;  ///< as IANA spells it
  Value value;
};

using tls::CipherSuite;
using tls::NamedGroup;

constexpr std::array groups{
    Named{"X25519MLKEM768", "X25519MLKEM768", NamedGroup::X25519MLKEM768},
    Named{"X25519", "x25519", NamedGroup::x25519}, Named{"P-256", "secp256r1", NamedGroup::secp256r1},
    Named{"P-384", "secp384r1", NamedGroup::secp384r1}, Named{"P-521", "secp521r1", NamedGroup::secp521r1}};

std::vector<Named<CipherSuite>> all_suites() {
  std::vector<Named<CipherSuite>> suites;
  for (const CipherSuite suite : tls::default_cipher_suites()) {
    suites.push_back({tls::name_of(suite), tls::name_of(suite), suite});
  }
  return suites;
}

std::unexpected<Error> refused(std::string what) { return broken(client::rules::bad_option, std::move(what)); }

template <class Value>
Result<Value> parse_name(std::string_view flag, std::string_view text, std::span<const Named<Value>> known) {
  const auto found = std::ranges::find_if(known, [&](const Named<Value>& one) {
    return equal_ignoring_ascii_case(one.name, text) || equal_ignoring_ascii_case(one.registry, text);
  });
  if (found != known.end()) return found->value;
  std::vector<std::string_view> names;
  for (const Named<Value>& one : known) names.push_back(one.name);
  return refused(std::string(flag) + " does not know \"" + escaped(text) + "\"; " + suggestion(text, names));
}

template <class Value>
Result<std::vector<Value>> parse_list(std::string_view flag, std::string_view text,
                                      std::span<const Named<Value>> known) {
  std::vector<Value> list;
  for (;;) {
    const auto end = text.find_first_of(",:");
    const Value value = PADLOCK_TRY(parse_name(flag, text.substr(0, end), known));
    if (std::ranges::find(list, value) != list.end())
      return refused(std::string(flag) + " names " + escaped(text.substr(0, end)) + " twice");
    list.push_back(value);
    if (end == std::string_view::npos) return list;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Result<std::vector<tls::NamedGroup>> parse_groups(std::string_view text) {
  return parse_list<NamedGroup>("--groups", text, groups);
}

Result<std::vector<tls::CipherSuite>> parse_cipher_suites(std::string_view text) {
  return parse_list<CipherSuite>("--cipher-suites", text, all_suites());
}

}  // namespace padlock::cli
