#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "padlock/x509/certificate.h"

namespace padlock::server {

/// How many connections a server takes in all, in handshakes, and of one client (docs/threats.md, P1).
struct AdmissionLimits {
  std::size_t connections;
  std::size_t half_open;
  std::size_t per_address;
  /// From the number of descriptors that the process may open.
  static AdmissionLimits for_descriptors(std::size_t descriptors);
};

/// Counts the connections of all workers. Asked once when a connection comes and when it goes, never for a request.
class Admission {
 public:
  explicit Admission(AdmissionLimits limits) : limits_(limits) {}

  /// A place among the connections; given back when it goes.
  class Place {
   public:
    Place(Place&& other) noexcept;
    Place& operator=(Place&&) = delete;
    ~Place();
    /// The handshake is done.
    void established();

   private:
    friend class Admission;
    Place(Admission& admission, const x509::IpAddress& client) : admission_(&admission), client_(client) {}
    Admission* admission_;
    x509::IpAddress client_;
    bool half_open_ = true;
  };

  /// Nothing if the client, the handshakes or the server have too many.
  std::optional<Place> admit(const x509::IpAddress& client);
  std::size_t connections() const;

 private:
  struct ByBytes {
    bool operator()(const x509::IpAddress& a, const x509::IpAddress& b) const;
  };
  void leave(const x509::IpAddress& client, bool half_open);
  void established();

  AdmissionLimits limits_;
  mutable std::mutex mutex_;
  std::size_t connections_ = 0;
  std::size_t half_open_ = 0;
  std::map<x509::IpAddress, std::size_t, ByBytes> clients_;  ///< bounded by `connections`
};

}  // namespace padlock::server
