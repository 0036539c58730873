#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "padlock/base/text.h"
#include "padlock/tls/observer.h"

namespace padlock::bogo {

/// The secrets of a connection, by the names of the key log.
class Secrets final : public tls::KeyLog {
 public:
  void line(std::string_view line) override {
    const std::string_view name = line.substr(0, line.find(' '));
    if (auto secret = from_hex(line.substr(line.rfind(' ') + 1))) secrets_[std::string(name)] = *std::move(secret);
  }
  /// Empty: there is none of this name.
  Bytes of(const std::string& name) const {
    const auto found = secrets_.find(name);
    return found == secrets_.end() ? Bytes() : Bytes(found->second);
  }

 private:
  std::map<std::string, std::vector<std::uint8_t>> secrets_;
};

}  // namespace padlock::bogo
