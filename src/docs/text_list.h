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

/// A record that is such a list.
[[nodiscard]] inline std::string encode_texts(const std::vector<std::string>& texts) {
  ByteWriter out;
  put(out, texts);
  return out.take();
}
/// Views into `bytes`. Errors: `data_corrupt`, with the name of what it is.
[[nodiscard]] inline Result<std::vector<std::string_view>> decode_texts(std::string_view bytes, std::string_view what) {
  ByteReader in(bytes);
  std::vector<std::string_view> texts(in.count());
  for (auto& text : texts) text = in.text();
  SKEIN_DO(in.finish(what));
  return texts;
}

}  // namespace skein::docs
