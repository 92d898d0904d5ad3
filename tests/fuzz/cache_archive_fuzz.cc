// Archives of other machines: any bytes are refused or taken, and a store that took them is sound.
#include "base/check.h"
#include "base/random.h"
#include "base/sim_file_system.h"
#include "cache/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein;
  SeededRandom random(1);
  SimFileSystem files(random);
  SKEIN_CHECK(files.make_directories("/d").has_value());
  auto file = files.open("/d/x", OpenMode::create);
  SKEIN_CHECK((*file)->append(std::string_view(reinterpret_cast<const char*>(data), size)).has_value());
  store::StoreOptions options;
  options.shared = false;
  auto store = store::Store::open(files, "/d/store", options);
  if (cache::import_results(files, **store, "/d/x")) SKEIN_CHECK((*store)->verify()->damaged == 0);
  [[maybe_unused]] const auto restored = cache::restore_backup(files, "/d/state", "/d/x");
  return 0;
}
