// Lists of texts within the records of the site's steps.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"

namespace skein::docs {

inline void put(ByteWriter& out, const std::vector<std::string>& texts) {
  out.varint(texts.size());
  for (const auto& text : texts) out.text(text);
}

/// What `put` wrote; of damaged bytes some list, and the reader knows of the damage.
[[nodiscard]] inline std::vector<std::string> take_texts(ByteReader& in) {
  std::vector<std::string> texts(in.count());
  for (auto& text : texts) text = in.text();
  return texts;
}

}  // namespace skein::docs
