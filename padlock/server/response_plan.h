#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/message/message.h"

namespace padlock::server {

/// A part of a file that makes the body of a response.
struct FilePart {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// What will be answered, decided before a byte is sent: a head, and a body that is a small page or a part of the file
/// that was looked at.
struct ResponsePlan {
  http::Response response;
  std::string page;
  std::optional<FilePart> file;

  std::uint64_t body_bytes() const { return file ? file->size : page.size(); }
};

/// A response with the fields that all of ours have: Date and Server.
ResponsePlan plan_response(int status, WallTime now);

/// A small page that says what is wrong, by a rule's status and hint. Nothing of the request is in it.
ResponsePlan plan_error(const Rule& rule, WallTime now);

}  // namespace padlock::server
