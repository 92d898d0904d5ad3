// Stored graphs are read back from disk: any bytes must give a graph that can be used, or an error.
#include <cstdint>

#include "base/check.h"
#include "repo/graph.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto slice = skein::repo::decode_module_slice(bytes)) {
    const auto again = skein::repo::decode_module_slice(encode(*slice));
    SKEIN_CHECK(again && *again == *slice);
  }
  const auto graph = skein::repo::decode_graph(bytes);
  if (!graph) return 0;
  const auto again = skein::repo::decode_graph(encode(*graph));
  SKEIN_CHECK(again && *again == *graph);
  const auto slices = skein::repo::module_slices(*graph);
  SKEIN_CHECK(slices.size() == graph->modules.nodes.size());
  return 0;
}
