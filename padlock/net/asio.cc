// Asio's own code, compiled once for everybody (ASIO_SEPARATE_COMPILATION).
#include <asio/impl/src.hpp>
