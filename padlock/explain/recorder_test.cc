#include "padlock/explain/recorder.h"

#include <gtest/gtest.h>

#include "padlock/explain/limits.h"
#include "padlock/explain/testing/recording.h"

namespace padlock::explain {
namespace {

using testing::Octets;
using testing::Recording;
using tls::ContentType;
using tls::EncryptionLevel;
using tls::Sender;

TEST(Recorder, CountsTimeFromTheFirstEvent) {
  Recording told;
  told.connect();
  const trace::Trace trace = told.take();
  ASSERT_EQ(trace.events.size(), 3U);
  EXPECT_EQ(trace.events[0].at.count(), 0);
  EXPECT_EQ(trace.events[2].at, std::chrono::microseconds(200));
}

TEST(Recorder, KeepsTheBeginningOfALongStreamAndCountsTheRest) {
  Recording told;
  told.connect();
  const Octets piece(100'000, 'x');
  for (int i = 0; i < 5; ++i) told.recorder.wire(Sender::server, piece);
  const trace::Trace trace = told.take();
  EXPECT_EQ(trace.connections.at(0).server.length, 500'000U);
  EXPECT_EQ(trace.connections.at(0).server.kept.size(), limits::stream_bytes_kept);
}

TEST(Recorder, AddsUpTheRecordsOfALongDownload) {
  Recording told;
  told.connect();
  for (std::size_t i = 0; i < 10'000; ++i) {
    told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::application_data, 100);
  }
  const trace::Trace trace = told.take();
  EXPECT_EQ(trace.events.size(), 3 + limits::data_records_kept);
  EXPECT_EQ(std::get<trace::Record>(trace.events.back().what).count, 10'000 - limits::data_records_kept + 1);
}

TEST(Recorder, IsBoundedWhenAPeerSendsTicketsAndDataWithoutEnd) {
  Recording told;
  told.connect();
  const Octets ticket(200, 4);
  for (int i = 0; i < 20'000; ++i) {
    told.recorder.handshake_message(Sender::server, EncryptionLevel::application, ticket);
    told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::handshake, ticket.size());
    told.sealed_record(Sender::server, EncryptionLevel::application, ContentType::application_data, 1);
    told.recorder.body(1);
  }
  told.recorder.closed(net::CloseKind::fin_by_us);
  const trace::Trace trace = told.take();
  EXPECT_LE(trace.events.size(), limits::events + 2);
  EXPECT_GT(trace.events_left_out, 0U);
  EXPECT_TRUE(std::holds_alternative<trace::Closed>(trace.events.back().what));
  std::size_t message_bytes = 0;
  for (const trace::Event& event : trace.events) {
    if (const auto* message = std::get_if<trace::HandshakeMessage>(&event.what)) message_bytes += message->bytes.size();
  }
  EXPECT_LE(message_bytes, limits::message_bytes_kept);
}

TEST(Recorder, KeepsNoMessageBeyondItsRoom) {
  Recording told;
  told.connect();
  told.recorder.handshake_message(Sender::server, EncryptionLevel::handshake, Octets(limits::message_bytes_kept));
  told.recorder.handshake_message(Sender::server, EncryptionLevel::handshake, Octets(1));
  const trace::Trace trace = told.take();
  EXPECT_EQ(std::get<trace::HandshakeMessage>(trace.events[3].what).bytes.size(), limits::message_bytes_kept);
  EXPECT_EQ(std::get<trace::HandshakeMessage>(trace.events[4].what).bytes.size(), 0U);
  EXPECT_EQ(std::get<trace::HandshakeMessage>(trace.events[4].what).length, 1U);
}

TEST(Recorder, CutsFieldsOfManyLongHeads) {
  Recording told;
  told.connect();
  http::Response response{103, {}};
  for (int i = 0; i < 200; ++i) response.fields.add("Link", std::string(10'000, 'l'));
  for (int i = 0; i < 100; ++i) told.recorder.response_head(response, {.bytes = 1});
  std::size_t bytes = 0;
  for (const trace::Event& event : told.take().events) {
    const auto* head = std::get_if<trace::ResponseHead>(&event.what);
    if (head == nullptr) continue;
    for (const http::FieldView& field : head->response.fields.all()) bytes += field.name.size() + field.value.size();
  }
  EXPECT_GT(bytes, 0U);
  EXPECT_LE(bytes, limits::head_bytes_kept);
}

}  // namespace
}  // namespace padlock::explain
