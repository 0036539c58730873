#include "padlock/explain/http2_steps.h"

#include <fmt/format.h>

#include "padlock/base/reader.h"
#include "padlock/base/text.h"
#include "padlock/explain/words_http2.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

namespace h2 = http::h2;
using h2::FrameType;

constexpr std::uint32_t without_reserved_bit = 0x7fff'ffff;

const Words& words_of_settings(const trace::Http2Frames& frames) {
  if (frames.header.has(h2::flags::ACK)) return words::http2::settings_ack;
  if (frames.sender == tls::Sender::server) return words::http2::server_settings;
  return frames.begin == 0 ? words::http2::first_settings : words::http2::client_settings;
}

const Words& words_of(const trace::Http2Frames& frames) {
  switch (frames.header.type) {
    case FrameType::DATA: return words::http2::request_content;
    case FrameType::HEADERS:
    case FrameType::CONTINUATION: return words::http2::fields_refused;
    case FrameType::PRIORITY: return words::http2::priority;
    case FrameType::RST_STREAM: return words::http2::rst_stream;
    case FrameType::SETTINGS: return words_of_settings(frames);
    case FrameType::PUSH_PROMISE: return words::http2::push_promise;
    case FrameType::PING: return frames.header.has(h2::flags::ACK) ? words::http2::ping_ack : words::http2::ping;
    case FrameType::GOAWAY: return words::http2::goaway;
    case FrameType::WINDOW_UPDATE: return words::http2::window_update;
    case FrameType::PRIORITY_UPDATE: return words::http2::priority_update;
  }
  return words::http2::other_frame;
}

std::string code_text(std::uint32_t code) {
  const std::string_view name = name_of(static_cast<h2::ErrorCode>(code));
  return name == "unknown" ? fmt::format("{:#x}", code) : std::string(name);
}

/// A frame that was cut short has fewer facts: what breaks the rules is told by the error.
Result<void> add_settings(Step& step, Reader in) {
  while (!in.empty()) {
    const std::uint16_t id = PADLOCK_TRY(in.u16("identifier"));
    const std::uint32_t value = PADLOCK_TRY(in.u32("value"));
    const std::string_view name = name_of(static_cast<h2::SettingId>(id));
    step.facts.push_back({name == "unknown" ? fmt::format("setting {:#x}", id) : std::string(name), grouped(value)});
  }
  return {};
}

Result<void> add_goaway(Step& step, Reader in) {
  const std::uint32_t last_stream = PADLOCK_TRY(in.u32("last_stream_id"));
  const std::uint32_t code = PADLOCK_TRY(in.u32("error_code"));
  step.facts.push_back({"last stream", std::to_string(last_stream & without_reserved_bit)});
  step.facts.push_back({"error code", code_text(code)});
  if (!in.empty()) step.facts.push_back({"debug data", escaped(as_text(in.rest()))});
  return {};
}

Result<void> add_rst_stream(Step& step, Reader in) {
  step.facts.push_back({"error code", code_text(PADLOCK_TRY(in.u32("error_code")))});
  return {};
}

Result<void> add_window_update(Step& step, Reader in) {
  const std::uint32_t increment = PADLOCK_TRY(in.u32("increment"));
  step.facts.push_back({"increment", bytes_text(increment & without_reserved_bit)});
  return {};
}

void add_payload(Step& step, const trace::Http2Frames& frames) {
  if (frames.count > 1) return;
  const Reader in(frames.payload, "frame");
  Result<void> read;
  if (frames.header.type == FrameType::SETTINGS) read = add_settings(step, in);
  if (frames.header.type == FrameType::GOAWAY) read = add_goaway(step, in);
  if (frames.header.type == FrameType::RST_STREAM) read = add_rst_stream(step, in);
  if (frames.header.type == FrameType::WINDOW_UPDATE) read = add_window_update(step, in);
  if (!read) step.facts.push_back({"malformed", escaped(read.error().what)});
}

std::string stream_text(h2::StreamId stream) {
  return stream == 0 ? "0: the connection as a whole" : std::to_string(stream);
}

}  // namespace

Step frames_step(const trace::Http2Frames& frames) {
  Step step = step_of(words_of(frames));
  step.sender = frames.sender == tls::Sender::client ? Party::client : Party::server;
  if (frames.header.type == FrameType::DATA) step.title += " (DATA)";
  if (frames.count > 1) step.facts.push_back({"frames", grouped(frames.count)});
  const bool concerns_a_stream = frames.header.stream != 0 || frames.header.type == FrameType::WINDOW_UPDATE;
  if (frames.count == 1 && concerns_a_stream) step.facts.push_back({"stream", stream_text(frames.header.stream)});
  if (frames.header.type == FrameType::DATA) step.facts.push_back({"length", bytes_text(frames.payload_bytes)});
  if (name_of(frames.header.type) == "unknown")
    step.facts.push_back({"type", fmt::format("{:#x}", static_cast<unsigned>(frames.header.type))});
  add_payload(step, frames);
  return step;
}

std::string frame_text(const client::FieldsOnStream& place) {
  return fmt::format("stream {}{}, {} with its header", place.stream, place.ends_stream ? ", END_STREAM" : "",
                     bytes_text(place.bytes));
}

}  // namespace padlock::explain
