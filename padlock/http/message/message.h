#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace padlock::http {

/// One header or trailer field (RFC 9110, section 5). Names compare without case.
struct Field {
  std::string name;
  std::string value;
};

/// Fields in the order in which they came.
class Fields {
 public:
  void add(std::string_view name, std::string_view value);
  /// Room for so many, to be filled without moving them.
  void reserve(std::size_t count) { fields_.reserve(count); }
  void set(std::string_view name, std::string_view value);  ///< replaces all of that name
  void remove(std::string_view name);
  /// The first value of that name; nothing if there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  const std::vector<Field>& all() const { return fields_; }

 private:
  std::vector<Field> fields_;
};

/// A request's head, in one canonical form for every HTTP version (docs/threats.md, rule 10).
struct Request {
  std::string method;     ///< "GET"; case-sensitive (RFC 9110, section 9.1)
  std::string scheme;     ///< "https" or "http"
  std::string authority;  ///< host[:port] from Host or absolute-form, lower case
  std::string target;     ///< origin-form: "/path?query", or "*" or authority-form for CONNECT; as received, undecoded
  Fields fields;
};

struct Response {
  int status = 200;
  Fields fields;
};

/// "OK", "Not Found": the phrase of RFC 9110, section 15, or "Unknown".
std::string_view reason_phrase(int status);

}  // namespace padlock::http
