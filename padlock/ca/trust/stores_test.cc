#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

#include "padlock/ca/authority.h"
#include "padlock/ca/limits.h"
#include "padlock/ca/trust/find_stores.h"
#include "padlock/ca/trust/install.h"
#include "padlock/ca/trust/nss_store.h"
#include "padlock/ca/trust/rules.h"
#include "padlock/ca/trust/store_program.h"
#include "padlock/ca/trust/system_store.h"
#include "padlock/der/pem.h"
#include "padlock/net/program.h"
#include "padlock/net/rules.h"

// The stores as they are on this machine: its own update-ca-certificates and certutil, in folders of the test's own.

namespace padlock::ca {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr WallTime now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
const std::vector<fs::path> program_folders{"/usr/bin", "/bin", "/usr/sbin"};

/// A root that all tests of this process share, and one of an earlier CA.
const std::vector<std::uint8_t>& root_der(bool earlier = false) {
  static const auto make = [] {
    const auto provider = crypto::make_provider();
    return make_root(*provider, now)->pair.certificate->der;
  };
  static const auto one = make(), other = make();
  return earlier ? other : one;
}
std::string fingerprint(bool earlier = false) { return fingerprint_of(root_der(earlier)); }

class StoreFolder : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "home");
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string text_of(const fs::path& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
  }
  void write(const fs::path& file, std::string_view text) const {
    fs::create_directories((folder_ / file).parent_path());
    std::ofstream(folder_ / file, std::ios::trunc) << text;
  }
  /// A program of the test's own, a shell script.
  fs::path script(const fs::path& file, const std::string& text) const {
    write(file, "#!/bin/sh\n" + text);
    fs::permissions(folder_ / file, fs::perms::owner_all);
    return folder_ / file;
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("padlock-stores-" + std::to_string(::getpid()));
};

// ---- names and commands ---------------------------------------------------------------------------------------------

TEST(StoreNames, ComeFromTheFingerprint) {
  EXPECT_EQ(fingerprint_of(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(store_name_of("ba7816bf8f01cfea"), "padlock-local-ca-ba7816bf");
}

TEST(StorePrograms, AreShownAsAShellTakesThem) {
  EXPECT_EQ(command_line("/bin/a b", {"", "x", "it's", "sql:/home/u", "$(rm)", "C,,"}),
            R"('/bin/a b' '' x 'it'\''s' sql:/home/u '$(rm)' C,,)");
}

TEST(StorePrograms, ThatFailAreQuotedWithTheirLastLine) {
  const StoreProgram shell{"/bin/sh", "/"};
  EXPECT_EQ(run_store_program(shell, {"-c", "echo \"$HOME $LC_ALL\"; cat"}, "in").value(), "/ C\nin");
  const auto failed = run_store_program(shell, {"-c", "echo fine; echo first >&2; echo 'last \033' >&2; exit 3"});
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().rule, &rules::store_program_failed);
  EXPECT_THAT(failed.error().what, HasSubstr("ended with 3: last \\x1b"));
  const auto long_one = run_store_program(shell, {"-c", "head -c 9999 /dev/zero | tr '\\0' x; exit 1"});
  EXPECT_LE(long_one.error().what.size(), max_complaint + 120);
}

// ---- the system's store ---------------------------------------------------------------------------------------------

class DebianFolder : public StoreFolder {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    store_ = SystemStore::find(folder_ / "root");
    if (!store_) GTEST_SKIP() << "update-ca-certificates absent (package ca-certificates)";
  }
  fs::path anchor() const {
    return folder_ / "root/usr/local/share/ca-certificates" / (store_name_of(fingerprint()) + ".crt");
  }
  fs::path bundle() const { return folder_ / "root/etc/ssl/certs/ca-certificates.crt"; }
  std::optional<SystemStore> store_;
};

TEST_F(DebianFolder, TakesTheRootAndGivesItUp) {
  EXPECT_EQ(store_->standing(fingerprint()).presence, Presence::no);
  EXPECT_FALSE(store_->needs_root()) << "it is not this machine's";
  EXPECT_THAT(store_->steps_to_add(fingerprint()),
              ElementsAre("write " + anchor().native(), HasSubstr("--etccertsdir " + (folder_ / "root").native())));
  for (int twice = 0; twice < 2; ++twice) {
    const auto added = store_->add(root_der());
    ASSERT_TRUE(added) << added.error().to_string();
    EXPECT_EQ(store_->standing(fingerprint()).presence, Presence::yes);
    EXPECT_EQ(text_of(anchor()), der::write_pem("CERTIFICATE", root_der()));
    EXPECT_EQ(text_of(bundle()), text_of(anchor()));
    EXPECT_TRUE(fs::is_symlink(bundle().parent_path() / (store_name_of(fingerprint()) + ".pem")));
  }
  struct stat status{};
  ASSERT_EQ(::stat(anchor().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0644U) << "everybody reads it";
  EXPECT_THAT(store_->steps_to_remove(fingerprint()), ElementsAre("remove " + anchor().native(), HasSubstr("--fresh")));
  for (int twice = 0; twice < 2; ++twice) {
    const auto removed = store_->remove(fingerprint());
    ASSERT_TRUE(removed) << removed.error().to_string();
    EXPECT_EQ(store_->standing(fingerprint()).presence, Presence::no);
    EXPECT_FALSE(fs::exists(anchor()));
    EXPECT_FALSE(fs::is_symlink(bundle().parent_path() / (store_name_of(fingerprint()) + ".pem")));
    EXPECT_EQ(text_of(bundle()), "") << "even the last one goes";
  }
}

TEST_F(DebianFolder, KeepsOtherRoots) {
  ASSERT_TRUE(store_->add(root_der(true)));
  ASSERT_TRUE(store_->add(root_der()));
  ASSERT_TRUE(store_->remove(fingerprint()));
  EXPECT_EQ(store_->standing(fingerprint()).presence, Presence::no);
  EXPECT_EQ(store_->standing(fingerprint(true)).presence, Presence::yes);
}

TEST_F(DebianFolder, FindsTheRootUnderAnyName) {
  write("root/usr/local/share/ca-certificates/by hand.crt", der::write_pem("CERTIFICATE", root_der()));
  EXPECT_THAT(store_->standing(fingerprint()).why, HasSubstr("by hand.crt stands, but"));
  ASSERT_TRUE(store_->add(root_der()));
  EXPECT_FALSE(fs::exists(anchor())) << "once is enough";
  EXPECT_EQ(store_->standing(fingerprint()).presence, Presence::yes);
  ASSERT_TRUE(store_->remove(fingerprint()));
  EXPECT_EQ(store_->standing(fingerprint()).presence, Presence::no);
}

TEST_F(DebianFolder, LeavesAFileOfAnotherContentAlone) {
  write("root/usr/local/share/ca-certificates/" + anchor().filename().native(), "not ours");
  const auto refused = store_->add(root_der());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::foreign_store_file);
  ASSERT_TRUE(store_->remove(fingerprint()));
  EXPECT_EQ(text_of(anchor()), "not ours");
}

TEST_F(DebianFolder, SaysSoIfSomethingElseKeepsTheRootThere) {
  ASSERT_TRUE(store_->add(root_der(true)));
  write("root/usr/share/ca-certificates/kept.crt", der::write_pem("CERTIFICATE", root_der()));
  write("root/etc/ca-certificates.conf", "kept.crt\n");
  ASSERT_TRUE(store_->add(root_der()));
  const auto kept = store_->remove(fingerprint());
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().rule, &rules::store_unchanged);
}

TEST_F(DebianFolder, ThatCannotBeMadeIsSaid) {
  write("root", "a file where a folder should be");
  EXPECT_EQ(store_->add(root_der()).error().rule, &net::rules::file_unwritable);
}

// ---- NSS ------------------------------------------------------------------------------------------------------------

TEST(NssLists, AreReadLineByLine) {
  const auto entries = parse_nss_list(
      "\nCertificate Nickname                                         Trust Attributes\n"
      "                                                             SSL,S/MIME,JAR/XPI\n\n"
      "padlock-local-ca-1234                                        C,,  \n"
      "Padlock local CA - by hand                                   ,,   \n"
      "a name that is longer than its column and goes on and on and on CT,C,c\n"
      "user                                                         u,u,u\n"
      "no flags at all\n");
  EXPECT_THAT(entries,
              ElementsAre(NssEntry{"padlock-local-ca-1234", true}, NssEntry{"Padlock local CA - by hand", false},
                          NssEntry{"a name that is longer than its column and goes on and on and on", true},
                          NssEntry{"user", false}));
  EXPECT_THAT(parse_nss_list(""), IsEmpty());
}

class NssFolder : public StoreFolder {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    certutil_ = net::find_program("certutil", program_folders);
    if (!certutil_) GTEST_SKIP() << "certutil absent (package libnss3-tools)";
  }
  NssStore store() const { return {StoreKind::chromium, folder_ / "home/.pki/nssdb", certutil_, folder_ / "home"}; }
  Result<std::string> certutil(std::vector<std::string> arguments, std::string input = {}) const {
    arguments.insert(arguments.begin(), {"-d", "sql:" + store().place().native()});
    return run_store_program({*certutil_, folder_ / "home"}, arguments, std::move(input));
  }
  std::optional<fs::path> certutil_;
};

TEST_F(NssFolder, TakesTheRootAndGivesItUp) {
  NssStore store = this->store();
  EXPECT_EQ(store.standing(fingerprint()).presence, Presence::no);
  EXPECT_THAT(store.steps_to_add(fingerprint()), ElementsAre(HasSubstr(" -N "), HasSubstr(" -A ")));
  for (int twice = 0; twice < 2; ++twice) {
    const auto added = store.add(root_der());
    ASSERT_TRUE(added) << added.error().to_string();
    EXPECT_EQ(store.standing(fingerprint()).presence, Presence::yes);
  }
  EXPECT_EQ(store.standing(fingerprint(true)).presence, Presence::no);
  EXPECT_THAT(store.steps_to_add(fingerprint()), ElementsAre(HasSubstr(" -A "))) << "the store is made";
  EXPECT_THAT(certutil({"-L"}).value(), HasSubstr(store_name_of(fingerprint())));
  EXPECT_THAT(store.steps_to_remove(fingerprint()), ElementsAre(HasSubstr(" -D ")));
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(store.remove(fingerprint()));
    EXPECT_EQ(store.standing(fingerprint()).presence, Presence::no);
  }
  EXPECT_THAT(store.steps_to_remove(fingerprint()), IsEmpty());
}

TEST_F(NssFolder, FindsTheRootUnderTheNameThatSomebodyGaveIt) {
  ASSERT_TRUE(net::find_program("certutil", program_folders));
  NssStore store = this->store();
  ASSERT_TRUE(store.add(root_der(true))) << "makes the store";
  ASSERT_TRUE(certutil({"-A", "-a", "-t", ",,", "-n", "Padlock, by hand"}, der::write_pem("CERTIFICATE", root_der())));
  EXPECT_EQ(store.standing(fingerprint()).presence, Presence::no);
  EXPECT_THAT(store.standing(fingerprint()).why, HasSubstr("without being trusted"));
  ASSERT_TRUE(store.add(root_der()));
  EXPECT_EQ(store.standing(fingerprint()).presence, Presence::yes);
  ASSERT_TRUE(store.remove(fingerprint()));
  EXPECT_TRUE(store.standing(fingerprint()).why.empty()) << "gone, not only untrusted";
  EXPECT_EQ(store.standing(fingerprint(true)).presence, Presence::yes) << "the other one stays";
}

TEST_F(NssFolder, WithAPasswordRefusesAndKeepsNothingHalfDone) {
  write("password", "secret\n");
  fs::create_directories(store().place());
  ASSERT_TRUE(certutil({"-N", "-f", (folder_ / "password").native()}));
  NssStore store = this->store();
  const auto refused = store.add(root_der());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().rule, &rules::store_program_failed);
  EXPECT_THAT(certutil({"-L"}).value(), ::testing::Not(HasSubstr("padlock")));
}

TEST_F(NssFolder, ThatIsDamagedIsUnknown) {
  write("home/.pki/nssdb/cert9.db", "rubbish");
  NssStore store = this->store();
  const Standing standing = store.standing(fingerprint());
  EXPECT_EQ(standing.presence, Presence::unknown);
  EXPECT_THAT(standing.why, HasSubstr(store.place().native()));
  EXPECT_EQ(standing.why.find('\n'), std::string::npos) << "one line";
  EXPECT_EQ(store.add(root_der()).error().rule, &rules::store_program_failed);
  EXPECT_EQ(store.remove(fingerprint()).error().rule, &rules::store_program_failed);
}

TEST_F(StoreFolder, OfNssWithoutCertutilIsSaid) {
  write("db/cert9.db", "");
  NssStore store(StoreKind::firefox, folder_ / "db", std::nullopt, folder_ / "home");
  EXPECT_EQ(store.standing(fingerprint()).presence, Presence::unknown);
  EXPECT_EQ(store.add(root_der()).error().rule, &rules::store_program_missing);
  EXPECT_EQ(store.remove(fingerprint()).error().rule, &rules::store_program_missing);
  NssStore none(StoreKind::chromium, folder_ / "none", std::nullopt, folder_ / "home");
  EXPECT_EQ(none.add(root_der()).error().rule, &rules::store_program_missing);
  EXPECT_FALSE(fs::exists(folder_ / "none"));
}

TEST_F(StoreFolder, ThatItsProgramOnlyPretendsToChangeIsSaid) {
  NssStore store(StoreKind::firefox, folder_ / "db", script("idle", "exit 0"), folder_ / "home");
  EXPECT_EQ(store.add(root_der()).error().rule, &rules::store_unchanged);
  // This one lists the root whatever it is told. Its first two arguments name the folder, whose name may hold anything.
  write("root.pem", der::write_pem("CERTIFICATE", root_der()));
  write("db/cert9.db", "");
  const std::string keeps =
      "shift 2; case \"$*\" in '-L -n '*) cat " + (folder_ / "root.pem").native() + ";; -L) echo padlock C,,;; esac";
  NssStore stubborn(StoreKind::firefox, folder_ / "db", script("keeps", keeps), folder_ / "home");
  EXPECT_EQ(stubborn.standing(fingerprint()).presence, Presence::yes);
  EXPECT_EQ(stubborn.remove(fingerprint()).error().rule, &rules::store_unchanged);
}

TEST_F(StoreFolder, OfNssIsLookedAtWithinItsLimit) {
  write("db/cert9.db", "");
  const std::string lists = "shift 2; case \"$*\" in '-L -n '*) echo x >> " + (folder_ / "looks").native() +
                            ";; *) for i in $(seq 40); do echo padlock $i C,,; done;; esac";
  const NssStore store(StoreKind::firefox, folder_ / "db", script("many", lists), folder_ / "home");
  EXPECT_EQ(store.standing(fingerprint()).presence, Presence::no);
  EXPECT_EQ(text_of(folder_ / "looks").size() / 2, max_nss_entries);
}

// ---- which there are ------------------------------------------------------------------------------------------------

class Machine : public StoreFolder {
 protected:
  StorePlaces places() const {
    return {.home = folder_ / "home",
            .data_home = folder_ / "home/.local/share",
            .config_home = folder_ / "home/.config",
            .system_root = folder_ / "root",
            .programs = {folder_ / "bin"}};
  }
  /// "chromium /a", "firefox absent", without the system's.
  std::vector<std::string> found() const {
    std::vector<std::string> lines;
    for (const auto& store : find_stores(places())) {
      if (store->kind() == StoreKind::system) continue;
      const bool absent = store->standing("").presence == Presence::absent;
      lines.push_back(std::string(name_of(store->kind())) + " " +
                      (absent ? "absent" : store->place().lexically_relative(folder_ / "home").native()));
    }
    return lines;
  }
};

TEST_F(Machine, WithoutBrowsersSaysSo) {
  EXPECT_THAT(found(), ElementsAre("chromium absent", "firefox absent"));
  EXPECT_THAT(find_stores(places()).back()->standing("").why, HasSubstr("no Firefox profile"));
}

TEST_F(Machine, WithChromiumGetsItsStoreMade) {
  script("bin/google-chrome", "");
  EXPECT_EQ(found().front(), "chromium .pki/nssdb");
}

TEST_F(Machine, WhereChromiumWasUsedGetsItsStoreMade) {
  fs::create_directories(folder_ / "home/.config/chromium");
  EXPECT_EQ(found().front(), "chromium .pki/nssdb");
}

TEST_F(Machine, KeepsToTheStoreThatChromiumReads) {
  script("bin/chromium", "");
  write("home/.local/share/pki/nssdb/cert9.db", "");
  EXPECT_EQ(found().front(), "chromium .local/share/pki/nssdb") << "an older place beside it would hide this one";
  write("home/snap/chromium/current/.pki/nssdb/cert9.db", "");
  write("home/.pki/nssdb/cert9.db", "");
  EXPECT_THAT(found(), ElementsAre("chromium .pki/nssdb", "chromium .local/share/pki/nssdb",
                                   "chromium snap/chromium/current/.pki/nssdb", "firefox absent"));
}

TEST_F(Machine, HasEveryProfileOfFirefoxUpToTheLimit) {
  write("home/.mozilla/firefox/a.default/cert9.db", "");
  write("home/.mozilla/firefox/b.work/cert9.db", "");
  write("home/.mozilla/firefox/unused/times.json", "");
  write("home/.mozilla/firefox/profiles.ini", "");
  write("home/.config/mozilla/firefox/c/cert9.db", "");
  write("home/snap/firefox/common/.mozilla/firefox/d/cert9.db", "");
  EXPECT_THAT(found(),
              ElementsAre("chromium absent", "firefox .config/mozilla/firefox/c", "firefox .mozilla/firefox/a.default",
                          "firefox .mozilla/firefox/b.work", "firefox snap/firefox/common/.mozilla/firefox/d"));
  for (std::size_t i = 0; i < max_firefox_profiles; ++i)
    write("home/.mozilla/firefox/p" + std::to_string(i) + "/cert9.db", "");
  EXPECT_EQ(found().size(), 1 + max_firefox_profiles);
}

// ---- plans ----------------------------------------------------------------------------------------------------------

/// A store in memory.
class Shelf final : public RootStore {
 public:
  std::vector<std::string> roots;
  bool broken_down = false;
  StoreKind kind() const override { return StoreKind::firefox; }
  fs::path place() const override { return "/shelf"; }
  Standing standing(const std::string& fingerprint) const override {
    return {std::ranges::find(roots, fingerprint) == roots.end() ? Presence::no : Presence::yes};
  }
  std::vector<std::string> steps_to_add(const std::string&) const override { return {"add"}; }
  std::vector<std::string> steps_to_remove(const std::string&) const override { return {"remove"}; }
  Result<void> add(Bytes der) override {
    if (broken_down) return broken(rules::store_program_failed, "down");
    roots.push_back(fingerprint_of(der));
    return {};
  }
  Result<void> remove(const std::string& fingerprint) override {
    if (broken_down) return broken(rules::store_program_failed, "down");
    std::erase(roots, fingerprint);
    return {};
  }
};

class Plans : public StoreFolder {
 protected:
  void SetUp() override {
    StoreFolder::SetUp();
    fs::permissions(folder_ / "home", fs::perms::owner_all);
    auto shelf = std::make_unique<Shelf>();
    shelf_ = shelf.get();
    stores_.push_back(std::move(shelf));
    stores_.push_back(std::make_unique<AbsentStore>(StoreKind::chromium, "none"));
  }
  TrustRecord record() const { return TrustRecord::open(folder_ / "home").value(); }
  std::vector<std::unique_ptr<RootStore>> stores_;
  Shelf* shelf_ = nullptr;
};

TEST_F(Plans, LeaveAbsentStoresAndDoneWorkOut) {
  auto plan = plan_install(stores_, fingerprint());
  ASSERT_EQ(plan.size(), 1U);
  EXPECT_THAT(plan[0].steps, ElementsAre("add"));
  auto record = this->record();
  ASSERT_TRUE(install(plan[0], root_der(), record, now));
  EXPECT_THAT(plan_install(stores_, fingerprint())[0].steps, IsEmpty());
  ASSERT_EQ(this->record().installed().size(), 1U);
  EXPECT_EQ(this->record().installed()[0].at, now);
}

TEST_F(Plans, ToUninstallKnowEarlierRootsFromTheRecord) {
  auto record = this->record();
  ASSERT_TRUE(install(plan_install(stores_, fingerprint(true))[0], root_der(true), record, now));
  ASSERT_TRUE(install(plan_install(stores_, fingerprint())[0], root_der(), record, now));
  const auto plan = plan_uninstall(stores_, fingerprint(), record);
  ASSERT_EQ(plan.size(), 2U);
  for (const StoreChange& change : plan) ASSERT_TRUE(uninstall(change, record));
  EXPECT_THAT(shelf_->roots, IsEmpty());
  EXPECT_THAT(this->record().installed(), IsEmpty());
  EXPECT_THAT(plan_uninstall(stores_, "", record), IsEmpty()) << "no CA and no record: nothing to do";
  EXPECT_THAT(plan_uninstall(stores_, fingerprint(), record)[0].steps, IsEmpty());
}

TEST_F(Plans, KeepTheRecordOfWhatCouldNotBeUndone) {
  auto record = this->record();
  shelf_->broken_down = true;
  EXPECT_FALSE(install(plan_install(stores_, fingerprint())[0], root_der(), record, now));
  EXPECT_THAT(this->record().installed(), IsEmpty()) << "nothing was done";
  shelf_->broken_down = false;
  ASSERT_TRUE(install(plan_install(stores_, fingerprint())[0], root_der(), record, now));
  shelf_->broken_down = true;
  EXPECT_FALSE(uninstall(plan_uninstall(stores_, fingerprint(), record)[0], record));
  EXPECT_EQ(this->record().installed().size(), 1U);
}

TEST_F(Plans, FindWhatSomebodyElseHasRemoved) {
  auto record = this->record();
  ASSERT_TRUE(install(plan_install(stores_, fingerprint())[0], root_der(), record, now));
  shelf_->roots.clear();
  const auto plan = plan_uninstall(stores_, fingerprint(), record);
  EXPECT_THAT(plan[0].steps, IsEmpty());
  ASSERT_TRUE(uninstall(plan[0], record));
  EXPECT_THAT(this->record().installed(), IsEmpty());
}

TEST(TrustRules, AreEachProvokedAboveOrByTheRecord) {
  EXPECT_EQ(rules::trust.size(), 5U) << "a new rule needs a test that provokes it";
}

}  // namespace
}  // namespace padlock::ca
