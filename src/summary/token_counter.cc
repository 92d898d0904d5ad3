#include "summary/token_counter.h"

#include "text/tokens.h"

namespace skein::summary {
namespace {

class O200kCounter final : public TokenCounter {
 public:
  [[nodiscard]] Tokens count(std::string_view text) const override { return text::count_tokens(text); }
};

}  // namespace

const TokenCounter& o200k_counter() {
  static const O200kCounter counter;
  return counter;
}

}  // namespace skein::summary
