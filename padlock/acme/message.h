#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "padlock/http/message/message.h"

namespace padlock::acme {

/// A request to an ACME server (RFC 8555, section 6.1): over HTTPS with a verified certificate, and no redirect is
/// followed. The caller adds User-Agent.
struct Request {
  std::string method;  ///< "GET", "HEAD" or "POST"
  std::string url;
  std::string accept{};
  std::string content_type{};  ///< of the body; empty: there is none
  std::string body{};
};

/// What came of it, as the HTTP client has it.
struct Response {
  int status = 0;
  http::Fields fields;
  std::vector<std::uint8_t> body;
};

/// A response that says that all went well.
struct Reply {
  int status = 0;
  std::string location;                 ///< unchecked
  std::vector<std::string> alternates;  ///< Link fields with rel="alternate", unchecked (RFC 8555, section 7.4.2)
  std::optional<std::chrono::seconds> retry_after;
  std::vector<std::uint8_t> body;
};

}  // namespace padlock::acme
