// A data file that was put into the binary at build time (cmake/Embed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace skein {

struct EmbeddedFile {
  std::string_view path;   ///< Below its folder in data/, "/"-separated.
  std::string_view bytes;  ///< Lives as long as the program.
};

}  // namespace skein
