#include "padlock/http/h2/testing/peer.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <map>
#include <utility>

#include "padlock/base/text.h"
#include "padlock/base/unsafe.h"

namespace padlock::http::h2::testing {
namespace {

std::string text_of(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // one buffer of nghttp2's and its size
  return std::string(as_text(Bytes(data, size)));
  PADLOCK_UNSAFE_BUFFERS_END
}

std::string code_name(std::uint32_t code) { return std::string(name_of(static_cast<ErrorCode>(code))); }

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  for (const char byte : text) value = value << 8 | static_cast<std::uint8_t>(byte);
  return value;
}

std::vector<nghttp2_nv> name_values(const FieldList& fields) {
  std::vector<nghttp2_nv> out;
  out.reserve(fields.size());
  const auto bytes = [](const std::string& text) {
    return const_cast<std::uint8_t*>(as_bytes(text).data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  };
  for (const auto& [name, value] : fields)
    out.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  return out;
}

/// Decodes field blocks of one connection.
class Inflater {
 public:
  Inflater() { nghttp2_hd_inflate_new(&inflater_); }
  ~Inflater() { nghttp2_hd_inflate_del(inflater_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::string decode(std::string_view block) {
    std::string text;
    Bytes left = as_bytes(block);
    for (;;) {
      nghttp2_nv field{};
      int state = 0;
      const auto taken = nghttp2_hd_inflate_hd2(inflater_, &field, &state, left.data(), left.size(), 1);
      if (taken < 0) return text + " malformed";
      left = left.subspan(static_cast<std::size_t>(taken));
      if ((state & NGHTTP2_HD_INFLATE_EMIT) != 0)
        text += " " + text_of(field.name, field.namelen) + "=" + text_of(field.value, field.valuelen);
      if ((state & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
    }
    nghttp2_hd_inflate_end_headers(inflater_);
    return text;
  }

 private:
  nghttp2_hd_inflater* inflater_ = nullptr;
};

std::string describe_frame(const FrameHeader& header, std::string_view payload, Inflater& inflater) {
  const std::string stream = " " + std::to_string(header.stream);
  const std::string end = header.has(flags::END_STREAM) ? " END_STREAM" : "";
  switch (header.type) {
    case FrameType::DATA: return "DATA" + stream + end + " " + std::to_string(payload.size());
    case FrameType::HEADERS: return "HEADERS" + stream + end + inflater.decode(payload);
    case FrameType::RST_STREAM:
      return "RST_STREAM" + stream + " " + code_name(static_cast<std::uint32_t>(number_of(payload)));
    case FrameType::SETTINGS: {
      std::string text = header.has(flags::ACK) ? "SETTINGS ACK" : "SETTINGS";
      for (; payload.size() >= 6; payload.remove_prefix(6))
        text += " " + std::to_string(number_of(payload.substr(0, 2))) + "=" +
                std::to_string(number_of(payload.substr(2, 4)));
      return text;
    }
    case FrameType::PING: return header.has(flags::ACK) ? "PING ACK" : "PING";
    case FrameType::GOAWAY:
      return "GOAWAY " + std::to_string(number_of(payload.substr(0, 4))) + " " +
             code_name(static_cast<std::uint32_t>(number_of(payload.substr(4, 4))));
    case FrameType::WINDOW_UPDATE: return "WINDOW_UPDATE" + stream + " " + std::to_string(number_of(payload));
    default: return "frame " + std::to_string(static_cast<int>(header.type));
  }
}

}  // namespace

std::vector<std::string> frames_of(std::string_view output) {
  std::vector<std::string> frames;
  Inflater inflater;
  if (output.starts_with(connection_preface)) output.remove_prefix(connection_preface.size());
  while (output.size() >= FrameHeader::size) {
    const FrameHeader header = parse_frame_header(as_bytes(output).first<FrameHeader::size>());
    output.remove_prefix(FrameHeader::size);
    frames.push_back(describe_frame(header, output.substr(0, header.length), inflater));
    if (output.size() < header.length) frames.emplace_back("truncated");
    output.remove_prefix(std::min<std::size_t>(header.length, output.size()));
  }
  return frames;
}

std::size_t count_frames(std::string_view output, std::string_view start) {
  return static_cast<std::size_t>(
      std::ranges::count_if(frames_of(output), [&](const std::string& frame) { return frame.starts_with(start); }));
}

bool has_frame(std::string_view output, std::string_view start) { return count_frames(output, start) > 0; }

struct Peer::State {
  struct Body {
    std::string bytes;
    FieldList trailers;
  };
  nghttp2_session* session = nullptr;
  std::vector<std::string> events;
  std::map<StreamId, std::string> heads;
  std::map<StreamId, Body> bodies;
  bool faulty = false;
  bool holds_windows = false;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { nghttp2_session_del(session); }
};

Peer::Peer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Peer::Peer(Peer&&) noexcept = default;
Peer::~Peer() = default;

/// The callbacks of a Peer, whose state comes as nghttp2's user data.
template <class State>
struct PeerCallbacks {
  static State& of(void* user_data) { return *static_cast<State*>(user_data); }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    of(user_data).heads[frame->hd.stream_id] = "";
    return 0;
  }
  static int header(nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user_data) {
    of(user_data).heads[frame->hd.stream_id] += " " + text_of(name, name_size) + "=" + text_of(value, value_size);
    return 0;
  }
  static int data(nghttp2_session* session, std::uint8_t, StreamId stream, const std::uint8_t* bytes, std::size_t size,
                  void* user_data) {
    State& state = of(user_data);
    const std::string start = std::to_string(stream) + " data ";
    if (!state.events.empty() && state.events.back().starts_with(start))
      state.events.back() += text_of(bytes, size);
    else
      state.events.push_back(start + text_of(bytes, size));
    if (!state.holds_windows) nghttp2_session_consume(session, stream, size);
    return 0;
  }
  static int frame(nghttp2_session*, const nghttp2_frame* got, void* user_data) {
    State& state = of(user_data);
    const std::string stream = std::to_string(got->hd.stream_id);
    if (got->hd.type == NGHTTP2_HEADERS) state.events.push_back(stream + state.heads[got->hd.stream_id]);
    const bool message = got->hd.type == NGHTTP2_HEADERS || got->hd.type == NGHTTP2_DATA;
    if (message && (got->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) state.events.push_back(stream + " end");
    if (got->hd.type == NGHTTP2_RST_STREAM)
      state.events.push_back(stream + " reset " + code_name(got->rst_stream.error_code));
    if (got->hd.type == NGHTTP2_GOAWAY) state.events.push_back("goaway " + code_name(got->goaway.error_code));
    return 0;
  }
  static int invalid(nghttp2_session*, const nghttp2_frame*, int, void* user_data) {
    of(user_data).faulty = true;
    return 0;
  }
  static ssize_t read(nghttp2_session* session, StreamId stream, std::uint8_t* into, std::size_t most,
                      std::uint32_t* data_flags, nghttp2_data_source*, void* user_data) {
    auto& body = of(user_data).bodies[stream];
    const std::size_t count = std::min(most, body.bytes.size());
    PADLOCK_UNSAFE_BUFFERS_BEGIN  // nghttp2's buffer of `most` bytes
    copy_bytes(as_bytes(body.bytes).first(count), std::span(into, most));
    PADLOCK_UNSAFE_BUFFERS_END
    body.bytes.erase(0, count);
    if (!body.bytes.empty()) return static_cast<ssize_t>(count);
    *data_flags |= NGHTTP2_DATA_FLAG_EOF;
    if (!body.trailers.empty()) {
      *data_flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const auto fields = name_values(body.trailers);
      nghttp2_submit_trailer(session, stream, fields.data(), fields.size());
    }
    return static_cast<ssize_t>(count);
  }

  static nghttp2_session* make(State& state, bool server, const std::vector<Setting>& settings) {
    nghttp2_session_callbacks* callbacks = nullptr;
    nghttp2_session_callbacks_new(&callbacks);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame);
    nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalid);
    nghttp2_option* option = nullptr;
    nghttp2_option_new(&option);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_session* session = nullptr;
    const auto make_session = server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
    make_session(&session, callbacks, &state, option);
    nghttp2_option_del(option);
    nghttp2_session_callbacks_del(callbacks);
    std::vector<nghttp2_settings_entry> entries;
    entries.reserve(settings.size());
    for (const Setting& one : settings) entries.push_back({static_cast<std::int32_t>(one.id), one.value});
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries.data(), entries.size());
    return session;
  }
};

Peer Peer::client(const std::vector<Setting>& settings) {
  auto state = std::make_unique<State>();
  state->session = PeerCallbacks<State>::make(*state, false, settings);
  return Peer(std::move(state));
}

Peer Peer::server(const std::vector<Setting>& settings) {
  auto state = std::make_unique<State>();
  state->session = PeerCallbacks<State>::make(*state, true, settings);
  return Peer(std::move(state));
}

bool Peer::feed(std::string_view input) {
  const Bytes bytes = as_bytes(input);
  const auto taken = nghttp2_session_mem_recv(state_->session, bytes.data(), bytes.size());
  return taken == static_cast<ssize_t>(input.size()) && !state_->faulty;
}

std::string Peer::output() {
  std::string all;
  for (;;) {
    const std::uint8_t* data = nullptr;
    const auto size = nghttp2_session_mem_send(state_->session, &data);
    if (size <= 0) return all;
    all += text_of(data, static_cast<std::size_t>(size));
  }
}

std::vector<std::string> Peer::events() { return std::exchange(state_->events, {}); }

StreamId Peer::request(const FieldList& fields, std::string_view body, const FieldList& trailers) {
  const auto head = name_values(fields);
  const nghttp2_data_provider source{.source = {.ptr = nullptr}, .read_callback = PeerCallbacks<State>::read};
  const bool has_body = !body.empty() || !trailers.empty();
  const StreamId id =
      nghttp2_submit_request(state_->session, nullptr, head.data(), head.size(), has_body ? &source : nullptr, nullptr);
  state_->bodies[id] = {std::string(body), trailers};
  return id;
}

void Peer::respond(StreamId stream, const FieldList& fields, std::string_view body, const FieldList& trailers) {
  const auto head = name_values(fields);
  const nghttp2_data_provider source{.source = {.ptr = nullptr}, .read_callback = PeerCallbacks<State>::read};
  const bool has_body = !body.empty() || !trailers.empty();
  state_->bodies[stream] = {std::string(body), trailers};
  nghttp2_submit_response(state_->session, stream, head.data(), head.size(), has_body ? &source : nullptr);
}

void Peer::interim(StreamId stream, const FieldList& fields) {
  const auto head = name_values(fields);
  nghttp2_submit_headers(state_->session, NGHTTP2_FLAG_NONE, stream, nullptr, head.data(), head.size(), nullptr);
}

void Peer::reset(StreamId stream, ErrorCode code) {
  nghttp2_submit_rst_stream(state_->session, NGHTTP2_FLAG_NONE, stream, static_cast<std::uint32_t>(code));
}

void Peer::goaway() {
  nghttp2_submit_goaway(state_->session, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(state_->session),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

void Peer::hold_windows() { state_->holds_windows = true; }

void Peer::consume(StreamId stream, std::size_t bytes) { nghttp2_session_consume(state_->session, stream, bytes); }

}  // namespace padlock::http::h2::testing
