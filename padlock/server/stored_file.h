#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/http/message/conditional.h"
#include "padlock/http/message/content_coding.h"
#include "padlock/net/files.h"
#include "padlock/server/body.h"

/// What is known of a file that is served, made once and then shared by all answers until it changes.
namespace padlock::server {

/// A form in which a file can be sent (RFC 9110, section 3.2), with what its head says.
struct Representation {
  http::ContentCoding coding = http::ContentCoding::identity;
  net::FileFacts facts;  ///< of the file that holds it, or that it was made of
  std::uint64_t size = 0;
  http::Validators validators;
  std::string last_modified;  ///< as the field has it
  SharedBytes bytes{};        ///< null: it is read from the file
  bool made = false;          ///< compressed here; nobody has laid it there
};

/// The form that a file holds. `now`: what the entity tag's strength depends on.
Representation make_representation(const net::FileFacts& facts, WallTime now,
                                   http::ContentCoding coding = http::ContentCoding::identity);

/// The same content by a coding; nothing if it is not in memory, or if that does not make it shorter by a tenth.
std::optional<Representation> compressed(const Representation& whole, http::ContentCoding coding);

/// "page.html.br": where the form of "page.html" by a coding may lie.
std::string path_of(const std::string& path, http::ContentCoding coding);

struct StoredFile {
  std::string_view content_type;
  Representation whole;
  std::vector<Representation> coded{};
  std::vector<http::ContentCoding> makeable{};  ///< what else it may be compressed by, and was not yet
  bool negotiated = false;                      ///< which form is sent depends on Accept-Encoding
  /// The files were left alone for a while before they were read. One that was not may have changed since within the
  /// same tick of the file system's clock, and equal facts prove nothing.
  bool settled = false;

  std::size_t memory() const;  ///< in bytes, about
};

/// What a client wants most of a file, and of equal things the first of: a form that somebody has laid there, the
/// shorter coding, the file as it is. The file as it is also where the client forbids that and there is nothing else.
struct Wanted {
  http::ContentCoding coding;
  const Representation* form;  ///< null: it is yet to be made
};
Wanted choose_form(const StoredFile& file, const http::AcceptEncoding& accept, bool may_make);

/// Whether facts of a file that was read at `now` prove something later.
bool is_settled(const net::FileFacts& facts, WallTime now);

/// Whether the file with facts `a` was changed no earlier than the other.
bool is_not_older(const net::FileFacts& a, const net::FileFacts& b);

}  // namespace padlock::server
