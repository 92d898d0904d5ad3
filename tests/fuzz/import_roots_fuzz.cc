// Files that say where imports lead are anybody's: any bytes must be taken in, and imports resolved with them.
#include <cstdint>

#include "repo/import_roots.h"
#include "repo/resolve.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::repo;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto cut = std::min(bytes.find('\0'), bytes.size());
  ImportRoots roots;
  for (const auto* path : {"go.mod", "a/composer.json", "a/package.json", "tsconfig.json", "a/tsconfig.web.json",
                           "Cargo.toml", "a/A.csproj"})
    roots.add(path, bytes.substr(0, cut));
  roots.follow_extends();
  (void)roots.digest();
  const std::vector<std::string_view> paths = {"a/b.ts",  "a/src/index.js", "x/y.go",
                                               "a/C.php", "src/lib.rs",     "a/B/C.cs"};
  const PathIndex index(paths, roots);
  Import import;
  import.target = bytes.substr(std::min(cut + 1, bytes.size()));
  for (const auto* language : {"go", "php", "typescript", "rust", "csharp"})
    (void)resolve(*builtin_languages().by_id(language), "a/b.ts", import, index);
  return 0;
}
