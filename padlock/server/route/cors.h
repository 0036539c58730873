#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/http/message/message.h"

namespace padlock::server {

/// What pages of other origins may do with a site (Fetch, section 3.3: the CORS protocol).
struct CorsConfig {
  std::vector<std::string> origins;  ///< "https://www.a.test"; "*": all of them, without credentials
  std::vector<std::string> methods{"GET", "HEAD", "POST"};
  std::vector<std::string> headers{};
  bool credentials = false;
  std::chrono::seconds max_age{5};
  friend bool operator==(const CorsConfig&, const CorsConfig&) = default;
};

/// A browser asks whether a page may ask: it is answered in place of the handler.
bool is_preflight(const http::Request& request);
bool allows(const CorsConfig& cors, std::string_view origin);
/// What an answer says to the page of the request's origin, in place of what the handler says of it.
void add_cors_fields(const CorsConfig& cors, const http::Request& request, http::Fields& fields);
/// What the answer to a preflight says besides.
void add_preflight_fields(const CorsConfig& cors, http::Fields& fields);

}  // namespace padlock::server
