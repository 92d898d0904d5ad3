// Any bytes as each of the records that a site's steps and its state keep: an error, or what encodes and decodes the
// same; and as Graphviz' answer.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "docs/change_log.h"
#include "docs/graph_summary.h"
#include "docs/page_set.h"
#include "docs/picture.h"
#include "docs/records.h"
#include "docs/symbol_index.h"
#include "docs/symbol_shards.h"

namespace {

template <class Decode>
void check(std::string_view bytes, Decode decode) {
  const auto value = decode(bytes);
  if (!value) return;
  const auto stored = encode(*value);
  const auto again = decode(stored);
  if (!again || encode(*again) != stored) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace skein::docs;
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 12) {
    case 0:
      check(bytes, decode_past_site);
      break;
    case 1:
      check(bytes, decode_names);
      break;
    case 2:
      check(bytes, decode_card);
      break;
    case 3:
      check(bytes, decode_imports);
      break;
    case 4:
      check(bytes, decode_links);
      break;
    case 5:
      check(bytes, decode_users);
      break;
    case 6:
      check(bytes, decode_graph_summary);
      break;
    case 7:
      check(bytes, decode_picture);
      break;
    case 8: {
      IndexEntries first, second;
      if (!first.add(std::string(bytes))) break;
      const auto stored = encode(first.all());
      if (!second.add(stored) || encode(second.all()) != stored) std::abort();
      break;
    }
    case 9:
      check(bytes, decode_shard_sizes);
      break;
    case 10: {
      constexpr std::string_view kSet = "symbols/bo*";
      const auto pages = decode_page_set(kSet, bytes);
      if (pages && decode_page_set(kSet, encode_page_set(*pages)) != *pages) std::abort();
      break;
    }
    default: {
      Picture picture;
      picture.nodes.resize(3);
      picture.edges = {{0, 1, 1, false}, {1, 2, 1, false}};
      const auto layout = parse_layout(bytes, picture);
      if (layout && (layout->nodes.size() != 3 || layout->edges.size() != 2)) std::abort();
      // What was read can be drawn.
      if (layout && picture_html(picture, &*layout, "index.html", {}).empty()) std::abort();
    }
  }
  return 0;
}
