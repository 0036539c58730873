#pragma once

#include <cstdint>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <vector>

namespace padlock::http {

/// One header or trailer field (RFC 9110, section 5). Names compare without case.
struct Field {
  std::string name;
  std::string value;
};

/// A field that lies elsewhere.
struct FieldView {
  std::string_view name;
  std::string_view value;
};

/// Fields in the order in which they came, all in one piece of memory. Views of them live until the next change.
class Fields {
 public:
  void add(std::string_view name, std::string_view value);
  /// Room for so many of a usual length, to be filled without moving them.
  void reserve(std::size_t count);
  void set(std::string_view name, std::string_view value);  ///< replaces all of that name
  void remove(std::string_view name);
  /// The first value of that name; nothing if there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  std::size_t count(std::string_view name) const;
  std::size_t size() const { return places_.size(); }
  bool empty() const { return places_.empty(); }
  /// A range of FieldView.
  auto all() const {
    return places_ | std::views::transform([this](const Place& place) { return at(place); });
  }

 private:
  /// Where a field lies in `text_`: its value behind its name.
  struct Place {
    std::uint32_t name;
    std::uint32_t value;
    std::uint32_t end;
  };
  FieldView at(const Place& place) const {
    const std::string_view text = text_;
    return {text.substr(place.name, place.value - place.name), text.substr(place.value, place.end - place.value)};
  }

  std::string text_;
  std::vector<Place> places_;
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
