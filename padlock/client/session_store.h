#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "padlock/base/instant.h"
#include "padlock/tls/session/client_session.h"
#include "padlock/x509/verify.h"

namespace padlock::client {

/// TLS sessions to go on from, each with the verdict on the certificates that its first connection showed. For one
/// thread, and for fetches that trust the same: a session stands for a verdict under those roots.
class SessionStore {
 public:
  struct Entry {
    std::shared_ptr<const tls::ClientSession> session;
    x509::Verdict verdict;
  };

  /// Keeps the newest `limits::sessions`, of one server the newest `limits::sessions_of_a_server`.
  /// `authority`: "name:port", as fetches connect to it.
  void put(std::string authority, Entry entry);
  /// The newest that is alive, which is gone from the store: a ticket that is used once cannot link two connections to
  /// each other (RFC 8446, appendix C.4).
  std::optional<Entry> take(std::string_view authority, Instant now);
  std::size_t size() const { return entries_.size(); }

 private:
  struct Named {
    std::string authority;
    Entry entry;
  };
  std::deque<Named> entries_;  // oldest first
};

}  // namespace padlock::client
