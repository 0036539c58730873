#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "conformance/bogo/options.h"
#include "conformance/bogo/runner_socket.h"
#include "conformance/bogo/setup.h"
#include "padlock/tls/connection.h"

namespace padlock::bogo {

/// One connection with the runner, told as the runner expects it: handshake, check of what came of it, first words,
/// echo of all data with each bit turned over, and the end.
class Exchange {
 public:
  Exchange(const Options& options, const Setup& setup, RunnerSocket& socket, crypto::Provider& provider);

  /// Error: what went wrong, by its rule's code, for the runner to compare.
  std::optional<std::string> run();

 private:
  // The story.
  bool shake_hands();
  bool say_first_words();
  bool export_keys();
  bool write_different_record_sizes();
  bool echo();
  bool echo_piece(Bytes piece);
  bool shut_down();

  // What moves it.
  bool step();
  bool receive();
  void drain();
  void flush();
  void on_event(tls::Event event);
  void answer_questions();
  void answer(const tls::CertificateWanted& wanted);
  void answer(const tls::CryptoWanted& wanted);
  void answer(const tls::ChainVerificationWanted& wanted);
  bool send(Bytes bytes);
  bool update_keys();
  bool fail(std::string fault);

  const Options& options_;
  const Setup& setup_;
  RunnerSocket& socket_;
  crypto::Provider& provider_;
  tls::Connection connection_;

  std::vector<tls::Event> questions_;   ///< open ones
  std::vector<std::uint8_t> inbox_;     ///< received and not taken yet
  std::deque<std::uint8_t> plaintext_;  ///< opened and not echoed yet
  std::vector<std::uint8_t> ocsp_staple_;
  std::vector<std::uint8_t> signed_certificate_timestamps_;
  bool complete_ = false;
  bool peer_closed_ = false;
  bool input_ended_ = false;
  std::optional<std::string> fault_;
};

}  // namespace padlock::bogo
