#include "text/shell_quote.h"

namespace skein::text {

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else
      out += c;
  }
  return out += "'";
}

}  // namespace skein::text
