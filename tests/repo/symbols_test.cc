#include <gtest/gtest.h>

#include "repo/symbols_json.h"

namespace skein::repo {
namespace {

TEST(SymbolsJson, HoldsNineKeysPerSymbolOnOneLine) {
  FileFacts facts;
  facts.language = "python";
  facts.symbols.resize(2);
  facts.symbols[0] = {.name = "C", .kind = SymbolKind::class_, .line = 1, .end_line = 3, .signature = "class C"};
  facts.symbols[1] = {.name = "f",
                      .kind = SymbolKind::method,
                      .visibility = Visibility::internal,
                      .parent = 0,
                      .line = 2,
                      .end_line = 3,
                      .signature = "def f(self, x=\"\n\")"};
  std::string out;
  append_symbols_json(out, "a/b\xFF.py", facts);
  EXPECT_EQ(
      out,
      "{\"name\":\"C\",\"kind\":\"class\",\"language\":\"python\",\"path\":\"a/b\xEF\xBF\xBD.py\",\"line\":1,"
      "\"end_line\":3,\"scope\":\"\",\"signature\":\"class C\",\"visibility\":\"public\"}\n"
      "{\"name\":\"f\",\"kind\":\"method\",\"language\":\"python\",\"path\":\"a/b\xEF\xBF\xBD.py\",\"line\":2,"
      "\"end_line\":3,\"scope\":\"C\",\"signature\":\"def f(self, x=\\\"\\n\\\")\",\"visibility\":\"internal\"}\n");
}

}  // namespace
}  // namespace skein::repo
