#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace padlock::tls {

/// Certificates (DER), leaf first, as a peer has shown them. They never change, and copies share them: a connection,
/// the question about it and its sessions hold one chain.
class CertificateChain {
 public:
  using Certificates = std::vector<std::vector<std::uint8_t>>;
  CertificateChain() = default;
  CertificateChain(Certificates certificates)
      : shared_(certificates.empty() ? nullptr : std::make_shared<const Certificates>(std::move(certificates))) {}

  auto begin() const { return all().begin(); }
  auto end() const { return all().end(); }
  std::size_t size() const { return all().size(); }
  bool empty() const { return shared_ == nullptr; }
  /// The leaf, if there is one.
  const std::vector<std::uint8_t>& front() const { return all().front(); }
  friend bool operator==(const CertificateChain& left, const CertificateChain& right) {
    return left.shared_ == right.shared_ || left.all() == right.all();
  }

 private:
  const Certificates& all() const {
    static const Certificates none;
    return shared_ == nullptr ? none : *shared_;
  }
  std::shared_ptr<const Certificates> shared_;  // null: there are none
};

}  // namespace padlock::tls
