// model_server --script FILE [--port N]: the scripted model server as a program. Prints its address, and ends with its
// standard input or by a signal.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "support/model_server.h"

int main(int argc, char** argv) {
  std::string script_path;
  int port = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    if (name == "--script")
      script_path = argv[i + 1];
    else if (name == "--port")
      port = std::atoi(argv[i + 1]);
    else
      script_path.clear(), i = argc;
  }
  if (script_path.empty() || argc % 2 == 0) {
    std::fputs("usage: model_server --script FILE [--port N]\n", stderr);
    return 2;
  }
  std::ifstream file(script_path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  std::string why = "cannot be read";
  const auto script = file ? skein::test::parse_script(text.str(), why) : std::nullopt;
  if (!script) {
    std::fprintf(stderr, "model_server: %s: %s\n", script_path.c_str(), why.c_str());
    return 2;
  }
  const skein::test::ModelServer server(*script, static_cast<std::uint16_t>(port));
  if (server.port() == 0) {
    std::fprintf(stderr, "model_server: cannot listen on 127.0.0.1:%d\n", port);
    return 1;
  }
  std::printf("%s\n", server.url().c_str());
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) {
  }
  return 0;
}
