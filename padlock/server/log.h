#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"

namespace padlock::server {

/// Takes one line, without its end; safe to print. Called by all workers, so it must be safe to call from any thread.
using LogSink = std::function<void(std::string_view line)>;

/// One request, answered.
struct RequestRecord {
  WallTime time{};
  std::string_view client;     ///< "127.0.0.1:53124"
  std::string_view method;     ///< as received
  std::string_view authority;  ///< empty: none was named
  std::string_view target;
  std::string_view version{};     ///< "HTTP/1.1", "HTTP/2.0"
  std::string_view referer{};     ///< as received
  std::string_view user_agent{};  ///< as received
  int status = 0;
  std::uint64_t body_bytes = 0;  ///< sent
  std::chrono::nanoseconds took{};
  std::string_view protection;        ///< "TLS 1.3 TLS_AES_128_GCM_SHA256", "plain"
  std::string_view client_subject{};  ///< of the certificate that the client has shown; empty: none
  bool complete = true;               ///< false: the connection broke before the response was sent
};

/// Escaped, and without a quote that could end the quotes around it.
std::string quotable(std::string_view text);

/// `2026-03-01 12:00:00 UTC 127.0.0.1:53124 localhost "GET /a" 200 1234 B 0.82 ms TLS 1.3 TLS_AES_128_GCM_SHA256`.
/// Whatever a client can choose is escaped, quotes too, and the line is at most limits::log_line_bytes long.
std::string format_request(const RequestRecord& record);

/// How a request's line is written: for people; as most tools for web servers read it (Apache's "combined"); as an
/// object of JSON.
enum class RequestFormat : std::uint8_t { plain, combined, json };

/// Whatever a client can choose is escaped as the format has it. `plain` is as above; `combined` is
/// `127.0.0.1 - - [01/Mar/2026:12:00:00 +0000] "GET /a HTTP/1.1" 200 1234 "https://a.test/" "curl/7.88"`; `json` has
/// the members time, client, method, host, target, version, status, bytes, milliseconds, protection, complete, and
/// where they were sent referer and user_agent, where a certificate was shown client_subject.
std::string format_request(const RequestRecord& record, RequestFormat format);

/// Where the lines of requests go. No sink: they are not written.
struct RequestLog {
  LogSink sink{};
  RequestFormat format = RequestFormat::plain;
};

/// `2026-03-01 12:00:00 UTC 127.0.0.1:53124 failed: the client closed ... (RFC ...; tls.alert_received)`.
std::string format_failure(WallTime time, std::string_view client, const Error& error);

/// Lets limits::log_lines_per_second lines of each rule pass in a second, and counts the others.
class FailureLimiter {
 public:
  /// Whether to log this failure. `suppressed`: how many of its rule were not logged since the last one that was.
  bool admit(const Rule& rule, std::chrono::nanoseconds monotonic, std::uint64_t& suppressed);

 private:
  struct Window {
    std::chrono::seconds second{};
    std::size_t lines = 0;
    std::uint64_t suppressed = 0;
  };
  std::map<const Rule*, Window> windows_;  ///< bounded by the number of rules
};

}  // namespace padlock::server
