// Rules of Landlock: what a program and all that it starts may read, write and connect to, held by the kernel without
// any privilege and without a view of its own. (Documentation/userspace-api/landlock.rst)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/platform/descriptor.h"

namespace skein {

/// The version of the kernel's rules; 0 where it has none. 3 and above hold all writes to files' bytes and names, 4
/// TCP, 6 signals. None of them holds modes, owners and times of files, nor sockets other than TCP.
[[nodiscard]] int landlock_version();

struct LandlockRules {
  std::vector<std::string> writable;    ///< Folders and files. Readable, too.
  std::vector<std::string> unreadable;  ///< Nothing at or below is read, but for what is writable. Names are seen.
  bool network = false;                 ///< True: TCP is left as it is.
  std::uint16_t tcp_port = 0;  ///< Without network: the one port that is connected to, on any machine; 0: none.
};

/// Rules as a descriptor, for `enter_landlock`. What the kernel's version does not know is left out of them. Paths that
/// are not there are left out. Errors: `unavailable` where the kernel has no Landlock.
[[nodiscard]] Result<Descriptor> make_landlock(const LandlockRules& rules);

/// From now on this thread and all that it starts are held by the rules. Allocates nothing; errno says what failed.
/// REQUIRES no new privileges (prctl(2)).
[[nodiscard]] bool enter_landlock(int rules);

}  // namespace skein
