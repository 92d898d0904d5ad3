// Which build of the program this is.
#pragma once

#include "base/digest.h"

namespace skein {

/// The same for equal binaries, different for different ones: made from the linker's build id (a digest of the
/// program's contents), or, where it was linked without one, from the file's size and time.
[[nodiscard]] Digest build_id();

}  // namespace skein
