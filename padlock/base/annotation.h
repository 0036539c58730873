#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace padlock {

/// One field as a Reader took it: the explainer's source of names, places and values.
struct Annotation {
  std::string_view name;               ///< the RFC's field name, a literal: "cipher_suites"
  std::size_t offset;                  ///< first byte, counted from the start of the outermost Reader
  std::size_t length;                  ///< bytes; for a vector its content, without the length prefix
  std::optional<std::uint64_t> value;  ///< the number, where the field is one
  unsigned depth;                      ///< 0 for fields of the message itself, 1 for fields inside a vector, ...
};

/// Told of every field that a Reader takes, in wire order. Readers without a sink pay one branch a field.
class AnnotationSink {
 public:
  virtual ~AnnotationSink() = default;
  virtual void field(const Annotation& annotation) = 0;
  /// What the field last taken means, for example "TLS_AES_128_GCM_SHA256"; lives only during the call.
  virtual void meaning(std::string_view text) = 0;
};

}  // namespace padlock
