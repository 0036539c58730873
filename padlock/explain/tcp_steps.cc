#include "padlock/explain/tcp_steps.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "padlock/explain/words.h"
#include "padlock/explain/wrap.h"

namespace padlock::explain {
namespace {

using net::Packet;

bool from_client(const Packet& packet, const TcpEvidence& evidence) {
  return packet.source.port == evidence.connected.local.port &&
         packet.source.address == evidence.connected.local.address;
}

/// The kernel shows a packet of the loopback interface, or a repeated one, more than once.
bool same_segment(const Packet& a, const Packet& b) {
  return a.source == b.source && a.sequence == b.sequence && a.acknowledgement == b.acknowledgement && a.syn == b.syn &&
         a.ack == b.ack && a.fin == b.fin && a.rst == b.rst && a.payload_bytes == b.payload_bytes;
}

std::vector<Packet> without_repeats(const std::vector<Packet>& packets) {
  std::vector<Packet> once;
  for (const Packet& packet : packets) {
    const auto same = [&](const Packet& other) { return same_segment(other, packet); };
    if (std::ranges::none_of(once, same)) once.push_back(packet);
  }
  return once;
}

std::string options_text(const net::TcpOptions& options) {
  std::string text;
  const auto add = [&](const std::string& option) { text += (text.empty() ? "" : ", ") + option; };
  if (options.mss) add(fmt::format("segments of up to {}", bytes_text(*options.mss)));
  if (options.window_scale) add(fmt::format("window scale {}", *options.window_scale));
  if (options.sack_permitted) add("selective acknowledgement");
  if (options.timestamps) add("timestamps");
  return text;
}

Step step_of_packet(const Words& words, const Packet& packet, const TcpEvidence& evidence) {
  Step step = step_of(words);
  step.sender = from_client(packet, evidence) ? Party::client : Party::server;
  step.at = packet.time - evidence.began;
  step.wire_bytes = packet.packet_bytes;
  step.facts.push_back({"sequence", grouped(packet.sequence)});
  if (packet.ack) step.facts.push_back({"acknowledgement", grouped(packet.acknowledgement)});
  if (const std::string options = options_text(packet.options); packet.syn && !options.empty()) {
    step.facts.push_back({"options", options});
  }
  return step;
}

std::vector<Step> captured_opening(const std::vector<Packet>& packets, const TcpEvidence& evidence) {
  std::vector<Step> steps;
  bool answered = false;
  for (const Packet& packet : packets) {
    const bool ours = from_client(packet, evidence);
    if (packet.syn && !packet.ack && ours) steps.push_back(step_of_packet(words::syn, packet, evidence));
    if (packet.syn && packet.ack && !ours) steps.push_back(step_of_packet(words::syn_ack, packet, evidence));
    answered = answered || (packet.syn && packet.ack);
    const bool pure_ack = packet.ack && !packet.syn && !packet.fin && !packet.rst && packet.payload_bytes == 0;
    if (pure_ack && ours && answered) {
      steps.push_back(step_of_packet(words::ack, packet, evidence));
      break;
    }
  }
  return steps;
}

/// TCP_INFO tells round trip and options; which of them stood in which packet follows from how TCP opens.
std::vector<Step> told_opening(const TcpEvidence& evidence) {
  const net::TcpInfo& info = evidence.connected.info;
  Step syn = step_of(words::syn);
  syn.sender = Party::client;
  syn.at = evidence.syn_at;
  if (info.window_scaling) syn.facts.push_back({"window scale", fmt::format("{}", info.receive_window_scale)});
  Step syn_ack = step_of(words::syn_ack);
  syn_ack.sender = Party::server;
  syn_ack.at = std::min(evidence.syn_at + std::chrono::nanoseconds(info.rtt), evidence.connected_at);
  if (info.rtt.count() > 0)
    syn_ack.facts.push_back({"round trip", fmt::format("{:.3f} ms", static_cast<double>(info.rtt.count()) / 1000)});
  if (info.send_mss > 0) syn_ack.facts.push_back({"segments of up to", bytes_text(info.send_mss)});
  std::string options;
  if (info.window_scaling) options += fmt::format("window scale {}, ", info.send_window_scale);
  if (info.selective_acknowledgement) options += "selective acknowledgement, ";
  if (info.timestamps) options += "timestamps, ";
  if (!options.empty()) syn_ack.facts.push_back({"options", options.substr(0, options.size() - 2)});
  Step ack = step_of(words::ack);
  ack.sender = Party::client;
  ack.at = evidence.connected_at;
  return {std::move(syn), std::move(syn_ack), std::move(ack)};
}

/// Without packets: who ended it, as the socket saw it.
std::vector<Step> told_closing(net::CloseKind how, std::chrono::nanoseconds at) {
  std::vector<Step> steps;
  if (how == net::CloseKind::reset) steps.push_back(step_of(words::reset));
  if (how == net::CloseKind::fin_by_peer) {
    steps.push_back(step_of(words::fin_by_server));
    steps.back().sender = Party::server;
  }
  if (how != net::CloseKind::reset) {
    steps.push_back(step_of(words::fin_by_client));
    steps.back().sender = Party::client;
  }
  for (Step& step : steps) step.at = at;
  return steps;
}

}  // namespace

std::vector<Step> opening_steps(const TcpEvidence& evidence) {
  std::vector<Step> captured = captured_opening(without_repeats(evidence.connection.packets), evidence);
  return captured.empty() ? told_opening(evidence) : captured;
}

std::vector<Step> closing_steps(const TcpEvidence& evidence, net::CloseKind how, std::chrono::nanoseconds at) {
  std::vector<Step> steps;
  for (const Packet& packet : without_repeats(evidence.connection.packets)) {
    const Words& fin = from_client(packet, evidence) ? words::fin_by_client : words::fin_by_server;
    if (packet.fin) steps.push_back(step_of_packet(fin, packet, evidence));
    if (packet.rst) steps.push_back(step_of_packet(words::reset, packet, evidence));
  }
  return steps.empty() ? told_closing(how, at) : steps;
}

}  // namespace padlock::explain
