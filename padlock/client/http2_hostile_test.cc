// HTTP/2 servers that break the rules: each way ends the fetch with its own error, and never is a part taken as whole.
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/client/rules.h"
#include "padlock/client/testing/http2_server.h"
#include "padlock/http/h2/rules.h"
#include "padlock/http/limits.h"
#include "padlock/http/rules.h"

namespace padlock::client {
namespace {

using http::h2::ErrorCode;
using http::h2::FrameType;
using http::h2::SettingId;
using testing::FetchingByHttp2;
using testing::h2_page;
using testing::says;
using testing::status;
namespace h2 = testing::h2;
namespace wrong = http::rules;

struct Case {
  std::string_view what;
  std::string frames;  ///< behind the server's settings
  const Rule& rule;
  int exit_code;
};

std::string repeated(const std::string& text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

const h2::FieldList five{{"content-length", "5"}};
const std::string head = h2::headers(1, status("200"), false);
const std::string head_of_five = h2::headers(1, status("200", five), false);

std::vector<Case> bodies() {
  return {
      {"shorter than content-length", head_of_five + h2::data(1, "1234", true), wrong::h2_content_length_differs, 92},
      {"none with a content-length", h2::headers(1, status("200", five)), wrong::h2_content_length_differs, 92},
      {"longer than content-length", head_of_five + h2::data(1, "123456"), wrong::h2_content_length_differs, 92},
      {"longer in a second frame", head_of_five + h2::data(1, "12345") + h2::data(1, "6", true),
       wrong::h2_content_length_differs, 92},
      {"with trailers before its end", head_of_five + h2::data(1, "1234") + h2::headers(1, {{"x-sum", "1"}}),
       wrong::h2_content_length_differs, 92},
      {"cut off", head_of_five + h2::data(1, "12345"), wrong::message_truncated, 18},
      {"cut off without a length", head + h2::data(1, "12345"), wrong::message_truncated, 18},
      {"cut off within a frame", head + h2::data(1, "12345", true).substr(0, 12), wrong::message_truncated, 18},
      {"given up", head + h2::data(1, "12345") + h2::rst_stream(1), rules::stream_reset, 92},
      {"given up without a fault", head + h2::data(1, "1") + h2::rst_stream(1, ErrorCode::NO_ERROR),
       rules::stream_reset, 92},
      {"before any head", h2::data(1, "12345", true), wrong::h2_protocol_error, 16},
      {"before its head", h2::headers(1, status("103"), false) + h2::data(1, "12345", true), wrong::h2_data_before_head,
       92},
  };
}

std::vector<Case> heads() {
  const std::string large =
      h2::hpack(status("200", {{"x", std::string(40'000, 'x')}, {"y", std::string(40'000, 'y')}}));
  std::string too_large = h2::frame(FrameType::HEADERS, 0, 1, large.substr(0, 16'384));
  for (std::size_t at = 16'384; at < large.size(); at += 16'384) {
    const bool last = at + 16'384 >= large.size();
    too_large +=
        h2::frame(FrameType::CONTINUATION, last ? http::h2::flags::END_HEADERS : 0, 1, large.substr(at, 16'384));
  }
  h2::FieldList many = status("200");
  for (std::size_t i = 0; i < http::limits::response_field_count + 1; ++i) many.emplace_back("x", "y");
  return {
      {"none", "", wrong::response_missing, 52},
      {"of a field in capitals", h2::headers(1, status("200", {{"X-Big", "1"}})), wrong::h2_field_name, 92},
      {"about a connection", h2::headers(1, status("200", {{"connection", "close"}})), wrong::h2_connection_field, 92},
      {"without a status", h2::headers(1, {{"server", "x"}}), wrong::h2_pseudo_field_missing, 92},
      {"with a line break", h2::headers(1, status("200", {{"x", "a\r\nb: c"}})), wrong::h2_field_value, 92},
      {"of too many bytes", too_large, wrong::fields_too_large, 56},
      {"of too many fields", h2::headers(1, many), wrong::too_many_fields, 56},
      {"in endless pieces",
       h2::frame(FrameType::HEADERS, 0, 1, "") + repeated(h2::frame(FrameType::CONTINUATION, 0, 1, ""), 20),
       wrong::h2_continuation_flood, 16},
      {"that cannot be decoded", h2::frame(FrameType::HEADERS, http::h2::flags::END_HEADERS, 1, "\xff\xff\xff\xff\xff"),
       wrong::h2_compression, 16},
      {"that is interim and the end", h2::headers(1, status("103")), wrong::h2_interim_ends_stream, 92},
      {"that switches protocols", h2::headers(1, status("101"), false), wrong::protocol_switch_unasked, 56},
  };
}

std::vector<Case> frames_of_servers() {
  return {
      {"a push",
       h2::frame(FrameType::PUSH_PROMISE, http::h2::flags::END_HEADERS, 1, h2::number(2, 4) + h2::hpack(h2::get())),
       wrong::h2_protocol_error, 16},
      {"a frame that is too long", h2::data(1, std::string(16'385, 'x')), wrong::h2_frame_size, 16},
      {"a window beyond all", head + h2::window_update(0, 0x7fff'ffff), wrong::h2_flow_control, 16},
      {"settings that cannot be", h2::settings({{SettingId::INITIAL_WINDOW_SIZE, 0xffff'ffff}}), wrong::h2_flow_control,
       16},
      {"settings of half an entry", h2::frame(FrameType::SETTINGS, 0, 0, "123"), wrong::h2_frame_size, 16},
      {"a stream that nobody began", h2::headers(3, status("200")), wrong::h2_protocol_error, 16},
      {"pings without end", repeated(h2::ping(), 5000), wrong::h2_useless_frame_flood, 16},
      {"a reproach", h2::goaway(0, ErrorCode::ENHANCE_YOUR_CALM, "slow\x1b[31m"), rules::connection_given_up, 16},
      {"a reproach in the middle", head + h2::goaway(1, ErrorCode::INTERNAL_ERROR), rules::connection_given_up, 16},
  };
}

class HostileHttp2 : public FetchingByHttp2 {
 protected:
  void expect(const std::vector<Case>& cases) {
    for (const Case& one : cases) {
      SCOPED_TRACE(std::string(one.what));
      const auto outcome = fetched_from({testing::frames(one.frames)});
      ASSERT_TRUE(outcome.error);
      EXPECT_EQ(outcome.error->rule->code, one.rule.code) << outcome.error->what;
      EXPECT_EQ(outcome.exit_code(), one.exit_code);
      EXPECT_EQ(outcome.error->what.find('\x1b'), std::string::npos);
      EXPECT_EQ(requests_.size(), 1U);
    }
  }
};

TEST_F(HostileHttp2, BodiesAreWholeOrAnError) { expect(bodies()); }
TEST_F(HostileHttp2, HeadsAreGoodOrAnError) { expect(heads()); }
TEST_F(HostileHttp2, FramesThatMayNotBeEndTheFetch) { expect(frames_of_servers()); }

/// It may have sent it before it knew that the client takes none (RFC 9113, section 8.4).
TEST_F(HostileHttp2, APushBeforeOurSettingsAreReadIsPassedOver) {
  const std::string push = h2::frame(FrameType::PUSH_PROMISE, http::h2::flags::END_HEADERS, 1,
                                     h2::number(2, 4) + h2::hpack(h2::get("/pushed"))) +
                           h2::headers(2, status("200"), false) + h2::data(2, "nobody asked", true);
  const auto outcome = fetched_from({says(h2::settings() + push + h2_page("asked for"))});
  EXPECT_FALSE(outcome.error) << outcome.error->what;
  EXPECT_EQ(body_, "asked for");
}

TEST_F(HostileHttp2, WhatIsNoHttp2IsNamed) {
  for (const std::string& text : {std::string("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), h2::ping(),
                                  std::string(100, '\0'), h2::headers(1, status("200"))}) {
    const auto outcome = fetched_from({says(text)});
    ASSERT_TRUE(outcome.error);
    EXPECT_EQ(outcome.exit_code(), 16) << outcome.error->what << " after " << escaped(text);
  }
  EXPECT_EQ(fetched_from({says("")}).exit_code(), 52);
}

}  // namespace
}  // namespace padlock::client
