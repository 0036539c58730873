#include "padlock/dns/name.h"

#include <algorithm>

#include "padlock/base/text.h"
#include "padlock/dns/limits.h"
#include "padlock/dns/rules.h"

namespace padlock::dns {
namespace {

constexpr std::uint8_t pointer_bits = 0xc0;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*';
}

bool is_good_label(std::string_view label) {
  return !label.empty() && label.size() <= limits::label_bytes && std::ranges::all_of(label, is_host_character);
}

}  // namespace

Result<Name> Name::parse(std::string_view text) {
  const auto malformed = [&] { return broken(rules::malformed_name, "'" + escaped(text) + "' is no domain name"); };
  if (text == ".") return Name();
  std::string_view rest = text;
  if (rest.ends_with('.')) rest.remove_suffix(1);
  if (rest.size() + 2 > limits::name_bytes) return malformed();  // a length in front, and the root's
  std::vector<std::string> labels;
  for (std::size_t dot = 0; dot != std::string_view::npos; rest.remove_prefix(std::min(rest.size(), dot + 1))) {
    dot = rest.find('.');
    std::string label = to_lower_ascii(rest.substr(0, dot));
    if (!is_good_label(label)) return malformed();
    labels.push_back(std::move(label));
  }
  return Name(std::move(labels));
}

Name Name::parent() const {
  if (is_root()) return {};
  return Name({labels_.begin() + 1, labels_.end()});
}

bool Name::is_at_or_below(const Name& other) const {
  return labels_.size() >= other.labels_.size() &&
         std::equal(other.labels_.rbegin(), other.labels_.rend(), labels_.rbegin());
}

std::string Name::to_string() const {
  if (is_root()) return ".";
  std::string text;
  for (const std::string& label : labels_) {
    if (!text.empty()) text += '.';
    for (const char c : escaped(label)) text += c == '.' ? std::string("\\.") : std::string(1, c);
  }
  return text;
}

/// Each pointer leads to before where the one that led here began, so that no chain of them is endless.
Result<Name> parse_name(Reader& in, Bytes message) {
  std::vector<std::string> labels;
  std::size_t length = 1, pointers = 0, start = in.offset();
  std::optional<Reader> elsewhere;
  for (;;) {
    Reader& here = elsewhere ? *elsewhere : in;
    const std::uint8_t size = PADLOCK_TRY(here.u8("label"));
    if (size == 0) return Name(std::move(labels));
    if ((size & pointer_bits) == pointer_bits) {
      const std::size_t low = PADLOCK_TRY(here.u8("pointer"));
      const std::size_t target = static_cast<std::size_t>(size & 0x3f) << 8 | low;
      if (target >= start || ++pointers > limits::pointers)
        return broken(rules::bad_pointer,
                      "a name's pointer at byte " + std::to_string(start) + " leads to byte " + std::to_string(target));
      start = target;
      elsewhere.emplace(message.subspan(target), "name", nullptr, target);
      continue;
    }
    if (size > limits::label_bytes) return broken(rules::malformed_name, "a label's length is " + std::to_string(size));
    const Bytes label = PADLOCK_TRY(here.bytes("label", size));
    length += label.size() + 1;
    if (length > limits::name_bytes) return broken(rules::malformed_name, "a name has more than 255 bytes");
    labels.push_back(to_lower_ascii(as_text(label)));
  }
}

void write_name(Writer& out, const Name& name) {
  for (const std::string& label : name.labels()) {
    out.vec8([&](Writer& body) { body.bytes(as_bytes(label)); });
  }
  out.u8(0);
}

}  // namespace padlock::dns
