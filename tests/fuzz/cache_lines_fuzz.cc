// Files of the state folder that hold what was counted, namespaces in settings, and encrypted values: any bytes are
// read as far as they make sense, and what is written again is read alike.
#include <cstdint>
#include <cstdlib>

#include "base/sim_file_system.h"
#include "cache/audit.h"
#include "cache/cipher.h"
#include "cache/counts.h"
#include "cache/namespaces.h"
#include "cache/tier_counts.h"
#include "cache/uses.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  const std::string input(reinterpret_cast<const char*>(data), size);
  if (const auto all = cache::parse_namespaces(input))
    for (const auto& one : *all)
      if (one.name.empty() || one.share < 0 || one.share > 1) std::abort();
  static const auto kCipher = cache::Cipher::make("key");
  if (kCipher && kCipher->decrypt("name", input)) std::abort();

  SeededRandom random(1);
  SimFileSystem files(random);
  if (!files.make_directories("s")) std::abort();
  for (const auto* name : {"s/cache-counts", "s/cache-tiers", "s/cache-uses", "s/audit"})
    if (!write_file_atomically(files, name, input, false)) std::abort();
  if (!cache::read_counts(files, "s") || !cache::read_tier_counts(files, "s") || !cache::read_audit(files, "s"))
    std::abort();
  const auto uses = cache::read_uses(files, "s");
  if (!uses || !cache::add_uses(files, "s", {"step"})) std::abort();
  const auto again = cache::read_uses(files, "s");
  if (!again || again->empty()) std::abort();
  return 0;
}
