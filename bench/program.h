#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace padlock::bench {

/// A peer that is a program of another language: it is asked by lines and answers each by one. Whatever else it does
/// ends the bench, and it ends with the bench.
class Program {
 public:
  explicit Program(std::string file, std::vector<std::string> arguments = {});
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string ask(const std::string& line);
  /// Has its case's work done for so many nanoseconds of CPU time; those of one operation. The line "round NS",
  /// answered by "ns N".
  double measured_round(double budget_ns);
  /// Ends the bench for an answer that makes no sense.
  [[noreturn]] void misunderstood(std::string_view answer);

 private:
  [[noreturn]] void failed(const std::string& how);
  void stop();
  void send_line(std::string_view line);
  std::string read_line();

  std::string file_;
  pid_t process_ = 0;  ///< 0: it does not run
  int socket_ = -1;    ///< its stdin and stdout are the other end
  std::string unread_;
};

/// A peer's program: what the environment's `variable` says, else build/peers/bin/`file`, where `./dev` builds it;
/// empty where it is not, which is said.
std::string find_peer(const std::string& peer, const char* variable, const std::string& file);

}  // namespace padlock::bench
