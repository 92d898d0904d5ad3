// How usage is stored, in results and in journals.
#pragma once

#include "base/bytes.h"
#include "engine/usage.h"

namespace skein::engine {

void encode_usage(ByteWriter& writer, const Usage& usage);
[[nodiscard]] Usage decode_usage(ByteReader& reader);

}  // namespace skein::engine
