#include "padlock/client/exit_code.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace padlock::client {
namespace {

struct Row {
  std::string_view code;  ///< a rule's code, or how it begins
  int number;
};

/// The first row that fits counts. Codes of errors before a connection come as 2, as those of the command line do.
constexpr std::array rows{
    Row{"net.resolve.", 6},
    Row{"net.connect.", 7},
    Row{"net.deadline_passed", 28},
    Row{"net.connection_reset", 35},
    Row{"net.closed_early", 35},
    Row{"net.socket_failed", 35},
    Row{"net.file.", 2},
    Row{"net.key_log.", 2},
    Row{"client.option", 2},
    Row{"client.trust.", 2},
    Row{"client.certificate_url.", 60},
    Row{"client.crlite.", 60},
    Row{"client.redirect.", 47},
    Row{"client.http_error", 22},
    Row{"client.sink_failed", 23},
    Row{"client.tls_on_plain_http", 56},
    Row{"client.http2.goaway", 16},
    Row{"client.http2.", 92},
    Row{"x509.trust.", 2},
    Row{"x509.", 60},
    Row{"http.url.", 2},
    Row{"http.send.", 2},
    Row{"http.host.", 2},
    Row{"http.message_truncated", 18},
    Row{"http.response_missing", 52},
    Row{"http.h2.send.", 2},
    // Rules that end the whole connection are its framing to curl, the others one stream.
    Row{"http.h2.preface", 16},
    Row{"http.h2.protocol_error", 16},
    Row{"http.h2.flow_control", 16},
    Row{"http.h2.frame_size", 16},
    Row{"http.h2.compression", 16},
    Row{"http.h2.stream_closed", 16},
    Row{"http.h2.stream_number", 16},
    Row{"http.h2.self_dependency", 16},
    Row{"http.h2.priority_update", 16},
    Row{"http.h2.flood.", 16},
    Row{"http.h2.", 92},
    Row{"http.", 56},
    Row{"ca.", 2},
    Row{"tls.", 35},
    Row{"tls12.", 35},
    Row{"crypto.", 35},
    Row{"base.reader.", 35},
};

}  // namespace

int exit_code_of(const Error& error, Stage stage) {
  const auto row = std::ranges::find_if(rows, [&](const Row& one) { return error.rule->code.starts_with(one.code); });
  if (row == rows.end()) return 1;
  return row->number == 35 && stage == Stage::connected ? 56 : row->number;
}

}  // namespace padlock::client
