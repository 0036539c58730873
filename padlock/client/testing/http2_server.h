#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "padlock/client/testing/fetching.h"
#include "padlock/client/testing/scripted_server.h"
#include "padlock/http/h2/testing/frames.h"
#include "padlock/http/h2/testing/peer.h"

namespace padlock::client::testing {

namespace h2 = http::h2::testing;

/// A server that chooses HTTP/2 and takes nothing else.
inline tls::ServerConfig speaks(std::vector<std::string> protocols = {"h2"}) {
  tls::ServerConfig config;
  config.alpn = std::move(protocols);
  return config;
}

inline h2::FieldList status(std::string code, const h2::FieldList& more = {}) {
  h2::FieldList fields{{":status", std::move(code)}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

/// The first thing that a server says, and these frames behind it.
inline Scripted::Answer frames(const std::string& text) { return says(h2::server_hello() + text); }

/// A server's whole page by hand.
inline std::string h2_page(std::string_view body) {
  return h2::headers(1, status("200", {{"content-length", std::to_string(body.size())}}), false) +
         h2::data(1, body, true);
}

/// nghttp2 as a server. `on_events` looks at what has come, and answers.
inline Scripted::Dialogue nghttp2_server(h2::Peer peer,
                                         std::function<void(h2::Peer&, const std::vector<std::string>&)> on_events) {
  auto shared = std::make_shared<h2::Peer>(std::move(peer));
  return {[shared, on_events = std::move(on_events)](const std::string& piece) {
    EXPECT_TRUE(shared->feed(piece));
    on_events(*shared, shared->events());
    return shared->output();
  }};
}

class FetchingByHttp2 : public Fetching {
 protected:
  /// The outcome of a fetch from a server that follows these scripts, one a connection.
  FetchOutcome fetched_from(std::vector<Scripted::Script> scripts, const std::string& path = "/") {
    Scripted server(std::move(scripts), credential(), speaks());
    auto outcome = fetched(server.at("https") + path);
    requests_ = server.requests();
    return outcome;
  }

  std::vector<std::string> requests_;  ///< bytes that the last server was sent, a connection each
};

}  // namespace padlock::client::testing
