#include "agents/people.h"

#include <algorithm>
#include <array>

namespace skein::agents {

bool is_yes(std::string_view answer) {
  constexpr std::array<std::string_view, 10> kYes{"",       "y",     "yes",  "ok", "once",
                                                  "always", "allow", "done", "go", "go on"};
  std::string plain(answer);
  for (char& c : plain)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  while (!plain.empty() && (plain.back() == '\n' || plain.back() == ' ' || plain.back() == '.')) plain.pop_back();
  return std::ranges::find(kYes, plain) != kYes.end();
}

}  // namespace skein::agents
