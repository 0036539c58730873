#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What RFC 8446 and RFC 5246 ask of an end for each state and message, as tables that people can read (tables.h), and
/// what follows from them for a whole flight. Nothing here knows the implementation.
namespace padlock::tls_states {

enum class Role : std::uint8_t { client, server };
enum class Version : std::uint8_t { tls12, tls13 };
/// What the tested end has beside the least. `session`: a client offers one, a server can open its ticket.
/// `session_id`: the same in TLS 1.2 by an ID instead of a ticket. `certificate`: a client can show one, a server asks
/// for one and will not do without it.
enum class Has : std::uint8_t { nothing, session, session_id, certificate };
/// The end that is tested, and the version that is spoken.
struct Tested {
  Role role;
  Version version;
  Has has;
  /// A client of TLS 1.3: middlebox compatibility (RFC 8446, appendix D.4). TLS 1.2: the end could speak TLS 1.3 too.
  bool compatible;
};

/// What a record is sealed with. TLS 1.2 has the application key alone. `foreign`: a key that nobody has.
enum class Key : std::uint8_t { none, handshake, application, foreign };
std::string_view name_of(Key key);

/// One record, or one message and what is done to it, as the peer of the tested end says it.
struct Letter {
  std::string row;  ///< of the table
  Key key = Key::none;
  std::string joined{};                   ///< a second message in the same record
  std::optional<std::size_t> cut{};       ///< the message comes in two records, the first of so many bytes
  std::string between{};                  ///< and this stands between them
  std::optional<std::uint8_t> garbage{};  ///< a message of this type whose body is one zero; `row` is not used
  std::string to_string() const;
};
using Flight = std::vector<Letter>;

/// What must come of a flight.
struct Outcome {
  bool complete = false;            ///< the handshake was completed at some moment
  std::optional<unsigned> alert{};  ///< the one alert that the tested end sends, fatal
  std::size_t warnings = 0;         ///< no_renegotiation, before it
  bool ended = false;               ///< it gave up without a word, for the peer had said so
  std::size_t data = 0;             ///< records of application data that were delivered
  std::string state{};              ///< the last state
  bool operator==(const Outcome&) const = default;
};

/// Plays the flight through the table.
Outcome expected_outcome(const Tested& tested, const Flight& flight);

/// The rows that say what a handshake message or a record does, in the table's order.
std::vector<std::string> rows_of(const Tested& tested);
/// True for records that exist only in the clear, and only sealed.
bool is_always_clear(std::string_view row);
bool is_always_sealed(std::string_view row);
/// The handshake type of a row; nothing: a record of another type.
std::optional<std::uint8_t> type_of(std::string_view row);

}  // namespace padlock::tls_states
