// A process that ends all that a program started, where no namespace of processes does: what leaves its session or
// loses its parent becomes the guard's child.
#pragma once

namespace skein {

/// Tells the guard to end everything at once; it ends with them. Also sent by the kernel when who started it is gone.
inline constexpr int kEndAllSignal = 3;  // SIGQUIT

/// Makes the calling process a guard and forks. Returns true in the child, which is to become the program; in the guard
/// it never returns: that hands SIGTERM on to all, ends everything when the program has ended, and then ends with the
/// program's exit code, 128 + signal where one ended it. False, in the guard, where it cannot fork. Allocates nothing.
[[nodiscard]] bool fork_guarded();

}  // namespace skein
