#pragma once

#include <cstddef>

#include "padlock/http/message/message.h"
#include "padlock/net/observer.h"
#include "padlock/tls/observer.h"
#include "padlock/x509/verify.h"

namespace padlock::client {

/// Hears what a fetch does while it does it: the explainer's source. A fetch without one pays a branch a call. All
/// references live only during the call. On redirects the calls come again for each hop.
class FetchObserver {
 public:
  virtual ~FetchObserver() = default;
  /// A request left: its head as `bytes` on the stream (before TLS), body included.
  virtual void request_sent(const http::Request& request, std::size_t bytes) = 0;
  /// A response's head came, `bytes` long on the stream; 1xx heads too.
  virtual void response_head(const http::Response& response, std::size_t bytes) = 0;
  /// A piece of the body, unframed.
  virtual void body(std::size_t bytes) = 0;
  /// The response is complete.
  virtual void response_end() = 0;
  /// The server's chain was judged. Not called on plain http.
  virtual void verdict(const x509::Verdict& verdict) = 0;

  /// Listeners for the layers below; null: not wanted.
  virtual net::Observer* net() { return nullptr; }
  virtual tls::Observer* tls() { return nullptr; }
};

}  // namespace padlock::client
