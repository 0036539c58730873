#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/instant.h"
#include "padlock/base/result.h"

namespace padlock::certs {

/// One event as JSON: it passes from a worker to its keeper in one message.
inline constexpr std::size_t event_bytes = 6'144;
/// Of a certificate's names, those that an event has.
inline constexpr std::size_t event_names = 10;

/// Something that happens to a certificate, for whoever watches over it (docs/guide/events.md). It holds no secret.
struct CertificateEvent {
  enum class Kind : std::uint8_t {
    cert_obtained,   ///< the first one for these names
    cert_renewed,    ///< another one in place of an older
    cert_failed,     ///< an order came to nothing
    cert_expiring,   ///< nobody has renewed it for long (Health::late)
    cert_expired,    ///< and now it is of no use
    cert_recalled,   ///< its CA wants it replaced now, before its time (RFC 9773)
    ca_passed_over,  ///< a CA is away or has trouble; the next one is asked
  };
  Kind kind{};
  WallTime time{};
  std::vector<std::string> names{};     ///< the one that it is kept by first; none: of a CA
  std::string ca{};                     ///< which CA, or the issuer's name; empty: it is not known
  std::optional<WallTime> not_after{};  ///< of the certificate that is there
  std::optional<Error> why{};
  unsigned failures = 0;               ///< orders in a row
  std::optional<WallTime> next_try{};  ///< nothing: when somebody asks for the name again
  std::string explanation_url{};       ///< of a CA, for people; empty: none
};

/// "cert_obtained".
std::string_view name_of(CertificateEvent::Kind kind);
/// All kinds by their names.
std::vector<std::string_view> event_kind_names();
std::optional<CertificateEvent::Kind> find_event_kind(std::string_view name);

/// The event as an object of JSON: one line of printable ASCII, at most event_bytes. `host`: where it happened.
std::string write_event(const CertificateEvent& event, std::string_view host);
/// The kind of what `write_event` may have written; nothing: it is something else.
std::optional<CertificateEvent::Kind> kind_of_event(std::string_view text);

}  // namespace padlock::certs
