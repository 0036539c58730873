#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include "padlock/base/result.h"
#include "padlock/tls/handshake/handshake.h"
#include "padlock/tls/handshake/negotiated.h"
#include "padlock/tls/handshake/outbox.h"
#include "padlock/tls/handshake/questions.h"
#include "padlock/tls/rules.h"
#include "padlock/tls/wire/handshake_message.h"

/// How a handshake of either role goes from state to state. The functions of a state are found in its namespace, so
/// these templates belong into the one source that declares all of a role's.
namespace padlock::tls {

/// What a state waits for. Each role has a table of them in the order of its states.
struct Waits {
  std::string_view what;  ///< for people: "ServerHello"
  bool answer;            ///< from our caller; else a message
  ChangeCipherSpec change_cipher_spec;
};

/// The next state; a state without a function for messages expects none.
template <class... States, class Context>
Result<std::variant<States...>> step(std::variant<States...>&& state, const HandshakeMessage& message,
                                     const Context& context, Outbox& out, std::string_view waits_for) {
  return std::visit(
      [&](auto&& now) -> Result<std::variant<States...>> {
        using State = decltype(now);
        if constexpr (requires { on_message(std::forward<State>(now), message, context, out); }) {
          return on_message(std::forward<State>(now), message, context, out);
        } else {
          return unexpected(message, waits_for);
        }
      },
      std::move(state));
}

/// The same for an answer.
template <class... States, class Context>
Result<std::variant<States...>> step(std::variant<States...>&& state, AnyAnswer answer, const Context& context,
                                     Outbox& out) {
  return std::visit(
      [&](auto&& now, auto&& given) -> Result<std::variant<States...>> {
        using State = decltype(now);
        using Answer = decltype(given);
        if constexpr (requires { on_answer(std::forward<State>(now), std::forward<Answer>(given), context, out); }) {
          return on_answer(std::forward<State>(now), std::forward<Answer>(given), context, out);
        } else {
          return broken(rules::unknown_question, "the answer came in a state that asked nothing of this kind");
        }
      },
      std::move(state), std::move(answer));
}

/// The outcome, once the state has it.
template <class... States>
std::optional<Connected> take_connected(std::variant<States...>& state) {
  auto* connected = std::get_if<Connected>(&state);
  if (connected == nullptr) return std::nullopt;
  return std::move(*connected);
}

}  // namespace padlock::tls
