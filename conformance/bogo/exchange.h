#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "conformance/bogo/answers.h"
#include "conformance/bogo/expectations.h"
#include "conformance/bogo/last_message.h"
#include "conformance/bogo/lasting.h"
#include "conformance/bogo/options.h"
#include "conformance/bogo/runner_socket.h"
#include "conformance/bogo/secrets.h"
#include "conformance/bogo/setup.h"
#include "padlock/tls/connection.h"

namespace padlock::bogo {

/// One connection with the runner, told as the runner expects it: handshake, check of what came of it, first words,
/// echo of all data with each bit turned over, and the end.
class Exchange {
 public:
  /// `resumption`: it is not the run's first one, and a client offers the session that `lasting` has. `retry`: what
  /// holds once a server has refused early data.
  Exchange(const Options& options, const Options& retry, const Setup& setup, Lasting& lasting, bool resumption,
           RunnerSocket& socket, crypto::Provider& provider);

  /// Error: what went wrong, by its rule's code, for the runner to compare.
  std::optional<std::string> run();

 private:
  // The story.
  bool shake_hands();
  bool speak_early();
  bool say_first_words();
  bool say_words();
  bool export_keys();
  bool export_traffic_secrets();
  bool begin_to_write();
  void begin_again();
  bool write_different_record_sizes();
  bool echo();
  bool echo_some();
  bool find_late_fault();
  bool shut_down();

  // What moves it.
  bool step();
  bool receive();
  void drain();
  void flush();
  void on_event(tls::Event event);
  void answer_questions();
  bool send(Bytes bytes);
  bool update_keys();
  bool fail(std::string fault);

  Outcome outcome() const;

  Options options_;  ///< of now: see begin_again
  const Options& retry_;
  Lasting& lasting_;
  bool resumption_;
  RunnerSocket& socket_;
  Secrets secrets_;
  LastMessage last_message_;
  tls::Connection connection_;
  Answers answers_;

  std::vector<tls::Event> questions_;                    ///< open ones
  std::vector<std::uint8_t> inbox_;                      ///< received and not taken yet
  std::deque<std::uint8_t> plaintext_;                   ///< opened and not echoed yet
  std::shared_ptr<const tls::ClientSession> session_{};  ///< the last one received
  std::deque<std::string> words_{};                      ///< first ones, not sent yet
  bool early_data_refused_ = false;
  bool blocked_ = false;  ///< nothing can be sent for now
  bool complete_ = false;
  bool peer_closed_ = false;
  bool input_ended_ = false;
  std::optional<std::string> fault_;
};

}  // namespace padlock::bogo
