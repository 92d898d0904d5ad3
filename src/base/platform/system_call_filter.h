// Parts of filters of system calls (seccomp): the machine, and instructions of classic BPF.
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>

namespace skein {

#if defined(__x86_64__)
inline constexpr unsigned kArchitecture = AUDIT_ARCH_X86_64;
inline constexpr unsigned kFirstForeignCall = 0x40000000U;  // x32
#elif defined(__aarch64__)
inline constexpr unsigned kArchitecture = AUDIT_ARCH_AARCH64;
inline constexpr unsigned kFirstForeignCall = 0xffffffffU;  // none
#else
inline constexpr unsigned kArchitecture = 0;  ///< No filter is known for this machine.
inline constexpr unsigned kFirstForeignCall = 0;
#endif

[[nodiscard]] inline sock_filter filter_statement(unsigned code, unsigned value) {
  return {static_cast<__u16>(code), 0, 0, value};
}
/// `if_true`, `if_false`: how many of the next instructions are passed over.
[[nodiscard]] inline sock_filter filter_jump(unsigned code, unsigned value, __u8 if_true, __u8 if_false) {
  return {static_cast<__u16>(code), if_true, if_false, value};
}

}  // namespace skein
