// What a folder's handler answers, with real files and a clock that the test sets.
#include "padlock/server/folder_handler.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/base/text.h"
#include "padlock/server/limits.h"

namespace padlock::server {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class FolderAnswers : public ::testing::Test {
 protected:
  FolderAnswers() { std::filesystem::create_directories(folder_ / "site"); }
  ~FolderAnswers() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path path(const std::string& name) const { return folder_ / "site" / name; }
  /// A file that was written a day ago, as far as it says itself.
  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name)) << text;
    touch(name, now_ - 24h);
  }
  void touch(const std::string& name, WallTime modified, long nanoseconds = 0) {
    const std::array<timespec, 2> times{
        {{modified.time_since_epoch().count(), nanoseconds}, {modified.time_since_epoch().count(), nanoseconds}}};
    ASSERT_EQ(::utimensat(AT_FDCWD, path(name).c_str(), times.data(), 0), 0);
  }
  /// Written anew in its place, as an editor does that renames.
  void replace(const std::string& name, std::string_view text) {
    write(name + ".new", text);
    std::filesystem::rename(path(name + ".new"), path(name));
  }

  Answer ask(std::string_view target, std::initializer_list<http::Field> fields = {}, std::string_view method = "GET") {
    http::Request request{std::string(method), "https", "localhost", std::string(target), {}};
    for (const http::Field& field : fields) request.fields.add(field.name, field.value);
    if (!handler_) open();
    return handler_->answer(request, now_);
  }
  void open() {
    handler_ = std::make_unique<FolderHandler>(net::Folder::open(folder_ / "site").value(), cache_,
                                               [this] { return monotonic_; });
  }
  static std::string text_of(Answer answer) {
    Body body = answer.take_body();
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(body.left()));
    EXPECT_TRUE(body.read(bytes));
    return std::string(as_text(bytes));
  }
  std::string get(std::string_view target, std::initializer_list<http::Field> fields = {}) {
    return text_of(ask(target, fields));
  }
  int status(std::string_view target, std::initializer_list<http::Field> fields = {}) {
    return ask(target, fields).plan.response.status;
  }
  static std::string field(const Answer& answer, std::string_view name) {
    return std::string(answer.plan.response.fields.find(name).value_or(""));
  }
  static bool from_memory(const Answer& answer) { return std::holds_alternative<SharedBytes>(answer.content); }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("padlock-folder-" + std::to_string(::getpid()));
  std::shared_ptr<FileCache> cache_ = std::make_shared<FileCache>(std::size_t{1} << 20);
  std::unique_ptr<FolderHandler> handler_;
  WallTime now_ = net::now().wall;
  std::chrono::nanoseconds monotonic_ = 1s;
};

TEST_F(FolderAnswers, ComeFromMemoryWhileAFileIsTrusted) {
  write("a.bin", "before");
  const Answer first = ask("/a.bin");
  EXPECT_TRUE(from_memory(first));
  EXPECT_EQ(get("/a.bin"), "before");
  replace("a.bin", "after!");
  monotonic_ += 99ms;
  EXPECT_EQ(get("/a.bin"), "before") << "nobody has looked at it";
  monotonic_ += 1ms;
  EXPECT_EQ(get("/a.bin"), "after!");
  EXPECT_EQ(text_of(ask("/a.bin", {{"Range", "bytes=-2"}})), "r!");
}

TEST_F(FolderAnswers, SeeEveryKindOfChange) {
  const auto later = [&] { monotonic_ += 100ms; };
  write("a.bin", "one");
  EXPECT_EQ(get("/a.bin"), "one");
  std::ofstream(path("a.bin"), std::ios::app) << " more";
  later();
  EXPECT_EQ(get("/a.bin"), "one more") << "longer";
  write("a.bin", "two more");
  later();
  EXPECT_EQ(get("/a.bin"), "two more") << "as long as before, and its time is set back";
  std::filesystem::permissions(path("a.bin"), std::filesystem::perms::none);
  later();
  EXPECT_EQ(status("/a.bin"), ::geteuid() == 0 ? 200 : 500) << "not for us any more";
  std::filesystem::remove(path("a.bin"));
  later();
  EXPECT_EQ(status("/a.bin"), 404);
  EXPECT_EQ(cache_->bytes(), 0U);
  std::filesystem::create_directory(path("a.bin"));
  EXPECT_EQ(status("/a.bin"), 308);
  write("b.bin", "b");
  EXPECT_EQ(get("/b.bin"), "b");
  std::filesystem::remove(path("b.bin"));
  std::filesystem::create_symlink("../../etc/passwd", path("b.bin"));
  later();
  EXPECT_EQ(status("/b.bin"), 404) << "a link that leads out";
}

/// Two changes within one tick of the file system's clock leave the same facts: the first could stay for ever.
TEST_F(FolderAnswers, AFileThatHasJustChangedIsReadAgain) {
  const auto write_now = [&](std::string_view text) {
    std::ofstream(path("a.bin")) << text;
    touch("a.bin", now_, 7);
  };
  write_now("one");
  EXPECT_EQ(get("/a.bin"), "one");
  EXPECT_THAT(field(ask("/a.bin"), "ETag"), ::testing::StartsWith("W/"));
  const auto kept = std::get<SharedBytes>(ask("/a.bin").content);
  monotonic_ += 100ms;
  EXPECT_NE(std::get<SharedBytes>(ask("/a.bin").content), kept) << "it was read anew";
  now_ += 2s;
  monotonic_ += 2s;
  EXPECT_THAT(field(ask("/a.bin"), "ETag"), ::testing::StartsWith("\""));
  const auto settled = std::get<SharedBytes>(ask("/a.bin").content);
  monotonic_ += 1s;
  EXPECT_EQ(std::get<SharedBytes>(ask("/a.bin").content), settled) << "and now it need not be";
}

TEST_F(FolderAnswers, LargeFilesAreReadFromDisk) {
  write("at.bin", std::string(limits::stored_file_bytes, 'x'));
  write("above.bin", std::string(limits::stored_file_bytes + 1, 'x'));
  EXPECT_TRUE(from_memory(ask("/at.bin")));
  EXPECT_FALSE(from_memory(ask("/above.bin")));
  EXPECT_LT(cache_->bytes(), limits::stored_file_bytes + 10'000);
  replace("above.bin", std::string(limits::stored_file_bytes + 2, 'y'));
  const Answer after = ask("/above.bin");
  EXPECT_EQ(after.plan.body_bytes(), limits::stored_file_bytes + 2) << "what is sent is what the head speaks of";
  EXPECT_THAT(field(after, "ETag"), HasSubstr("-40002\""));
  EXPECT_EQ(text_of(ask("/above.bin")).front(), 'y');
}

TEST_F(FolderAnswers, EmptyFilesAreFilesToo) {
  write("empty.bin", "");
  EXPECT_EQ(status("/empty.bin"), 200);
  EXPECT_EQ(get("/empty.bin"), "");
  EXPECT_TRUE(from_memory(ask("/empty.bin")));
}

TEST_F(FolderAnswers, WorkWithoutAnyMemory) {
  cache_ = std::make_shared<FileCache>(0);
  write("a.bin", "before");
  EXPECT_EQ(get("/a.bin"), "before");
  replace("a.bin", "after!");
  EXPECT_EQ(get("/a.bin"), "after!") << "nothing is kept, so nothing is old";
}

}  // namespace
}  // namespace padlock::server
