#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace padlock::explain {

/// Which side of the ladder.
enum class Party : std::uint8_t { client, server };

/// What a listener needs to read a step's bytes: nothing, or keys that only the two ends have.
enum class Protection : std::uint8_t { none, early_key, handshake_keys, application_keys };

/// A field that matters, for people: "cipher_suite", "TLS_AES_128_GCM_SHA256".
struct Fact {
  std::string name;
  std::string value;
};

/// A secret that came into being. Its value never leaves the engine.
struct DerivedKey {
  std::string label;
  std::size_t length;  ///< bytes
};

/// What a negotiation came to, and why.
struct Choice {
  std::string what;
  std::string value;
  std::string reason;
};

/// A named piece of a message, as the parser that runs the connection took it.
struct ByteField {
  std::string name;
  std::size_t offset;  ///< in Step::message
  std::size_t length;
  std::optional<std::uint64_t> value;
  unsigned depth;
  std::string meaning;
  bool der = false;  ///< of a certificate: a tag stands before its length (X.690, section 8.1)
};

/// A line across the ladder after a step.
struct Marker {
  enum class Kind : std::uint8_t { encrypted, open, stopped } kind;
  std::string text;
};

/// One rung. All texts are printable ASCII; what came from a peer is escaped.
struct Step {
  std::string id{};               ///< "client_hello": stable, for programs
  std::string title{};            ///< "ClientHello"
  std::optional<Party> sender{};  ///< nothing: no message, for example a look-up of a name
  std::chrono::nanoseconds at{};
  std::optional<std::size_t> wire_bytes{};  ///< what it took on the wire, record framing included; nothing: not known
  Protection protection = Protection::none;
  std::string words{};   ///< one plain sentence
  std::string source{};  ///< "RFC 8446, section 4.1.2"
  std::vector<Fact> facts{};
  std::vector<DerivedKey> keys{};
  std::vector<Choice> choices{};
  std::vector<std::uint8_t> message{};  ///< what the ends see: header and body
  std::vector<ByteField> fields{};      ///< of `message`
  std::string fields_missing{};         ///< why there are no fields, when a message could not be read
  std::vector<std::uint8_t> wire{};     ///< what a listener sees; cut at limits.h, `wire_bytes` says the whole
  std::string listener{};               ///< what a listener makes of it, in words
  std::optional<Marker> marker{};
};

/// Where the steps of TCP come from.
enum class TcpSource : std::uint8_t { none, captured, tcp_info };

/// How the fetch ended.
struct Outcome {
  bool ok = false;
  bool secure = false;        ///< TLS, and the peer is proven
  std::string reason{};       ///< on failure: what happened, one line
  std::string verdict{};      ///< "[locked] localhost ..."
  std::string explanation{};  ///< on failure: lines for people, the last one the next step
  int exit_code = 0;
};

/// What a listener learns although everything is encrypted.
struct Leak {
  std::string what;   ///< "server name"
  std::string value;  ///< "localhost, in the ClientHello"
};

/// A whole fetch, from the first packet to the last: the one model behind every view.
struct Ladder {
  std::string url{};
  std::string client_address{};  ///< "127.0.0.1:51234"; empty: never connected
  std::string server_address{};
  TcpSource tcp_source = TcpSource::none;
  std::string tcp_note{};  ///< says in words where the TCP steps come from
  std::vector<Step> steps{};
  std::string stopped{};         ///< where the fetch failed: what stands after the last step
  std::size_t client_bytes = 0;  ///< sent over the connections, without TCP and IP headers
  std::size_t server_bytes = 0;
  std::vector<Leak> leaks{};       ///< what a listener still learns
  std::vector<Leak> unreadable{};  ///< what a listener does not learn
  Outcome outcome{};
};

}  // namespace padlock::explain
