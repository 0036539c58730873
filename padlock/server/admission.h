#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "padlock/x509/certificate.h"

namespace padlock::server {

/// How many connections a server takes in all, in handshakes, and of one client (docs/threats.md, P1 and T31).
struct AdmissionLimits {
  std::size_t connections;
  std::size_t half_open;
  std::size_t per_address;
  /// From the number of descriptors that the process may open.
  static AdmissionLimits for_descriptors(std::size_t descriptors);
};

/// Counts the connections of all workers. Asked once when a connection comes and when it goes, never for a request.
/// Where handshakes have no room left, the oldest one makes it: whoever stalls on purpose is older than whoever does
/// not, so an attacker sheds its own connections and not a newcomer's.
class Admission {
 public:
  explicit Admission(AdmissionLimits limits) : limits_(limits) {}

  /// A place among the connections; given back when it goes.
  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();
    /// What ends the connection if its handshake must make room: called once at most, from any thread, and at once if
    /// that has happened already.
    void when_shed(std::function<void()> end);
    /// The handshake is done.
    void established();

   private:
    friend class Admission;
    Place(Admission& admission, const x509::IpAddress& client, std::uint64_t number)
        : admission_(&admission), client_(client), number_(number) {}
    Admission* admission_;
    x509::IpAddress client_;
    std::uint64_t number_;
  };

  /// Nothing if the client or the server have too many.
  std::optional<Place> admit(const x509::IpAddress& client);
  std::size_t connections() const;

 private:
  struct ByBytes {
    bool operator()(const x509::IpAddress& a, const x509::IpAddress& b) const;
  };
  void leave(const x509::IpAddress& client, std::uint64_t number);
  void established(std::uint64_t number);
  /// False: it was shed already, and `end` is not kept.
  bool keep(std::uint64_t number, std::function<void()>& end);

  AdmissionLimits limits_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::uint64_t next_number_ = 0;
  std::map<std::uint64_t, std::function<void()>> half_open_;  ///< how each ends; the oldest first
  std::map<x509::IpAddress, std::size_t, ByBytes> clients_;   ///< bounded by `connections`
};

}  // namespace padlock::server
