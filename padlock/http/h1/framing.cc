#include "padlock/http/h1/framing.h"

#include <algorithm>
#include <array>
#include <optional>

#include "padlock/base/text.h"
#include "padlock/http/message/checks.h"
#include "padlock/http/message/syntax.h"
#include "padlock/http/rules.h"

namespace padlock::http::h1 {
namespace {

/// "chunked" alone is good. Another coding before it is refused as unknown (501), everything else as malformed (400).
Result<void> check_transfer_encoding(std::string_view value) {
  if (equal_ignoring_ascii_case(value, "chunked")) return {};
  const std::string what = "Transfer-Encoding is \"" + escaped(value.substr(0, 64)) + "\"";
  const std::size_t comma = value.rfind(',');
  const bool chunked_last =
      comma != std::string_view::npos && equal_ignoring_ascii_case(trimmed(value.substr(comma + 1)), "chunked");
  const bool others_before = chunked_last && for_each_element(value.substr(0, comma), [](std::string_view coding) {
                               return is_token(coding) && !equal_ignoring_ascii_case(coding, "chunked") &&
                                      !equal_ignoring_ascii_case(coding, "identity");
                             });
  return others_before ? broken(rules::transfer_coding_unsupported, what)
                       : broken(rules::transfer_encoding_malformed, what);
}

/// What the two fields say; nothing if neither is there.
Result<std::optional<IncomingBody>> declared_framing(Version version, const Fields& fields) {
  const std::size_t encodings = fields.count("Transfer-Encoding");
  if (encodings > 0 && version == Version::HTTP_1_0)
    return broken(rules::transfer_encoding_in_http_1_0, "an HTTP/1.0 message with Transfer-Encoding");
  if (encodings > 0 && fields.count("Content-Length") > 0)
    return broken(rules::two_framings, "both Content-Length and Transfer-Encoding");
  if (encodings > 1)
    return broken(rules::transfer_encoding_malformed, std::to_string(encodings) + " Transfer-Encoding fields");
  if (encodings == 1) {
    PADLOCK_TRY(check_transfer_encoding(*fields.find("Transfer-Encoding")));
    return ChunkedBody{};
  }
  const auto length = PADLOCK_TRY(content_length_of(fields));
  if (!length) return std::nullopt;
  return *length == 0 ? IncomingBody(EmptyBody{}) : IncomingBody(FixedBody{*length});
}

}  // namespace

Result<IncomingBody> framing_of_request(Version version, const Fields& fields) {
  return PADLOCK_TRY(declared_framing(version, fields)).value_or(EmptyBody{});
}

Result<IncomingBody> framing_of_response(Version version, int status, std::string_view method, const Fields& fields) {
  // Framing fields are checked even where no body follows: a server that confuses them is not to be trusted.
  const auto declared = PADLOCK_TRY(declared_framing(version, fields));
  if (has_no_body(status, method)) return EmptyBody{};
  return declared.value_or(BodyUntilClose{});
}

bool has_connection_option(const Fields& fields, std::string_view option) {
  return std::ranges::any_of(fields.all(), [&](const FieldView& field) {
    return equal_ignoring_ascii_case(field.name, "Connection") &&
           !for_each_element(field.value,
                             [&](std::string_view element) { return !equal_ignoring_ascii_case(element, option); });
  });
}

bool wants_keep_alive(Version version, const Fields& fields) {
  if (has_connection_option(fields, "close")) return false;
  return version == Version::HTTP_1_1 || has_connection_option(fields, "keep-alive");
}

}  // namespace padlock::http::h1
