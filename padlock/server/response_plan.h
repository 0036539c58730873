#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"
#include "padlock/http/face.h"
#include "padlock/http/message/message.h"

namespace padlock::server {

/// A part of the content that an answer is about: of a file.
struct FilePart {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

/// A text, and a part of the content behind it.
struct BodyPiece {
  std::string text;
  FilePart part{};
};

/// What will be answered, decided before a byte is sent: a head, and a body that is a small page, a part of the content
/// that was looked at, or one after the other and more of that kind.
struct ResponsePlan {
  http::Response response;
  std::string page{};
  std::optional<FilePart> file{};
  std::vector<BodyPiece> more{};

  std::uint64_t body_bytes() const;
  /// Such a response says what its body would be like, and has none (RFC 9110, section 15.4.5).
  bool bodiless() const { return response.status == 304; }
  http::BodyFraming framing() const;
};

/// A response with the fields that all of ours have: Date and Server. Room for `fields` more is there.
ResponsePlan plan_response(int status, WallTime now, std::size_t fields = 8);

/// 503: there is too much to do now (docs/threats.md, P2).
ResponsePlan plan_overloaded(WallTime now);

/// 429 (RFC 6585, section 4) with how long to wait.
ResponsePlan plan_too_many_requests(std::chrono::nanoseconds wait, WallTime now);

/// A small page that says what is wrong, by a rule's status and hint. Nothing of the request is in it.
ResponsePlan plan_error(const Rule& rule, WallTime now);

}  // namespace padlock::server
