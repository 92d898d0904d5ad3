// What a step waits for that only a person can give.
#pragma once

#include <string>

namespace skein::engine {

struct PersonNeed {
  std::string id;    ///< What an answer names.
  std::string kind;  ///< "question", "permission", "login" or "usage window".
  std::string what;  ///< In words, for the person.
};

}  // namespace skein::engine
