#pragma once

#include <cstdint>
#include <optional>

#include "padlock/http/message/message.h"
#include "padlock/net/files.h"
#include "padlock/server/names.h"
#include "padlock/server/response_plan.h"

namespace padlock::server {

/// What goes back to the client: the plan, and the open file that its body is a part of.
struct Answer {
  ResponsePlan plan;
  std::optional<net::File> file{};  ///< there if `plan.file` is
};

/// Answers requests. Immutable and shared by all workers.
class Handler {
 public:
  virtual ~Handler() = default;
  virtual Answer answer(const http::Request& request, WallTime now) const = 0;
};

/// A folder's files for a site's names: GET and HEAD (docs/threats.md, H7 to H9).
class FolderHandler final : public Handler {
 public:
  FolderHandler(net::Folder folder, Names names) : folder_(std::move(folder)), names_(std::move(names)) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  net::Folder folder_;
  Names names_;
};

/// Plain http: sends every request for one of the names to its https address.
class RedirectHandler final : public Handler {
 public:
  RedirectHandler(Names names, std::uint16_t https_port) : names_(std::move(names)), https_port_(https_port) {}
  Answer answer(const http::Request& request, WallTime now) const override;

 private:
  Names names_;
  std::uint16_t https_port_;
};

/// Plain http on the port that speaks TLS: 400 and the end, whatever was asked for.
class WrongPortHandler final : public Handler {
 public:
  Answer answer(const http::Request& request, WallTime now) const override;
};

}  // namespace padlock::server
