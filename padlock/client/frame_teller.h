#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "padlock/client/observer.h"
#include "padlock/http/h2/frame_scanner.h"

namespace padlock::client {

/// Reads along what one side of an HTTP/2 connection sends, and tells an observer of its frames. It decodes nothing:
/// what fields say is known from the connection, so a block of them (HEADERS and its CONTINUATIONs) is set aside.
class FrameTeller {
 public:
  FrameTeller(net::Sender sender, FetchObserver& observer)
      : sender_(sender), observer_(observer), scanner_(sender == net::Sender::client) {}

  /// Who knows at once what a block of fields says: true if it was told of. Without one, and where it gives false, the
  /// block waits for `take_fields` and is told as a frame when the next one ends.
  void on_fields(std::function<bool(const FieldsOnStream&)> listener) { listener_ = std::move(listener); }
  /// The next bytes of the stream, cut anywhere.
  void pass(Bytes bytes);
  /// The block of fields that has just ended, which the caller tells of. Empty if there is none.
  FieldsOnStream take_fields();
  /// Tells of a block that nobody has taken.
  void give_up_fields();

 private:
  void begin();
  void keep(Bytes payload);
  void tell();
  void tell_fields();

  net::Sender sender_;
  FetchObserver& observer_;
  http::h2::FrameScanner scanner_;
  std::function<bool(const FieldsOnStream&)> listener_;
  std::size_t bytes_ = 0;  ///< of the frame so far
  std::vector<std::uint8_t> payload_;
  /// A block of fields: its first frame, and what is known of all of it.
  struct Fields {
    http::h2::FrameHeader header;
    std::size_t bytes;
    bool whole;
  };
  std::optional<Fields> fields_;
};

}  // namespace padlock::client
