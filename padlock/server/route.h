#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "padlock/http/message/message.h"
#include "padlock/server/handler.h"

namespace padlock::server {

/// Who answers a request, and what every response of its has. Immutable and shared by all workers.
struct Route {
  std::shared_ptr<const Handler> handler;
  std::vector<http::Field> fields{};  ///< added to each response

  void finish(http::Response& response) const {
    for (const http::Field& field : fields) response.fields.add(field.name, field.value);
  }
};

inline std::shared_ptr<const Route> make_route(std::shared_ptr<const Handler> handler,
                                               std::vector<http::Field> fields = {}) {
  return std::make_shared<const Route>(Route{std::move(handler), std::move(fields)});
}

}  // namespace padlock::server
