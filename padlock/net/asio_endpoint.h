#pragma once

#include <system_error>

#include <asio/error.hpp>
#include <asio/ip/tcp.hpp>

#include "padlock/net/address.h"

// Our addresses are plain data; these are the bridges to Asio's. Its errors do not compare with std::errc by
// themselves.
namespace padlock::net {

Endpoint from_asio(const asio::ip::tcp::endpoint& endpoint);
asio::ip::tcp::endpoint to_asio(const Endpoint& endpoint);

/// Whether a system call said this.
inline bool says(std::error_code error, std::errc cause) {
  return error.category() == asio::error::get_system_category() && error.value() == static_cast<int>(cause);
}

}  // namespace padlock::net
