#pragma once

#include <optional>

#include "padlock/client/bell.h"
#include "padlock/client/exchange.h"
#include "padlock/client/frame_teller.h"
#include "padlock/http/h2/connection.h"

namespace padlock::client {

/// Over HTTP/2, the one stream of its connection (RFC 9113). Reading and writing go side by side: the server says how
/// much of a request's body it takes, and may answer before it has all of it.
class Http2Exchange final : public Exchange {
 public:
  Http2Exchange(net::Stream& stream, const FetchOptions& options, net::Deadline end, HeadJudge judge)
      : Exchange(stream, options, end, std::move(judge)) {}

  /// Besides the errors of any exchange: `rules::stream_reset`, `::request_refused`, `::connection_given_up`.
  net::Awaitable<Result<void>> run(const http::Request& request,
                                   const std::optional<std::vector<std::uint8_t>>& body) override;
  HttpVersion version() const override { return HttpVersion::HTTP_2; }
  Again again() const override { return again_; }

 private:
  Result<void> begin(http::Request request, const std::optional<std::vector<std::uint8_t>>& body);
  void tell_frames(const http::Request& request);

  // ---- one coroutine
  net::Awaitable<Result<void>> converse();
  net::Awaitable<Result<void>> receive();
  net::Awaitable<Result<Bytes>> read();
  net::Awaitable<Result<void>> feed(Bytes& rest);
  net::Awaitable<void> say_farewell(http::h2::ErrorCode code);
  // ---- and the other
  net::Awaitable<void> write();
  Result<void> queue_output();

  std::optional<http::h2::Event> next_event();
  Result<bool> on_events();
  Result<void> on_response(const http::h2::ResponseHead& head);
  Result<void> on_data(const http::h2::BodyData& data);
  void on_message_end(const http::h2::MessageEnd& message);
  Error error_of(const http::h2::StreamReset& reset);
  Error error_of(const http::Failed& failed) const;
  Error explained(Error error) const;
  bool refused_by_goaway() const { return goaway_ && stream_ > goaway_->last_stream; }

  net::Deadline deadline() const;
  void note_progress() { progress_ = std::chrono::steady_clock::now(); }

  http::h2::Connection http_ = http::h2::Connection::client();
  http::h2::StreamId stream_ = 0;
  http::Request sent_;
  std::optional<FrameTeller> from_client_, from_server_;
  std::optional<Bell> output_wanted_;  ///< there may be something to write
  std::optional<Bell> output_moved_;   ///< some of it is written, or the writer has ended
  std::optional<http::h2::GoAway> goaway_;
  net::Deadline progress_{};         ///< when the request or its response last came forward
  std::uint64_t request_bytes_ = 0;  ///< of its body, at the last look
  bool response_begun_ = false;
  bool input_ended_ = false;
  bool writing_ = false;
  bool leaving_ = false;
  Again again_ = Again::no;
};

}  // namespace padlock::client
