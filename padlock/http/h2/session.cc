#include "padlock/http/h2/session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <new>
#include <vector>

#include "padlock/base/unsafe.h"
#include "padlock/http/limits.h"

namespace padlock::http::h2 {
namespace {

/// Tells a PING of ours from others (RFC 9113, section 6.7: opaque data).
constexpr std::array<std::uint8_t, 8> shutdown_ping{'g', 'o', 'i', 'n', 'g', 'a', 'w', 'y'};

/// What nghttp2 can only fail of, after our own checks, is memory.
int checked(int result) {
  if (result == NGHTTP2_ERR_NOMEM) throw std::bad_alloc();
  return result;
}

Bytes bytes_of(const std::uint8_t* data, std::size_t size) {
  PADLOCK_UNSAFE_BUFFERS_BEGIN  // one buffer of nghttp2's and its size
  return {data, size};
  PADLOCK_UNSAFE_BUFFERS_END
}

SessionListener& listener_of(void* user_data) { return *static_cast<SessionListener*>(user_data); }

Stream* stream_of(nghttp2_session* session, StreamId id) {
  return static_cast<Stream*>(nghttp2_session_get_stream_user_data(session, id));
}

bool ends_stream(const nghttp2_frame_hd& header) { return (header.flags & NGHTTP2_FLAG_END_STREAM) != 0; }

/// Fields in nghttp2's form; few enough stand on the stack. It copies them, names in lower case.
class NameValues {
 public:
  explicit NameValues(std::span<const FieldView> fields) : size_(fields.size()) {
    std::span<nghttp2_nv> out(few_);
    if (size_ > few_.size()) {
      many_.resize(size_);
      out = many_;
    }
    std::ranges::transform(fields, out.begin(), [](const FieldView& field) {
      return nghttp2_nv{mutable_of(field.name), mutable_of(field.value), field.name.size(), field.value.size(),
                        NGHTTP2_NV_FLAG_NONE};
    });
  }
  const nghttp2_nv* data() const { return many_.empty() ? few_.data() : many_.data(); }
  std::size_t size() const { return size_; }

 private:
  /// The interface is not const, the library does not write (nghttp2_nv_array_copy).
  static std::uint8_t* mutable_of(std::string_view text) {
    return const_cast<std::uint8_t*>(as_bytes(text).data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  }

  std::array<nghttp2_nv, 32> few_{};
  std::vector<nghttp2_nv> many_;
  std::size_t size_;
};

// ---- received

int on_begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
  listener_of(user_data).on_head_begin(frame->hd.stream_id, stream_of(session, frame->hd.stream_id));
  return 0;
}

int on_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t* name, std::size_t name_size,
              const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user_data) {
  const bool go_on =
      listener_of(user_data).on_field(as_text(bytes_of(name, name_size)), as_text(bytes_of(value, value_size)));
  return go_on ? 0 : NGHTTP2_ERR_PAUSE;
}

int on_data_chunk_recv(nghttp2_session* session, std::uint8_t, StreamId id, const std::uint8_t* data, std::size_t size,
                       void* user_data) {
  Stream* stream = stream_of(session, id);
  if (stream != nullptr)
    listener_of(user_data).on_data(*stream, bytes_of(data, size));
  else
    nghttp2_session_consume(session, id, size);
  return 0;
}

void on_goaway(SessionListener& listener, const nghttp2_goaway& frame) {
  listener.on_goaway_received(frame.last_stream_id, static_cast<ErrorCode>(frame.error_code),
                              bytes_of(frame.opaque_data, frame.opaque_data_len));
}

int on_frame_recv(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
  SessionListener& listener = listener_of(user_data);
  const nghttp2_frame_hd& header = frame->hd;
  switch (header.type) {
    case NGHTTP2_HEADERS: listener.on_head_end(ends_stream(header)); break;
    case NGHTTP2_DATA:
      if (Stream* stream = stream_of(session, header.stream_id)) {
        const bool empty = header.length > 0 && header.length == frame->data.padlen;
        listener.on_data_end(*stream, ends_stream(header), empty);
      }
      break;
    case NGHTTP2_RST_STREAM:
      if (Stream* stream = stream_of(session, header.stream_id))
        listener.on_reset_received(*stream, static_cast<ErrorCode>(frame->rst_stream.error_code));
      break;
    case NGHTTP2_GOAWAY: on_goaway(listener, frame->goaway); break;
    case NGHTTP2_PING:
      if ((header.flags & NGHTTP2_FLAG_ACK) != 0 && std::ranges::equal(frame->ping.opaque_data, shutdown_ping))
        listener.on_ping_answered();
      break;
    default: break;
  }
  return 0;
}

// ---- sent

ssize_t on_data_source_read(nghttp2_session*, StreamId, std::uint8_t*, std::size_t most, std::uint32_t* data_flags,
                            nghttp2_data_source* source, void* user_data) {
  const auto piece = listener_of(user_data).on_body_wanted(*static_cast<Stream*>(source->ptr), most);
  if (const auto* none = std::get_if<SessionListener::NoPiece>(&piece))
    return *none == SessionListener::NoPiece::wait ? NGHTTP2_ERR_DEFERRED : NGHTTP2_ERR_PAUSE;
  const auto& [bytes, last, trailers] = std::get<SessionListener::Piece>(piece);
  *data_flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (last) *data_flags |= NGHTTP2_DATA_FLAG_EOF;
  if (trailers) *data_flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
  return static_cast<ssize_t>(bytes);
}

int on_send_data(nghttp2_session*, nghttp2_frame*, const std::uint8_t* header, std::size_t size,
                 nghttp2_data_source* source, void* user_data) {
  const Bytes nine = bytes_of(header, FrameHeader::size);
  const bool written =
      listener_of(user_data).on_data_write(*static_cast<Stream*>(source->ptr), nine.first<FrameHeader::size>(), size);
  return written ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

int on_frame_send(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
  SessionListener& listener = listener_of(user_data);
  const nghttp2_frame_hd& header = frame->hd;
  switch (header.type) {
    case NGHTTP2_HEADERS:
    case NGHTTP2_DATA:
      if (!ends_stream(header)) break;
      if (Stream* stream = stream_of(session, header.stream_id)) listener.on_end_stream_sent(*stream);
      break;
    case NGHTTP2_RST_STREAM:
      listener.on_reset_sent(header.stream_id, stream_of(session, header.stream_id),
                             static_cast<ErrorCode>(frame->rst_stream.error_code));
      break;
    case NGHTTP2_GOAWAY:
      listener.on_goaway_sent(static_cast<ErrorCode>(frame->goaway.error_code),
                              bytes_of(frame->goaway.opaque_data, frame->goaway.opaque_data_len));
      break;
    default: break;
  }
  return 0;
}

int on_stream_close(nghttp2_session* session, StreamId id, std::uint32_t code, void* user_data) {
  if (Stream* stream = stream_of(session, id))
    listener_of(user_data).on_stream_closed(*stream, static_cast<ErrorCode>(code));
  return 0;
}

// ---- set-up

using Callbacks = std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)>;
using Options = std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)>;

Callbacks make_callbacks() {
  nghttp2_session_callbacks* made = nullptr;
  checked(nghttp2_session_callbacks_new(&made));
  Callbacks callbacks(made, &nghttp2_session_callbacks_del);
  nghttp2_session_callbacks_set_on_begin_headers_callback(made, on_begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(made, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, on_data_chunk_recv);
  nghttp2_session_callbacks_set_on_frame_recv_callback(made, on_frame_recv);
  nghttp2_session_callbacks_set_send_data_callback(made, on_send_data);
  nghttp2_session_callbacks_set_on_frame_send_callback(made, on_frame_send);
  nghttp2_session_callbacks_set_on_stream_close_callback(made, on_stream_close);
  return callbacks;
}

Options make_options() {
  nghttp2_option* made = nullptr;
  checked(nghttp2_option_new(&made));
  Options options(made, &nghttp2_option_del);
  nghttp2_option_set_no_auto_window_update(made, 1);
  nghttp2_option_set_no_http_messaging(made, 1);
  nghttp2_option_set_no_closed_streams(made, 1);
  nghttp2_option_set_max_deflate_dynamic_table_size(made, limits::h2_header_table_bytes);
  nghttp2_option_set_stream_reset_rate_limit(made, UINT32_MAX, UINT32_MAX);  // by the system's clock: ours counts
  return options;
}

/// One for all connections: they are copied, and nobody changes them.
const nghttp2_session_callbacks* callbacks() {
  static const Callbacks made = make_callbacks();
  return made.get();
}
const nghttp2_option* options() {
  static const Options made = make_options();
  return made.get();
}

}  // namespace

Session::Session(Role role, SessionListener& listener, std::span<const Setting> settings,
                 std::uint32_t connection_window) {
  nghttp2_session* made = nullptr;
  const auto make = role == Role::server ? nghttp2_session_server_new2 : nghttp2_session_client_new2;
  checked(make(&made, callbacks(), &listener, options()));
  session_.reset(made);
  std::vector<nghttp2_settings_entry> entries;
  entries.reserve(settings.size());
  for (const Setting& setting : settings) entries.push_back({static_cast<std::int32_t>(setting.id), setting.value});
  checked(nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, entries.data(), entries.size()));
  checked(
      nghttp2_session_set_local_window_size(made, NGHTTP2_FLAG_NONE, 0, static_cast<std::int32_t>(connection_window)));
}

Session::~Session() = default;
void Session::Deleter::operator()(nghttp2_session* session) const { nghttp2_session_del(session); }

bool Session::feed(Bytes input) {
  const auto taken = static_cast<int>(nghttp2_session_mem_recv(session_.get(), input.data(), input.size()));
  return checked(taken) >= 0;
}

Bytes Session::next_frame() {
  const std::uint8_t* data = nullptr;
  const auto size = nghttp2_session_mem_send(session_.get(), &data);
  if (checked(static_cast<int>(size)) <= 0) return {};
  return bytes_of(data, static_cast<std::size_t>(size));
}

std::size_t Session::queued_frames() const { return nghttp2_session_get_outbound_queue_size(session_.get()); }
bool Session::wants_write() const { return nghttp2_session_want_write(session_.get()) != 0; }
bool Session::wants_read() const { return nghttp2_session_want_read(session_.get()) != 0; }

void Session::attach(StreamId id, Stream* stream) { nghttp2_session_set_stream_user_data(session_.get(), id, stream); }

StreamId Session::next_stream() const {
  const std::uint32_t next = nghttp2_session_get_next_stream_id(session_.get());
  return next > INT32_MAX ? 0 : static_cast<StreamId>(next);
}

void Session::submit_request(std::span<const FieldView> head, bool has_body, Stream& stream) {
  const NameValues fields(head);
  const nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = on_data_source_read};
  checked(nghttp2_submit_request(session_.get(), nullptr, fields.data(), fields.size(), has_body ? &body : nullptr,
                                 &stream));
}

void Session::submit_response(StreamId id, std::span<const FieldView> head, bool has_body, Stream& stream) {
  const NameValues fields(head);
  const nghttp2_data_provider body{.source = {.ptr = &stream}, .read_callback = on_data_source_read};
  checked(nghttp2_submit_response(session_.get(), id, fields.data(), fields.size(), has_body ? &body : nullptr));
}

void Session::submit_interim(StreamId id, std::span<const FieldView> head) {
  const NameValues fields(head);
  checked(
      nghttp2_submit_headers(session_.get(), NGHTTP2_FLAG_NONE, id, nullptr, fields.data(), fields.size(), nullptr));
}

void Session::submit_trailers(StreamId id, std::span<const FieldView> trailers) {
  const NameValues fields(trailers);
  checked(nghttp2_submit_trailer(session_.get(), id, fields.data(), fields.size()));
}

void Session::resume(StreamId id) { checked(nghttp2_session_resume_data(session_.get(), id)); }

void Session::submit_reset(StreamId id, ErrorCode code) {
  checked(nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(code)));
}

void Session::consume(StreamId id, std::size_t bytes) { checked(nghttp2_session_consume(session_.get(), id, bytes)); }

void Session::consume_connection(std::size_t bytes) {
  checked(nghttp2_session_consume_connection(session_.get(), bytes));
}

void Session::set_priority(StreamId id, Priority priority) {
  const nghttp2_extpri extpri{.urgency = priority.urgency, .inc = priority.incremental ? 1 : 0};
  checked(nghttp2_session_change_extpri_stream_priority(session_.get(), id, &extpri, 0));
}

void Session::announce_shutdown() {
  checked(nghttp2_submit_shutdown_notice(session_.get()));
  checked(nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, shutdown_ping.data()));
}

void Session::shutdown() {
  const StreamId last = nghttp2_session_get_last_proc_stream_id(session_.get());
  checked(nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, last, NGHTTP2_NO_ERROR, nullptr, 0));
}

void Session::terminate(ErrorCode code) {
  checked(nghttp2_session_terminate_session(session_.get(), static_cast<std::uint32_t>(code)));
}

std::uint32_t Session::peer_concurrent_streams() const {
  return nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

bool Session::peer_takes_connect_protocol() const {
  return nghttp2_session_get_remote_settings(session_.get(), NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

}  // namespace padlock::http::h2
