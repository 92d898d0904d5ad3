// Files of a repository are any bytes: extraction must end, and its facts must survive their stored form. The first
// byte chooses the language.
#include <cstdint>

#include "base/check.h"
#include "repo/extract.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto languages = skein::repo::builtin_languages().all();
  const auto& language = *languages[data[0] % languages.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)skein::repo::builtin_languages().by_path_and_content("a.h", text);
  const auto facts = skein::repo::extract(language, text);
  SKEIN_CHECK(facts.has_value());
  for (std::uint32_t i = 0; i < facts->symbols.size(); ++i) {
    const auto& symbol = facts->symbols[i];
    SKEIN_CHECK(symbol.parent == skein::repo::Symbol::kNoParent || symbol.parent < i);
    SKEIN_CHECK(symbol.line >= 1 && symbol.line <= symbol.end_line && symbol.end_line <= facts->lines + 1);
    SKEIN_CHECK(!symbol.signature.contains('\n'));
  }
  const auto again = skein::repo::decode_facts(skein::repo::encode(*facts));
  SKEIN_CHECK(again && *again == *facts);
  return 0;
}
