#pragma once

#include "padlock/explain/words.h"

/// How HTTP/2 is told, where it is not told as HTTP/1.1 is.
namespace padlock::explain::words::http2 {

inline constexpr Words request{
    "request", "request",
    "The client says what it wants, and of which site: the request's fields, compressed, on a stream of their own "
    "within the connection.",
    "RFC 9113, section 8.3.1"};
inline constexpr Words request_content{"request_content", "content of the request",
                                       "What the client has to say in its request, as far as the server's windows let "
                                       "it.",
                                       "RFC 9113, section 6.1"};
inline constexpr Words interim_response{"interim_response", "interim response",
                                        "The server says something in between; its answer is still to come.",
                                        "RFC 9113, section 8.1"};
inline constexpr Words response{"response", "response",
                                "The server answers on the request's stream: how it went, and what will follow.",
                                "RFC 9113, section 8.3.2"};
inline constexpr Words body{"content", "content", "The page itself, cut into frames.", "RFC 9113, section 6.1"};
inline constexpr Words trailers{"trailers", "trailers", "Fields that the server knew only when the page had ended.",
                                "RFC 9113, section 8.1"};
inline constexpr Words fields_refused{
    "http2_frame", "HEADERS",
    "A head that the client does not take: it breaks a rule, comes where none is due, or belongs to a stream that has "
    "ended.",
    "RFC 9113, section 8.1.1"};

inline constexpr Words first_settings{
    "http2_settings", "SETTINGS",
    "The client opens HTTP/2: a preface that no HTTP/1.1 server would take for a request, and what it asks of the "
    "server.",
    "RFC 9113, section 3.4"};
inline constexpr Words client_settings{"http2_settings", "SETTINGS", "The client says what it asks of the server.",
                                       "RFC 9113, section 6.5"};
inline constexpr Words server_settings{
    "http2_settings", "SETTINGS",
    "The server says what it asks of the client: how much it takes, and how many at once.", "RFC 9113, section 6.5"};
inline constexpr Words settings_ack{"http2_settings_ack", "SETTINGS (ACK)",
                                    "The other side's settings have been read and hold from here on.",
                                    "RFC 9113, section 6.5.3"};
inline constexpr Words window_update{
    "http2_window_update", "WINDOW_UPDATE",
    "The other side may send so many bytes more of content: whoever reads slowly is not flooded.",
    "RFC 9113, section 6.9"};
inline constexpr Words ping{"http2_ping", "PING", "Are you there? The other side answers with the same eight bytes.",
                            "RFC 9113, section 6.7"};
inline constexpr Words ping_ack{"http2_ping_ack", "PING (ACK)", "The answer to a PING.", "RFC 9113, section 6.7"};
inline constexpr Words rst_stream{"http2_rst_stream", "RST_STREAM",
                                  "One stream ends at once, with the reason; the connection goes on.",
                                  "RFC 9113, section 6.4"};
inline constexpr Words goaway{
    "http2_goaway", "GOAWAY",
    "The sender takes no new streams from here on, and says up to which one it has looked: what came after that may "
    "be sent again elsewhere.",
    "RFC 9113, section 6.8"};
inline constexpr Words priority{"http2_priority", "PRIORITY",
                                "Which stream should come before which; nobody heeds it any more.",
                                "RFC 9113, section 6.3"};
inline constexpr Words priority_update{"http2_priority_update", "PRIORITY_UPDATE", "How urgent a response is.",
                                       "RFC 9218, section 7.1"};
inline constexpr Words push_promise{
    "http2_push_promise", "PUSH_PROMISE",
    "The server announces an answer to a question that nobody asked. The client has forbidden that.",
    "RFC 9113, section 6.6"};
inline constexpr Words other_frame{"http2_frame", "frame of another type",
                                   "A frame of a type that this client does not know: it is passed over.",
                                   "RFC 9113, section 5.5"};

}  // namespace padlock::explain::words::http2
