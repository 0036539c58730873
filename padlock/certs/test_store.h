#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "padlock/certs/file_store.h"

// For tests: a store in a folder of its own, whose clock stands still until it is moved.
namespace padlock::certs::testing {

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = memory_or_disk() / ("padlock-store-" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  StoreFolder store() {
    return StoreFolder(folder_, [this] { return now_; });
  }
  /// What is stored; "none": nothing is. Errors by their code.
  static std::string text_of(StoreFolder& store, const StoreKey& key) {
    const auto value = store.get(key);
    if (!value) return std::string(value.error().rule->code);
    return *value ? std::string(as_text((*value)->reveal())) : "none";
  }

 private:
  /// Thousands of changes, each durable before it returns: in memory that takes seconds.
  static std::filesystem::path memory_or_disk() {
    const std::filesystem::path memory = "/dev/shm";
    return ::access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::path(::testing::TempDir());
  }

 protected:
  std::filesystem::path folder_;
  WallTime now_{std::chrono::seconds(1'790'000'000)};
  const StoreKey shop_{.kind = Kind::certificate, .ca = "local", .name = "shop.test"};
};

}  // namespace padlock::certs::testing
