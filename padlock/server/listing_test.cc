#include "padlock/server/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "padlock/http/message/path.h"

namespace padlock::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const WallTime noon(std::chrono::seconds(1'772'366'400));  // 2026-03-01 12:00:00

std::string listing(std::vector<net::FolderEntry> entries, std::string_view folder = "a/b", bool more = false) {
  return make_listing(folder, {std::move(entries), more});
}

TEST(Listing, ShowsFoldersFirstThenFilesByName) {
  const std::string page = listing({{"b.txt", false, 1536, noon}, {"z", true, 4096, noon}, {"a.txt", false, 17, noon}});
  EXPECT_THAT(page, HasSubstr("<h1>/a/b/</h1>\n<table>\n"
                              "<tr><td><a href=\"../\">../</a></td><td></td><td></td></tr>\n"
                              "<tr><td><a href=\"./z/\"><bdi>z</bdi>/</a></td><td></td>"
                              "<td>2026-03-01 12:00:00 UTC</td></tr>\n"
                              "<tr><td><a href=\"./a.txt\"><bdi>a.txt</bdi></a></td><td>17 B</td>"
                              "<td>2026-03-01 12:00:00 UTC</td></tr>\n"
                              "<tr><td><a href=\"./b.txt\"><bdi>b.txt</bdi></a></td><td>1.5 KiB</td>"));
  EXPECT_THAT(listing({}, ""), Not(HasSubstr("../"))) << "nothing is above the root";
  EXPECT_THAT(listing({}, ""), HasSubstr("<h1>/</h1>"));
}

TEST(Listing, SaysThatThereIsMore) {
  EXPECT_THAT(listing({}, "a", true), HasSubstr("There is more"));
  EXPECT_THAT(listing({}, "a", false), Not(HasSubstr("There is more")));
}

TEST(Listing, SizesAreRoundedDown) {
  const auto size = [](std::uint64_t bytes) {
    const std::string page = listing({{"x", false, bytes, noon}});
    const std::size_t at = page.rfind("</a></td><td>") + 13;
    return page.substr(at, page.find('<', at) - at);
  };
  EXPECT_EQ(size(0), "0 B");
  EXPECT_EQ(size(1023), "1023 B");
  EXPECT_EQ(size(1024), "1.0 KiB");
  EXPECT_EQ(size(1024 * 1024 - 1), "1023.9 KiB");
  EXPECT_EQ(size(std::uint64_t{5} << 30), "5.0 GiB");
  EXPECT_EQ(size(~std::uint64_t{0}), "15.9 EiB");
}

TEST(Listing, EscapesWhatIsNoText) {
  const std::string page = listing({{"<b>&\"'.txt", false, 1, noon}, {"a:b?c#d%20", false, 1, noon}}, "<i>");
  EXPECT_THAT(page, HasSubstr("<h1>/&lt;i&gt;/</h1>"));
  EXPECT_THAT(page, HasSubstr("<bdi>&lt;b&gt;&amp;&quot;&#39;.txt</bdi>"));
  EXPECT_THAT(page, HasSubstr("href=\"./%3Cb%3E&amp;%22&#39;.txt\""));
  EXPECT_THAT(page, HasSubstr("href=\"./a:b%3Fc%23d%2520\""));
  const std::string odd =
      listing({{"no\xffutf", false, 1, noon}, {"back\\slash", false, 1, noon}, {"a\nb", false, 1, noon}});
  EXPECT_THAT(odd, HasSubstr("<td><bdi>no\xef\xbf\xbdutf</bdi></td>")) << "no request can ask for it";
  EXPECT_THAT(odd, HasSubstr("<td><bdi>back\\slash</bdi></td>"));
  EXPECT_THAT(odd, HasSubstr("<a href=\"./a%0Ab\"><bdi>a\xef\xbf\xbd"
                             "b</bdi></a>"));
}

RC_GTEST_PROP(Listing, HoldsNoMarkupOfANameAndLeadsToIt, (const std::string& text)) {
  std::string name = text;
  std::erase_if(name, [](char c) { return c == '/' || c == '\0'; });
  RC_PRE(!name.empty() && name != "." && name != ".." && !name.starts_with('.'));
  const std::string page = listing({{name, false, 1, noon}}, "");
  const std::string empty = listing({}, "");
  const bool linked = page.find("<a href=\"./") != std::string::npos;
  const auto count = [](const std::string& in, char c) { return std::ranges::count(in, c); };
  RC_ASSERT(count(page, '<') == count(empty, '<') + (linked ? 12 : 10));
  RC_ASSERT(http::is_utf8(page));
  if (!linked) return;
  const std::size_t at = page.find("href=\"./") + 7;
  std::string target = page.substr(at, page.find('"', at) - at);
  for (const auto& [from, to] : {std::pair("&amp;", "&"), std::pair("&#39;", "'")}) {
    for (std::size_t found = 0; (found = target.find(from, found)) != std::string::npos; ++found)
      target.replace(found, std::string_view(from).size(), to);
  }
  const auto path = http::parse_file_path(target);
  RC_ASSERT(path.has_value());
  RC_ASSERT(path->relative == name);
}

}  // namespace
}  // namespace padlock::server
