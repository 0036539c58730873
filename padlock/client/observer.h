#pragma once

#include <cstddef>
#include <string_view>

#include "padlock/client/http_version.h"
#include "padlock/http/h2/frame.h"
#include "padlock/http/message/message.h"
#include "padlock/net/observer.h"
#include "padlock/tls/observer.h"
#include "padlock/x509/verify.h"

namespace padlock::client {

/// How fields lie on their side's stream of bytes, before TLS.
struct FieldsOnStream {
  HttpVersion version = HttpVersion::HTTP_1_1;
  std::size_t bytes = 0;          ///< HTTP/2: of HEADERS and its CONTINUATIONs, frame headers included
  http::h2::StreamId stream = 0;  ///< HTTP/2
  bool ends_stream = false;       ///< HTTP/2: nothing follows them (END_STREAM)
};

/// A frame of HTTP/2 that is told for itself.
struct Http2Frame {
  net::Sender sender;
  http::h2::FrameHeader header;
  Bytes payload;      ///< its beginning, as far as limits.h lets it be kept; of DATA nothing
  std::size_t bytes;  ///< on the stream: with its header, and with the preface before a client's first
};

/// Hears what a fetch does while it does it: the explainer's source. A fetch without one pays a branch a call. All
/// references live only during the call. On redirects the calls come again for each hop.
class FetchObserver {
 public:
  virtual ~FetchObserver() = default;
  /// A request left; of HTTP/1.1 its body is among the `bytes`.
  virtual void request_sent(const http::Request& request, const FieldsOnStream& place) = 0;
  /// A response's head came; 1xx heads too.
  virtual void response_head(const http::Response& response, const FieldsOnStream& place) = 0;
  /// Fields came behind the body; of HTTP/1.1 their bytes are the body's.
  virtual void trailers(const http::Fields&, const FieldsOnStream&) {}
  /// HTTP/2: a frame passed, in either direction, that is none of the heads above. Those of DATA come beside `body`.
  virtual void http2_frame(const Http2Frame&) {}
  /// The server did nothing with the request, so it goes once more, over a new connection.
  virtual void sent_again(std::string_view) {}
  /// A piece of the response's body, unframed.
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
