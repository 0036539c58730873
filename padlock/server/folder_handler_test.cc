// What a folder's handler answers, with real files and a clock that the test sets.
#include "padlock/server/folder_handler.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "padlock/base/text.h"
#include "padlock/server/limits.h"
#include "padlock/server/open_files.h"

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
    handler_ = std::make_unique<FolderHandler>(net::Folder::open(folder_ / "site").value(), cache_, options_,
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
  FolderOptions options_;
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

TEST_F(FolderAnswers, HoldSeveralRangesFromMemoryAndFromDisk) {
  std::string digits;
  while (digits.size() <= limits::stored_file_bytes) digits += "0123456789";
  write("small.bin", digits.substr(0, 1000));
  write("large.bin", digits);
  for (const auto* name : {"/small.bin", "/large.bin"}) {
    const std::string body = get(name, {{"Range", "bytes=3-5,100-101,-0,11-11"}});
    const std::string delimiter = body.substr(0, body.find("\r\n"));
    EXPECT_EQ(delimiter.size(), 34U);
    std::string contents;
    for (std::size_t at = body.find("\r\n\r\n"); at != std::string::npos; at = body.find("\r\n\r\n", at + 1)) {
      const std::string part = body.substr(at + 4, body.find("\r\n" + delimiter, at) - at - 4);
      contents += part + "|";
    }
    EXPECT_EQ(contents, "345|01|1|") << name;
    EXPECT_THAT(body, ::testing::EndsWith("\r\n" + delimiter + "--\r\n"));
    EXPECT_THAT(body, HasSubstr("\r\nContent-Range: bytes 100-101/"));
    EXPECT_EQ(ask(name, {{"Range", "bytes=3-5,100-101,11-11"}}).plan.body_bytes(),
              get(name, {{"Range", "bytes=3-5,100-101,11-11"}}).size());
  }
}

TEST_F(FolderAnswers, ThatAreReadInAnyPiecesAreTheSame) {
  write("a.bin", "0123456789");
  const std::string whole = get("/a.bin", {{"Range", "bytes=0-2,4-6,8-9"}});
  for (std::size_t size = 1; size < whole.size(); size += 7) {
    Answer answer = ask("/a.bin", {{"Range", "bytes=0-2,4-6,8-9"}});
    Body body = answer.take_body();
    std::string joined;
    while (body.left() > 0) {
      std::vector<std::uint8_t> piece(std::min<std::size_t>(size, static_cast<std::size_t>(body.left())));
      ASSERT_TRUE(body.read(piece));
      joined += as_text(piece);
    }
    EXPECT_EQ(joined, whole) << size;
  }
}

// ---- folders

class Folders : public FolderAnswers {
 protected:
  Folders() { std::filesystem::create_directories(path("sub/deep")); }
};

TEST_F(Folders, AreShownByTheFirstIndexThatIsThere) {
  options_.index = {"index.html", "index.htm"};
  write("sub/index.htm", "htm");
  EXPECT_EQ(get("/sub/"), "htm");
  EXPECT_EQ(field(ask("/sub/"), "Content-Type"), "text/html; charset=utf-8");
  write("sub/index.html", "html");
  EXPECT_EQ(get("/sub/"), "html");
  EXPECT_EQ(status("/sub"), 308);
  EXPECT_EQ(status("/sub/deep/"), 404);
  EXPECT_EQ(status("/"), 404);
  std::filesystem::create_directory(path("index.html"));
  EXPECT_EQ(status("/"), 404);
  write("index.htm", "root");
  EXPECT_EQ(get("/"), "root") << "a folder is no index";
  options_.index = {};
  open();
  EXPECT_EQ(status("/sub/"), 404);
}

TEST_F(Folders, AreListedWhereThatIsWanted) {
  write("sub/a.txt", "hello");
  write("sub/.hidden", "x");
  EXPECT_EQ(status("/sub/"), 404) << "nobody has said so";
  options_.listing = true;
  open();
  const Answer answer = ask("/sub/");
  EXPECT_EQ(answer.plan.response.status, 200);
  EXPECT_EQ(field(answer, "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(field(answer, "Content-Security-Policy"), "default-src 'none'; style-src 'unsafe-inline'");
  EXPECT_THAT(get("/sub/"), ::testing::AllOf(HasSubstr("<title>/sub/</title>"), HasSubstr("href=\"./a.txt\""),
                                             HasSubstr("href=\"./deep/\""), ::testing::Not(HasSubstr("hidden"))));
  EXPECT_THAT(get("/"), HasSubstr("href=\"./sub/\""));
  EXPECT_EQ(status("/sub"), 308);
  EXPECT_EQ(status("/missing/"), 404);
  EXPECT_EQ(status("/sub/a.txt/"), 404);
  EXPECT_EQ(status("/.hidden/"), 404);
  write("sub/b.txt", "x");
  EXPECT_THAT(get("/sub/"), ::testing::Not(HasSubstr("b.txt")));
  monotonic_ += 100ms;
  EXPECT_THAT(get("/sub/"), HasSubstr("b.txt"));
  write("sub/index.html", "index");
  EXPECT_EQ(get("/sub/"), "index");
}

TEST_F(Folders, LetNothingOutsideBeSeen) {
  options_.listing = true;
  std::filesystem::create_directories(folder_ / "outside");
  std::ofstream(folder_ / "outside" / "marker") << "x";
  std::filesystem::create_directory_symlink("../outside", path("out"));
  std::filesystem::create_directory_symlink(".", path("loop"));
  EXPECT_THAT(get("/"), ::testing::AllOf(HasSubstr("loop/"), ::testing::Not(HasSubstr("out"))));
  EXPECT_EQ(status("/out/"), 404);
  EXPECT_EQ(status("/out"), 404);
  EXPECT_EQ(status("/../"), 404);
  EXPECT_EQ(status("/loop/loop/loop/"), 200) << "a way round stays inside";
}

TEST_F(Folders, HaveAFileForWhatIsNotThere) {  // what applications with addresses of their own need
  write("index.html", "app");
  write("a.txt", "file");
  options_.fallback_file = "index.html";
  for (const auto* target : {"/users/7", "/users/7/", "/sub/", "/missing.js", "/"})
    EXPECT_EQ(get(target), "app") << target;
  EXPECT_EQ(status("/users/7"), 200);
  EXPECT_EQ(field(ask("/users/7"), "Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(get("/a.txt"), "file");
  EXPECT_EQ(status("/sub"), 308);
  EXPECT_EQ(status("/.env"), 404);
  EXPECT_EQ(status("/%00"), 400);
  EXPECT_EQ(status("/../x"), 404);
  EXPECT_EQ(ask("/users/7", {}, "POST").plan.response.status, 405);
  std::filesystem::remove(path("index.html"));
  monotonic_ += 100ms;
  EXPECT_EQ(status("/users/7"), 404) << "it is not there itself";
}

TEST_F(Folders, SayHowLongTheirFilesMayBeKept) {
  options_.cache_control = "public, max-age=3600";
  write("a.bin", "0123456789");
  const std::string tag = field(ask("/a.bin"), "ETag");
  for (const http::Field& more :
       {http::Field{"X", "y"}, http::Field{"Range", "bytes=0-1"}, http::Field{"If-None-Match", tag}})
    EXPECT_EQ(field(ask("/a.bin", {more}), "Cache-Control"), "public, max-age=3600") << more.name;
  EXPECT_EQ(field(ask("/missing"), "Cache-Control"), "");
  EXPECT_EQ(field(ask("/a.bin", {{"Range", "bytes=10-"}}), "Cache-Control"), "");
}

// ---- content codings (RFC 9110, section 12.5.3)

std::string text_of_size(std::size_t size) {
  std::string text;
  while (text.size() < size) text += "<p>" + std::to_string(text.size()) + "</p>\n";
  text.resize(size);
  return text;
}

class Codings : public FolderAnswers {
 protected:
  Answer ask_for(std::string_view target, std::string_view codings) {
    return ask(target, {{"Accept-Encoding", std::string(codings)}});
  }
  std::string coding(std::string_view target, std::string_view codings) {
    return field(ask_for(target, codings), "Content-Encoding");
  }
};

TEST_F(Codings, LaidBesideAFileAreSentForIt) {
  write("app.js", "as it is");
  write("app.js.br", "brotli");
  write("app.js.gz", "gzip");
  const Answer answer = ask_for("/app.js", "gzip, br, zstd");
  EXPECT_EQ(field(answer, "Content-Encoding"), "br");
  EXPECT_EQ(field(answer, "Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(field(answer, "Vary"), "Accept-Encoding");
  EXPECT_THAT(field(answer, "ETag"), ::testing::EndsWith("-br\""));
  EXPECT_EQ(text_of(ask_for("/app.js", "br")), "brotli");
  EXPECT_EQ(text_of(ask_for("/app.js", "gzip")), "gzip");
  EXPECT_EQ(text_of(ask_for("/app.js", "zstd")), "as it is") << "nobody has laid that there";
  EXPECT_EQ(text_of(ask_for("/app.js", "br;q=0.5, gzip")), "gzip");
  EXPECT_EQ(text_of(ask_for("/app.js", "identity, br;q=0.5")), "as it is");
  EXPECT_EQ(text_of(ask_for("/app.js", "br;q=0, *")), "gzip");
  EXPECT_EQ(text_of(ask_for("/app.js", "zstd, identity;q=0")), "as it is") << "there is nothing else";
  EXPECT_EQ(text_of(ask("/app.js")), "as it is");
  EXPECT_EQ(field(ask("/app.js"), "Vary"), "Accept-Encoding") << "the answer to another would differ";
  EXPECT_EQ(text_of(ask("/app.js.br")), "brotli") << "as a file of its own";
  EXPECT_EQ(field(ask("/app.js.br"), "Content-Encoding"), "");
}

TEST_F(Codings, HaveTagsAndRangesOfTheirOwn) {
  write("app.js", "as it is");
  write("app.js.br", "brotli");
  const std::string whole = field(ask("/app.js"), "ETag"), br = field(ask_for("/app.js", "br"), "ETag");
  EXPECT_NE(whole, br);
  const auto status_of = [&](const std::string& tag) {
    return ask("/app.js", {{"Accept-Encoding", "br"}, {"If-None-Match", tag}}).plan.response.status;
  };
  EXPECT_EQ(status_of(br), 304);
  EXPECT_EQ(status_of(whole), 200);
  const Answer unchanged = ask("/app.js", {{"Accept-Encoding", "br"}, {"If-None-Match", br}});
  EXPECT_EQ(field(unchanged, "Vary"), "Accept-Encoding");
  const Answer part = ask("/app.js", {{"Accept-Encoding", "br"}, {"Range", "bytes=1-3"}, {"If-Range", br}});
  EXPECT_EQ(part.plan.response.status, 206);
  EXPECT_EQ(field(part, "Content-Range"), "bytes 1-3/6");
  EXPECT_EQ(field(part, "Content-Encoding"), "br");
  EXPECT_EQ(text_of(ask("/app.js", {{"Accept-Encoding", "br"}, {"Range", "bytes=1-3"}})), "rot");
}

TEST_F(Codings, OlderThanTheirFileAreForgottenOnes) {
  write("a.css", "new");
  write("a.css.gz", "old");
  touch("a.css.gz", now_ - 25h);
  EXPECT_EQ(coding("/a.css", "gzip"), "");
  touch("a.css.gz", now_ - 24h);
  monotonic_ += 100ms;
  EXPECT_EQ(coding("/a.css", "gzip"), "gzip") << "of the same moment";
  touch("a.css", now_ - 24h, 1);
  monotonic_ += 100ms;
  EXPECT_EQ(coding("/a.css", "gzip"), "") << "a nanosecond older";
  std::filesystem::remove(path("a.css.gz"));
  std::filesystem::create_symlink("../../outside.gz", path("a.css.gz"));
  std::ofstream(folder_ / "outside.gz") << "secret";
  monotonic_ += 100ms;
  EXPECT_EQ(get("/a.css", {{"Accept-Encoding", "gzip"}}), "new");
}

TEST_F(Codings, ThatAppearChangeOrGoAreSeen) {
  write("a.css", "as it is");
  EXPECT_EQ(coding("/a.css", "br"), "");
  write("a.css.br", "brotli");
  monotonic_ += 99ms;
  EXPECT_EQ(coding("/a.css", "br"), "");
  monotonic_ += 1ms;
  EXPECT_EQ(text_of(ask_for("/a.css", "br")), "brotli");
  write("a.css.br", "Brotli");
  monotonic_ += 100ms;
  EXPECT_EQ(text_of(ask_for("/a.css", "br")), "Brotli");
  std::filesystem::remove(path("a.css.br"));
  monotonic_ += 100ms;
  EXPECT_EQ(text_of(ask_for("/a.css", "br")), "as it is");
}

TEST_F(Codings, OfLargeFilesAreReadFromDisk) {
  write("large.js", text_of_size(limits::stored_file_bytes + 1));
  write("large.js.gz", std::string(limits::stored_file_bytes + 1, 'z'));
  const Answer answer = ask_for("/large.js", "br, gzip");
  EXPECT_EQ(field(answer, "Content-Encoding"), "gzip");
  EXPECT_FALSE(from_memory(answer));
  EXPECT_EQ(text_of(ask_for("/large.js", "gzip")).front(), 'z');
  EXPECT_EQ(coding("/large.js", "br"), "") << "too large to be compressed here";
}

TEST_F(Codings, AreMadeOnceForTexts) {
  const std::string page = text_of_size(20'000);
  write("page.html", page);
  write("picture.png", page);
  for (const auto* wanted : {"br", "zstd", "gzip"}) {
    const Answer answer = ask_for("/page.html", wanted);
    EXPECT_EQ(field(answer, "Content-Encoding"), wanted);
    EXPECT_LT(answer.plan.body_bytes(), 10'000U);
    EXPECT_THAT(field(answer, "ETag"), HasSubstr("-" + std::string(wanted) + "-"));
    const auto bytes = std::get<SharedBytes>(answer.content);
    monotonic_ += 100ms;
    EXPECT_EQ(std::get<SharedBytes>(ask_for("/page.html", wanted).content), bytes) << "the same, also after a look";
  }
  EXPECT_EQ(coding("/page.html", "gzip, deflate, br, zstd"), "br");
  EXPECT_EQ(coding("/page.html", "identity"), "");
  EXPECT_EQ(get("/page.html"), page);
  EXPECT_EQ(field(ask("/page.html"), "Vary"), "Accept-Encoding");
  EXPECT_EQ(coding("/picture.png", "br"), "");
  EXPECT_EQ(field(ask("/picture.png"), "Vary"), "");
  replace("page.html", text_of_size(30'000));
  monotonic_ += 100ms;
  EXPECT_EQ(coding("/page.html", "br"), "br");
  EXPECT_EQ(get("/page.html").size(), 30'000U);
}

TEST_F(Codings, ThatSomebodyHasLaidThereComeBeforeThoseMadeHere) {
  write("page.html", text_of_size(20'000));
  write("page.html.gz", "gzip");
  EXPECT_EQ(coding("/page.html", "br, gzip"), "gzip");
  EXPECT_EQ(coding("/page.html", "br, gzip;q=0.9"), "br");
  EXPECT_EQ(text_of(ask_for("/page.html", "gzip")), "gzip");
}

TEST_F(Codings, AreMadeOnlyWhereTheyPay) {
  std::string noise(limits::compressed_least_bytes * 4, ' ');
  std::uint32_t state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  write("noise.txt", noise);
  write("below.txt", text_of_size(limits::compressed_least_bytes - 1));
  write("least.txt", text_of_size(limits::compressed_least_bytes));
  write("most.txt", text_of_size(limits::stored_file_bytes));
  write("above.txt", text_of_size(limits::stored_file_bytes + 1));
  for (const auto* name : {"/noise.txt", "/below.txt", "/above.txt"}) EXPECT_EQ(coding(name, "br, gzip"), "") << name;
  for (const auto* name : {"/least.txt", "/most.txt"}) EXPECT_EQ(coding(name, "br"), "br") << name;
}

TEST_F(Codings, AreNotMadeWithoutEnd) {
  const std::size_t each = limits::stored_file_bytes;
  const std::size_t in_a_second = std::size_t{1024} * limits::compressed_kib_per_second / each;
  write("a.txt", text_of_size(each));
  EXPECT_TRUE(cache_->may_compress((in_a_second - 1) * each, monotonic_));
  EXPECT_EQ(coding("/a.txt", "gzip"), "gzip") << "the last that a second has room for";
  EXPECT_EQ(coding("/a.txt", "zstd, gzip;q=0.1"), "gzip") << "what is there is sent";
  EXPECT_EQ(coding("/a.txt", "zstd"), "");
  monotonic_ += 1s;
  EXPECT_EQ(coding("/a.txt", "zstd"), "zstd");
  cache_->limit(0);
  EXPECT_EQ(coding("/a.txt", "br"), "") << "it could not be kept";
}

TEST_F(Codings, CanBeSwitchedOff) {
  write("page.html", text_of_size(20'000));
  write("page.html.gz", "gzip");
  options_.precompressed = false;
  EXPECT_EQ(coding("/page.html", "gzip"), "gzip");
  EXPECT_NE(text_of(ask_for("/page.html", "gzip")), "gzip");
  options_.compress = false;
  open();
  EXPECT_EQ(coding("/page.html", "gzip"), "");
  EXPECT_EQ(field(ask("/page.html"), "Vary"), "");
}

// ---- docs/threats.md, H8

/// Ways up, ways to write them, and what stands above: each with each, several levels deep.
std::vector<std::string> traversal_payloads() {
  const std::vector<std::string> before{"/",      "/sub/", "//",      "/sub/../", "/out/",
                                        "/loop/", "/%2e/", "/sub%2f", "/./",      "/x/"};
  const std::vector<std::string> ups{"..",    "%2e%2e",     ".%2e",         "%2E%2E", "....",         "..;",
                                     "..%00", "%252e%252e", "%c0%ae%c0%ae", "..%0a",  "%u002e%u002e", "..%20"};
  const std::vector<std::string> slashes{"/", "//", "%2f", "%2F", "\\", "%5c", "%252f", "%c0%af", "/./"};
  const std::vector<std::string> targets{"secret.txt", "outside/marker", "secret.txt/", "secret.txt%00.html",
                                         "%73ecret.txt"};
  std::vector<std::string> all;
  all.reserve(before.size() * ups.size() * slashes.size() * targets.size() * 3);
  for (const std::string& begin : before) {
    for (const std::string& up : ups) {
      for (const std::string& slash : slashes) {
        std::string way = begin;
        for (int depth = 1; depth <= 3; ++depth) {
          way += up + slash;
          for (const std::string& target : targets) all.push_back(way + target);
        }
      }
    }
  }
  return all;
}

class Hostile : public FolderAnswers {
 protected:
  Hostile() {
    write("inside.txt", "inside");
    write("sub/inside.txt", "inside");
    std::filesystem::create_directories(folder_ / "outside");
    std::ofstream(folder_ / "outside" / "marker") << "SECRET";
    std::ofstream(folder_ / "secret.txt") << "SECRET";
    std::filesystem::create_directory_symlink("../outside", path("out"));
    std::filesystem::create_directory_symlink("..", path("up"));
    std::filesystem::create_directory_symlink(".", path("loop"));
    std::filesystem::create_symlink(folder_ / "secret.txt", path("absolute"));
  }
};

TEST_F(Hostile, PathsNeverLeadOutOfTheFolder) {
  options_.listing = true;
  const auto payloads = traversal_payloads();
  EXPECT_GE(payloads.size(), 5000U);
  for (const std::string& target : payloads) {
    Answer answer = ask(target);
    const int status = answer.plan.response.status;
    ASSERT_TRUE(status == 400 || status == 404) << target << " " << status;
    ASSERT_EQ(text_of(std::move(answer)).find("SECRET"), std::string::npos) << target;
  }
  for (const auto* target : {"/out/marker", "/up/secret.txt", "/absolute", "/loop/up/secret.txt", "/out/", "/up/"})
    EXPECT_EQ(status(target), 404) << target;
  for (const auto* target :
       {"/inside.txt", "/sub/../inside.txt", "/loop/loop/inside.txt", "/%69nside.txt", "//sub//inside.txt"})
    EXPECT_EQ(get(target), "inside") << target;
}

TEST_F(Hostile, SpecialFilesNeverHoldAnybodyUp) {
  const auto link = [&](const std::string& target, const std::string& name) {
    std::filesystem::create_symlink(target, path(name));
  };
  ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0666), 0);
  ASSERT_EQ(::mkfifo(path("fifo.html").c_str(), 0666), 0);
  ASSERT_EQ(::mkfifo(path("inside.txt.gz").c_str(), 0666), 0);
  ASSERT_EQ(::mknod(path("socket").c_str(), S_IFSOCK | 0666, 0), 0);
  const bool devices = ::mknod(path("zero").c_str(), S_IFCHR | 0666, makedev(1, 5)) == 0;
  if (!devices) link("/dev/zero", "zero");
  for (const auto& [target, name] :
       {std::pair("/dev/zero", "dev-zero"), std::pair("/dev/tty", "dev-tty"), std::pair("/proc/self/mem", "mem"),
        std::pair("/proc/self/fd/0", "fd"), std::pair("/proc/kmsg", "kmsg"), std::pair("fifo", "to-fifo"),
        std::pair("missing", "dangling"), std::pair("self", "self"), std::pair("pong", "ping"),
        std::pair("ping", "pong"), std::pair("/", "root"), std::pair("sub/deep/../../../secret.txt", "around")})
    link(target, name);
  for (int i = 0; i < 60; ++i)
    link(i == 0 ? "inside.txt" : "chain" + std::to_string(i - 1), "chain" + std::to_string(i));
  std::ofstream(path("sparse.bin")).close();
  std::filesystem::resize_file(path("sparse.bin"), std::uintmax_t{1} << 40);
  options_.listing = true;
  const std::string long_name(255, 'n'), too_long(256, 'n');
  std::string deep = "/";
  while (deep.size() < 7000) deep += "loop/";
  for (const std::string& target : {std::string("/fifo"),     std::string("/fifo.html"),
                                    std::string("/socket"),   std::string("/zero"),
                                    std::string("/dev-zero"), std::string("/dev-tty"),
                                    std::string("/mem"),      std::string("/fd"),
                                    std::string("/kmsg"),     std::string("/to-fifo"),
                                    std::string("/dangling"), std::string("/self"),
                                    std::string("/ping"),     std::string("/root/etc/passwd"),
                                    std::string("/around"),   std::string("/chain59"),
                                    "/" + long_name,          "/" + too_long,
                                    deep + "missing",         std::string("/fifo/"),
                                    std::string("/socket/x")}) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(status(target, {{"Accept-Encoding", "br, zstd, gzip"}}), 404) << target;
    EXPECT_LT(std::chrono::steady_clock::now() - began, 50ms) << target;
  }
  for (const auto* target : {"/inside.txt", "/sparse.bin", "/chain20", "/"}) {
    const auto began = std::chrono::steady_clock::now();
    EXPECT_EQ(status(target, {{"Accept-Encoding", "br, zstd, gzip"}}), 200) << target;
    EXPECT_LT(std::chrono::steady_clock::now() - began, 50ms) << target;
  }
  EXPECT_EQ(ask("/sparse.bin").plan.body_bytes(), std::uint64_t{1} << 40);
  EXPECT_EQ(get("/sparse.bin", {{"Range", "bytes=-3"}}), std::string(3, '\0'));
}

TEST_F(FolderAnswers, OfOneLargeFileShareItsDescriptor) {  // docs/threats.md, H19
  const std::string large(limits::stored_file_bytes + 1, 'l');
  write("large", large);
  const auto file_of = [](const Answer& answer) { return std::get<OpenFiles::Shared>(answer.content); };
  std::vector<Answer> answers;
  for (int count = 0; count < 100; ++count) answers.push_back(ask("/large"));
  for (const Answer& answer : answers) EXPECT_EQ(file_of(answer), file_of(answers.front()));
  EXPECT_EQ(text_of(std::move(answers.back())), large);

  replace("large", large + "r");
  monotonic_ += 2 * limits::file_trusted;
  EXPECT_NE(file_of(ask("/large")), file_of(answers.front()));
  EXPECT_EQ(get("/large"), large + "r");
  EXPECT_EQ(text_of(std::move(answers.front())), large) << "who reads it goes on with what he began with";
}

TEST_F(FolderAnswers, ForgetFilesThatNobodyReads) {
  OpenFiles files;
  auto folder = net::Folder::open(folder_ / "site").value();
  write("one", "1");
  const auto kept = files.add("one", folder.open_file("one").value());
  for (int count = 0; count < 1000; ++count) files.add(std::to_string(count), folder.open_file("one").value());
  EXPECT_LE(files.size(), 64U);
  EXPECT_EQ(files.find("one", kept->facts()), kept);
}

}  // namespace
}  // namespace padlock::server
