#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "padlock/http/message/message.h"

namespace padlock::server {

/// What is changed in the fields of a head: first some are taken out, then some have one value alone, then some come
/// besides.
struct FieldRules {
  std::vector<std::string> remove{};
  std::vector<http::Field> set{};
  std::vector<http::Field> add{};

  void apply(http::Fields& fields) const {
    for (const std::string& name : remove) fields.remove(name);
    for (const http::Field& field : set) fields.set(field.name, field.value);
    for (const http::Field& field : add) fields.add(field.name, field.value);
  }
  friend bool operator==(const FieldRules& a, const FieldRules& b) {
    return a.remove == b.remove && same(a.set, b.set) && same(a.add, b.add);
  }

 private:
  static bool same(const std::vector<http::Field>& a, const std::vector<http::Field>& b);
};

/// What frames and routes messages, or is of one connection alone: its connection writes it, and nobody else may
/// (RFC 9110, section 7.6.1; docs/threats.md, H12, H14).
bool is_framing_field(std::string_view name);

}  // namespace padlock::server
