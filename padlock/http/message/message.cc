#include "padlock/http/message/message.h"

#include <algorithm>

#include "padlock/base/text.h"

namespace padlock::http {

void Fields::add(std::string_view name, std::string_view value) {
  const auto place = [&] { return static_cast<std::uint32_t>(text_.size()); };
  const std::uint32_t begin = place();
  text_.append(name);
  const std::uint32_t behind_name = place();
  text_.append(value);
  places_.push_back({begin, behind_name, place()});
}

void Fields::reserve(std::size_t count) {
  constexpr std::size_t usual_length = 40;
  text_.reserve(count * usual_length);
  places_.reserve(count);
}

void Fields::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Fields::remove(std::string_view name) {
  std::erase_if(places_, [&](const Place& place) { return equal_ignoring_ascii_case(at(place).name, name); });
}

std::optional<std::string_view> Fields::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      places_, [&](const Place& place) { return equal_ignoring_ascii_case(at(place).name, name); });
  if (found == places_.end()) return std::nullopt;
  return at(*found).value;
}

std::size_t Fields::count(std::string_view name) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      places_, [&](const Place& place) { return equal_ignoring_ascii_case(at(place).name, name); }));
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100: return "Continue";
    case 101: return "Switching Protocols";
    case 103: return "Early Hints";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 203: return "Non-Authoritative Information";
    case 204: return "No Content";
    case 205: return "Reset Content";
    case 206: return "Partial Content";
    case 300: return "Multiple Choices";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 411: return "Length Required";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 417: return "Expectation Failed";
    case 421: return "Misdirected Request";
    case 422: return "Unprocessable Content";
    case 425: return "Too Early";
    case 426: return "Upgrade Required";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

}  // namespace padlock::http
