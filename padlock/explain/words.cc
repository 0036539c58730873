#include "padlock/explain/words.h"

#include <fmt/format.h>

#include "padlock/explain/wrap.h"

namespace padlock::explain {

Step step_of(const Words& words) {
  Step step;
  step.id = words.id;
  step.title = words.title;
  step.words = words.words;
  step.source = words.source;
  step.listener = words.listener;
  return step;
}

std::string listener_of_sealed(std::size_t records, std::size_t record_bytes, bool shared,
                               std::string_view shown_type) {
  const std::string type = shown_type.empty() ? "" : fmt::format(" of type {}", shown_type);
  if (records == 0) return "encrypted bytes, of which only number and time can be told.";
  if (records > 1) {
    return fmt::format("{} encrypted records{}: how many bytes, and when, but nothing of what they say.", records,
                       type);
  }
  if (shared) {
    return fmt::format("a part of an encrypted record{} of {}: not even that this is a message of its own.", type,
                       bytes_text(record_bytes));
  }
  const std::string_view hidden = shown_type.empty() ? "not what kind it is, nor what it says" : "not what it says";
  return fmt::format("an encrypted record{} of {}: {}.", type, bytes_text(record_bytes), hidden);
}

}  // namespace padlock::explain
