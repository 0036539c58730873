#include "padlock/crypto/versions.h"

#include <gtest/gtest.h>

#include "padlock/crypto/provider.h"

namespace padlock::crypto {
namespace {

TEST(LibraryVersions, AreThoseThatTheProviderSaysItStandsOn) {
  const auto libraries = library_versions();
  ASSERT_FALSE(libraries.empty());
  EXPECT_EQ(libraries[0].name, "libcrypto");
  const std::string said = make_provider(AeadBackend::libcrypto)->description();
  EXPECT_EQ(said, libraries[0].name + " " + libraries[0].version);
  for (const LibraryVersion& library : libraries) EXPECT_FALSE(library.version.empty()) << library.name;
}

TEST(ActiveAeadLibrary, IsTheOneThatTheFastestProviderNames) {
  const std::string said = make_provider()->description();
  EXPECT_EQ(active_aead_library() == "libipsec-mb", said.find("libipsec-mb") != std::string::npos) << said;
}

}  // namespace
}  // namespace padlock::crypto
