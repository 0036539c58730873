#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/use_awaitable.hpp>

#include "padlock/net/asio_endpoint.h"
#include "padlock/net/capture.h"
#include "padlock/net/connect.h"
#include "padlock/net/files.h"
#include "padlock/net/key_log_file.h"
#include "padlock/net/limits.h"
#include "padlock/net/listener.h"
#include "padlock/net/output_file.h"
#include "padlock/net/packet.h"
#include "padlock/net/rules.h"
#include "padlock/net/test_loop.h"
#include "padlock/net/workers.h"

namespace padlock::net {
namespace {

using namespace std::chrono_literals;
using testing::run;

class InFolder : public ::testing::Test {
 protected:
  InFolder() { std::filesystem::create_directories(folder_ / "site" / "sub"); }
  ~InFolder() override { std::filesystem::remove_all(folder_); }
  void write(const std::string& name, std::string_view text) { std::ofstream(folder_ / name) << text; }
  std::string read(const std::string& name) {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::string path(const std::string& name) const { return folder_ / name; }
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-world-" + std::to_string(::getpid()));
};

using FolderTest = InFolder;

TEST_F(FolderTest, OpensRegularFilesWithWhatTheSystemSaysOfThem) {
  write("site/sub/page.html", "hello");
  const auto folder = Folder::open(path("site"));
  ASSERT_TRUE(folder) << folder.error().what;
  const auto file = folder->open_file("sub/page.html");
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->facts().size, 5U);
  EXPECT_GT(file->facts().modified.time_since_epoch().count(), 1'600'000'000);
  EXPECT_NE(file->facts().inode, 0U);
  std::array<std::uint8_t, 10> room{};
  EXPECT_EQ(file->read_at(0, room).value(), 5U);
  EXPECT_EQ(as_text(std::span(room).first(5)), "hello");
  EXPECT_EQ(file->read_at(3, room).value(), 2U);
  EXPECT_EQ(file->read_at(5, room).value(), 0U);
  EXPECT_EQ(file->read_at(~std::uint64_t{0}, room).value(), 0U);
}

TEST_F(FolderTest, LetsNothingOutsideBeOpened) {
  write("secret", "marker");
  write("site/inside", "ok");
  std::filesystem::create_symlink("../secret", folder_ / "site" / "out");
  std::filesystem::create_symlink(folder_ / "secret", folder_ / "site" / "absolute");
  std::filesystem::create_symlink("inside", folder_ / "site" / "in");
  std::filesystem::create_directory_symlink("/", folder_ / "site" / "root");
  const auto folder = Folder::open(path("site"));
  for (const std::string_view name : std::initializer_list<std::string_view>{
           "../secret", "sub/../../secret", "/etc/passwd", "out", "absolute", "root/etc/passwd", "missing", "inside/x",
           "sub/./../../site/../secret", std::string_view("inside\0x", 8)}) {
    const auto file = folder->open_file(name);
    ASSERT_FALSE(file) << name;
    EXPECT_EQ(file.error().rule, &rules::not_in_folder) << name;
  }
  EXPECT_TRUE(folder->open_file("in")) << "a link that stays inside";
  EXPECT_FALSE(folder->open_file(std::string(5'000, 'x')));
}

TEST_F(FolderTest, NeverBlocksOnWhatIsNoFile) {
  ASSERT_EQ(::mkfifo(path("site/fifo").c_str(), 0600), 0);
  const auto folder = Folder::open(path("site"));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(folder->open_file("fifo").error().rule, &rules::not_a_regular_file);
  EXPECT_LT(std::chrono::steady_clock::now() - began, 50ms);
  EXPECT_EQ(folder->open_file("sub").error().rule, &rules::is_a_folder);
  EXPECT_EQ(folder->open_file("").error().rule, &rules::is_a_folder);
}

TEST_F(FolderTest, ListsWhatCanBeServed) {
  write("secret", "marker");
  std::filesystem::create_directory(folder_ / "outside");
  write("site/page.html", "hello");
  write("site/sub/below", "x");
  write("site/.hidden", "x");
  write("site/any \xff\n<b>", "x");
  std::filesystem::create_symlink("page.html", folder_ / "site" / "in");
  std::filesystem::create_directory_symlink("sub", folder_ / "site" / "into");
  std::filesystem::create_symlink("../secret", folder_ / "site" / "out");
  std::filesystem::create_directory_symlink("../outside", folder_ / "site" / "out-of");
  std::filesystem::create_symlink("nowhere", folder_ / "site" / "dangling");
  std::filesystem::create_symlink("loop", folder_ / "site" / "loop");
  ASSERT_EQ(::mkfifo(path("site/fifo").c_str(), 0600), 0);
  const auto folder = Folder::open(path("site"));
  const auto names = [&](std::string_view relative) {
    std::set<std::string> all;
    const auto entries = folder->list(relative, 100);
    EXPECT_TRUE(entries) << entries.error().what;
    if (!entries) return all;
    EXPECT_FALSE(entries->more);
    for (const FolderEntry& entry : entries->all) all.insert(entry.name + (entry.is_folder ? "/" : ""));
    return all;
  };
  EXPECT_EQ(names(""), (std::set<std::string>{"page.html", "sub/", "any \xff\n<b>", "in", "into/"}));
  EXPECT_EQ(names("sub"), std::set<std::string>{"below"});
  EXPECT_EQ(names("into"), std::set<std::string>{"below"});
  for (const std::string_view name : {"..", "out-of", "missing", "page.html", "fifo", "loop", "/"}) {
    const auto entries = folder->list(name, 100);
    ASSERT_FALSE(entries) << name;
    EXPECT_EQ(entries.error().rule, &rules::not_in_folder) << name;
  }
  const auto found = folder->list("", 100)->all;
  const auto page = std::ranges::find(found, "page.html", &FolderEntry::name);
  EXPECT_EQ(page->size, 5U);
  EXPECT_GT(page->modified.time_since_epoch().count(), 1'600'000'000);
  const auto link = std::ranges::find(found, "in", &FolderEntry::name);
  EXPECT_EQ(link->size, 5U) << "of what it leads to";
}

TEST_F(FolderTest, ListsNoMoreThanItIsAskedFor) {
  for (int i = 0; i < 10; ++i) write("site/sub/" + std::to_string(i), "x");
  const auto folder = Folder::open(path("site"));
  const auto at = [&](std::size_t most) { return folder->list("sub", most).value(); };
  EXPECT_EQ(at(11).all.size(), 10U);
  EXPECT_EQ(at(10).all.size(), 10U);
  EXPECT_FALSE(at(10).more);
  EXPECT_EQ(at(9).all.size(), 9U);
  EXPECT_TRUE(at(9).more);
}

TEST_F(FolderTest, SaysWhatIsWrongWithTheFolder) {
  write("file", "");
  EXPECT_EQ(Folder::open(path("nothing")).error().rule, &rules::file_missing);
  EXPECT_EQ(Folder::open(path("file")).error().rule, &rules::not_a_folder);
}

using OutputFileTest = InFolder;

TEST_F(OutputFileTest, AppearsWholeOrNotAtAll) {
  write("old", "before");
  {
    auto dropped = OutputFile::create(path("old"));
    ASSERT_TRUE(dropped);
    EXPECT_TRUE(dropped->write(as_bytes("half of")));
  }
  EXPECT_EQ(read("old"), "before");
  auto whole = OutputFile::create(path("old"));
  EXPECT_TRUE(whole->write(as_bytes("after")));
  EXPECT_EQ(read("old"), "before");
  EXPECT_TRUE(whole->commit());
  EXPECT_EQ(read("old"), "after");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 2) << "the folder site and the file";
}

TEST_F(OutputFileTest, WritesDevicesAsTheyStandAndTellsWhenTheyAreFull) {
  auto null = OutputFile::create("/dev/null");
  EXPECT_TRUE(null->write(as_bytes("x")));
  EXPECT_TRUE(null->commit());
  EXPECT_EQ(OutputFile::create("/dev/full")->write(as_bytes("x")).error().rule, &rules::file_unwritable);
  EXPECT_EQ(OutputFile::create(path("no/such/folder")).error().rule, &rules::file_unwritable);
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

using KeyLogFileTest = InFolder;

TEST_F(KeyLogFileTest, AppendsLinesToAFileOfItsUserAlone) {
  write("keys", "before\n");
  std::filesystem::remove(path("fresh"));
  for (const auto* name : {"keys", "fresh"}) {
    auto file = KeyLogFile::open(path(name));
    ASSERT_TRUE(file);
    file->line("CLIENT_RANDOM 00 11");
    EXPECT_FALSE(file->error());
  }
  EXPECT_EQ(read("keys"), "before\nCLIENT_RANDOM 00 11\n");
  EXPECT_EQ(std::filesystem::status(path("fresh")).permissions(), std::filesystem::perms(0600));
  EXPECT_EQ(KeyLogFile::open(path("no/folder")).error().rule, &rules::key_log_unwritable);
  auto full = KeyLogFile::open("/dev/full");
  full->line("lost");
  EXPECT_EQ(full->error()->rule, &rules::key_log_unwritable);
}

TEST_F(KeyLogFileTest, TheEnvironmentNamesIt) {
  ::unsetenv("SSLKEYLOGFILE");
  EXPECT_FALSE(key_log_path_from_environment());
  ::setenv("SSLKEYLOGFILE", "", 1);
  EXPECT_FALSE(key_log_path_from_environment());
  ::setenv("SSLKEYLOGFILE", "keys.txt", 1);
  EXPECT_EQ(key_log_path_from_environment(), "keys.txt");
  ::unsetenv("SSLKEYLOGFILE");
}

// ---- listeners and workers

Endpoint any_port() { return *parse_endpoint("127.0.0.1:0"); }

TEST(Listeners, ShareOnePortAmongOurWorkersButNotWithStrangers) {
  const auto first = open_listeners(any_port(), 2);
  ASSERT_TRUE(first) << first.error().what;
  const Endpoint bound = local_endpoint(first->front());
  EXPECT_EQ(local_endpoint(first->back()), bound);
  const auto second = open_listeners(bound, 1);
  EXPECT_EQ(second.error().rule, &rules::port_in_use);
  EXPECT_THAT(second.error().what, ::testing::HasSubstr(to_string(bound)));
}

TEST(Listeners, SayWhatIsWrongWithAnAddress) {
  EXPECT_EQ(open_listeners(*parse_endpoint("192.0.2.1:8443"), 1).error().rule, &rules::address_not_available);
  if (::geteuid() == 0) GTEST_SKIP() << "root may bind every port";
  EXPECT_EQ(open_listeners(*parse_endpoint("127.0.0.1:80"), 1).error().rule, &rules::port_not_permitted);
}

TEST(Workers, EachAcceptsOnItsOwnThreadAndEndsWhenTold) {
  auto sockets = open_listeners(any_port(), 2);
  const Endpoint bound = local_endpoint(sockets->front());
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::atomic<int> accepted{0};
  std::vector<std::unique_ptr<Listener>> listeners(2);
  Workers workers(2);
  workers.start([&](Worker& worker) {
    listeners.at(worker.index) = std::make_unique<Listener>(worker.context, std::move(sockets->at(worker.index)));
    const auto serve = [&, index = worker.index]() -> Awaitable<void> {
      for (;;) {
        auto socket = co_await listeners.at(index)->accept();
        if (!socket) break;
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
        ++accepted;
      }
    };
    asio::co_spawn(worker.context, serve, asio::detached);
  });
  asio::io_context loop;
  for (int one = 0; one < 40; ++one) {
    EXPECT_TRUE(run(loop, connect("localhost", {bound}, deadline_in(5s))));
  }
  for (int wait = 0; wait < 200 && accepted < 40; ++wait) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(accepted, 40);
  EXPECT_EQ(threads.size(), 2U) << "the kernel spreads connections over both";
  workers.post_to_all([&](Worker& worker) { listeners.at(worker.index)->close(); });
  workers.finish();
  workers.join();
  EXPECT_FALSE(run(loop, connect("localhost", {bound}, deadline_in(1s))));
}

TEST(Listener, BoundsWhatTheKernelHoldsForAConnection) {  // docs/threats.md, H10
  auto sockets = open_listeners(any_port(), 1);
  asio::io_context loop, clients;
  Listener listener(loop, std::move(sockets->front()));
  asio::ip::tcp::socket client(clients);
  client.connect(to_asio(listener.local()));
  auto accepted = testing::run(loop, listener.accept());
  ASSERT_TRUE(accepted);
  int unsent = 0;
  socklen_t size = sizeof unsent;
  EXPECT_EQ(::getsockopt(accepted->native_handle(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, &size), 0);
  EXPECT_EQ(unsent, limits::unsent_bytes);
}

TEST(Listener, KnowsWhoWaitsAndTurnsThemAway) {  // docs/threats.md, P2
  auto sockets = open_listeners(any_port(), 1);
  asio::io_context loop, clients;
  Listener listener(loop, std::move(sockets->front()));
  EXPECT_EQ(listener.waiting(), 0U);
  EXPECT_EQ(listener.turn_away(5), 0U);
  std::vector<asio::ip::tcp::socket> waiting;
  for (int one = 0; one < 7; ++one) waiting.emplace_back(clients).connect(to_asio(listener.local()));
  EXPECT_EQ(listener.waiting(), 7U);
  EXPECT_EQ(listener.turn_away(5), 5U);
  EXPECT_EQ(listener.waiting(), 2U);
  std::array<char, 1> room{};
  std::error_code ended;
  waiting.front().read_some(asio::buffer(room), ended);
  EXPECT_TRUE(ended);
  EXPECT_TRUE(testing::run(loop, listener.accept())) << "who is left is served";
}

TEST(Listener, OutOfDescriptorsPausesInsteadOfSpinningAndRecovers) {
  auto sockets = open_listeners(any_port(), 1);
  asio::io_context loop;
  Listener listener(loop, std::move(sockets->front()));
  std::vector<SocketIo> accepted;
  asio::co_spawn(
      loop,
      [&]() -> Awaitable<void> {
        for (;;) {
          auto socket = co_await listener.accept();
          if (!socket) break;
          accepted.push_back(std::move(*socket));
        }
      },
      asio::detached);
  loop.poll();
  asio::io_context clients;
  std::vector<asio::ip::tcp::socket> waiting;
  for (int one = 0; one < 3; ++one) {
    waiting.emplace_back(clients);
    waiting.back().connect(to_asio(listener.local()));
  }
  std::vector<Descriptor> filler;  // leaves no descriptor for accept
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 64;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &small), 0);
  for (;;) {
    Descriptor one(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (!one) break;
    filler.push_back(std::move(one));
  }
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto cpu = [](const rusage& one) {
    return std::chrono::seconds(one.ru_utime.tv_sec + one.ru_stime.tv_sec) +
           std::chrono::microseconds(one.ru_utime.tv_usec + one.ru_stime.tv_usec);
  };
  const auto cpu_before = cpu(used);
  loop.run_for(250ms);
  ::getrusage(RUSAGE_SELF, &used);
  EXPECT_TRUE(accepted.empty());
  EXPECT_LT(cpu(used) - cpu_before, 50ms);
  filler.clear();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  waiting.emplace_back(clients);
  waiting.back().connect(to_asio(listener.local()));
  loop.run_for(1s);
  EXPECT_FALSE(accepted.empty()) << "it recovers within a second";
  listener.close();
  loop.poll();
}

// ---- capture

TEST(Packets, AreReadFromBothIpVersions) {
  // IPv4, SYN from 127.0.0.1:4660 to 127.0.0.1:443 with MSS 1460, SACK, timestamps, window scale 7.
  const auto bytes = *from_hex(
      "4500003c00004000400600007f0000017f000001123401bb0000000100000000a002ffd700000000"
      "020405b40402080a0000000a0000000001030307");
  const auto packet = parse_packet(bytes, bytes.size());
  ASSERT_TRUE(packet);
  EXPECT_TRUE(packet->syn && !packet->ack && !packet->fin && !packet->rst);
  EXPECT_EQ(to_string(packet->source), "127.0.0.1:4660");
  EXPECT_EQ(to_string(packet->destination), "127.0.0.1:443");
  EXPECT_EQ(packet->sequence, 1U);
  EXPECT_EQ(packet->options.mss, 1460);
  EXPECT_EQ(packet->options.window_scale, 7);
  EXPECT_TRUE(packet->options.sack_permitted && packet->options.timestamps);
  EXPECT_EQ(packet->payload_bytes, 0U);
  const auto v6 = *from_hex(
      "600000000019063f"
      "00000000000000000000000000000001"
      "00000000000000000000000000000001"
      "01bb1234000000070000000850110200000000006865796865");
  const auto fin = parse_packet(v6, v6.size());
  ASSERT_TRUE(fin);
  EXPECT_TRUE(fin->fin && fin->ack);
  EXPECT_EQ(to_string(fin->source), "[::1]:443");
  EXPECT_EQ(fin->payload_bytes, 5U);
  for (std::size_t length = 0; length < 40; ++length) EXPECT_FALSE(parse_packet(Bytes(bytes).first(length), length));
}

TEST(Capture, SeesTheHandshakeAndTheEndOfOneConnection) {
  asio::io_context loop;
  asio::ip::tcp::acceptor acceptor(loop, {asio::ip::address_v4::loopback(), 0});
  const Endpoint remote = from_asio(acceptor.local_endpoint());
  auto capture = Capture::start(remote.port);
  if (!capture && capture.error().rule == &rules::capture_not_permitted) {
    GTEST_SKIP() << "needs CAP_NET_RAW: " << capture.error().what;
  }
  ASSERT_TRUE(capture) << capture.error().what;
  asio::ip::tcp::socket stranger(loop);
  stranger.connect(acceptor.local_endpoint());
  auto client = run(loop, connect("localhost", {remote}, deadline_in(5s)));
  ASSERT_TRUE(client);
  const Endpoint local = from_asio(client->local_endpoint());
  ASSERT_TRUE(capture->connected(local, remote));
  client->write_some(asio::buffer("data", 4));
  client->close();
  auto first = acceptor.accept();
  auto second = acceptor.accept();
  second.close();
  std::this_thread::sleep_for(50ms);
  const auto packets = capture->packets();
  ASSERT_TRUE(packets) << packets.error().what;
  ASSERT_GE(packets->size(), 4U);
  EXPECT_TRUE(packets->at(0).syn && !packets->at(0).ack);
  EXPECT_TRUE(packets->at(1).syn && packets->at(1).ack);
  EXPECT_TRUE(!packets->at(2).syn && packets->at(2).ack && packets->at(2).payload_bytes == 0);
  EXPECT_TRUE(packets->at(0).options.mss);
  EXPECT_EQ(packets->at(1).acknowledgement, packets->at(0).sequence + 1);
  EXPECT_TRUE(std::ranges::any_of(*packets, [](const Packet& one) { return one.fin; }));
  for (const Packet& one : *packets) EXPECT_TRUE(one.source == local || one.destination == local);
  EXPECT_LT(std::chrono::abs(packets->at(0).time - std::chrono::system_clock::now()), 1min);
}

}  // namespace
}  // namespace padlock::net
