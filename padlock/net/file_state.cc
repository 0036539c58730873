#include "padlock/net/file_state.h"

#include <sys/stat.h>

namespace padlock::net {

std::string state_of_file(const std::filesystem::path& file) {
  struct stat status{};
  if (::stat(file.c_str(), &status) != 0) return "-;";
  return std::to_string(status.st_ino) + "," + std::to_string(status.st_size) + "," +
         std::to_string(status.st_mtim.tv_sec) + "," + std::to_string(status.st_mtim.tv_nsec) + ";";
}

}  // namespace padlock::net
