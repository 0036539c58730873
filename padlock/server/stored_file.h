#pragma once

#include <string>
#include <string_view>

#include "padlock/http/message/conditional.h"
#include "padlock/net/files.h"
#include "padlock/server/body.h"

/// What is known of a file that is served, made once and then shared by all answers until it changes.
namespace padlock::server {

/// A form in which a file can be sent (RFC 9110, section 3.2), with what its head says.
struct Representation {
  net::FileFacts facts;  ///< of the file that holds it
  std::uint64_t size = 0;
  http::Validators validators;
  std::string last_modified;  ///< as the field has it
  SharedBytes bytes{};        ///< null: it is read from the file
};

/// The form in which a file lies there. `now`: what the entity tag's strength depends on.
Representation make_representation(const net::FileFacts& facts, WallTime now);

struct StoredFile {
  std::string_view content_type;
  Representation whole;
  /// The file was left alone for a while before it was read. One that was not may have changed since within the same
  /// tick of the file system's clock, and equal facts prove nothing.
  bool settled = false;

  std::size_t memory() const;  ///< in bytes, about
};

/// Whether facts of a file that was read at `now` prove something later.
bool is_settled(const net::FileFacts& facts, WallTime now);

}  // namespace padlock::server
