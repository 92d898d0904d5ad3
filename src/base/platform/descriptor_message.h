// A descriptor handed from one process to another over a socket (unix(7), SCM_RIGHTS). Allocates nothing.
#pragma once

namespace skein {

[[nodiscard]] bool send_descriptor(int channel, int descriptor);
/// What came over `channel`, not inherited by programs; negative where nothing did. It does not wait.
[[nodiscard]] int received_descriptor(int channel);

}  // namespace skein
