#include "base/platform/landlock.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/file_system.h"

namespace skein {
namespace {

namespace fs = std::filesystem;

// Debian 12's headers know version 2 only; numbers and layouts are the kernel's, which never change.
struct RulesetAttributes {
  std::uint64_t files, network, scopes;
};
struct [[gnu::packed]] PathRule {
  std::uint64_t access;
  std::int32_t folder;
};
struct PortRule {
  std::uint64_t access, port;
};
constexpr int kPathRule = 1, kPortRule = 2;
constexpr unsigned kAskVersion = 1;

constexpr std::uint64_t bit(int number) { return std::uint64_t{1} << number; }
constexpr std::uint64_t kWriteFile = bit(1), kReadFile = bit(2), kRefer = bit(13), kTruncate = bit(14);
constexpr std::uint64_t kRemoveOrMake =
    bit(4) | bit(5) | bit(6) | bit(7) | bit(8) | bit(9) | bit(10) | bit(11) | bit(12);
constexpr std::uint64_t kBindTcp = bit(0), kConnectTcp = bit(1);
constexpr std::uint64_t kScopeAbstractSockets = bit(0), kScopeSignals = bit(1);

bool is_at_or_below(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder == "/" ? folder : folder + "/");
}

class Maker {
 public:
  Maker(Descriptor ruleset, std::uint64_t handled, const std::vector<std::string>& unreadable)
      : ruleset_(std::move(ruleset)), handled_(handled), unreadable_(unreadable) {}

  void allow(const std::string& path, std::uint64_t access) {
    Descriptor folder;
    folder.number = ::open(path.c_str(), O_PATH | O_CLOEXEC | O_NOFOLLOW);
    struct stat info{};
    if (folder.number < 0 || ::fstat(folder.number, &info) != 0 || S_ISLNK(info.st_mode)) return;
    if (!S_ISDIR(info.st_mode)) access &= kWriteFile | kReadFile | kTruncate;
    const PathRule rule{access & handled_, folder.number};
    ::syscall(SYS_landlock_add_rule, ruleset_.number, kPathRule, &rule, 0);
  }
  /// Rules only allow: so everything around what must not be read is allowed, piece by piece.
  void allow_reading(const std::string& path) {
    if (std::ranges::any_of(unreadable_, [&](const std::string& one) { return is_at_or_below(path, one); })) return;
    if (std::ranges::none_of(unreadable_, [&](const std::string& one) { return is_at_or_below(one, path); }))
      return allow(path, kReadFile);
    std::error_code none;
    for (fs::directory_iterator entry(path, none), end; !none && entry != end; entry.increment(none))
      allow_reading(entry->path().string());
  }
  void allow_port(std::uint16_t port) {
    const PortRule rule{kConnectTcp, port};
    ::syscall(SYS_landlock_add_rule, ruleset_.number, kPortRule, &rule, 0);
  }
  Descriptor take() { return std::move(ruleset_); }

 private:
  Descriptor ruleset_;
  std::uint64_t handled_;
  const std::vector<std::string>& unreadable_;
};

}  // namespace

int landlock_version() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, kAskVersion);
  return version > 0 ? static_cast<int>(version) : 0;
}

Result<Descriptor> make_landlock(const LandlockRules& rules) {
  const int version = landlock_version();
  if (version < 1) return fail(Code::unavailable, "the kernel has no Landlock");
  RulesetAttributes attributes{kWriteFile | kReadFile | kRemoveOrMake, 0, 0};
  std::size_t size = sizeof attributes.files;
  if (version >= 2) attributes.files |= kRefer;
  if (version >= 3) attributes.files |= kTruncate;
  if (version >= 4) {
    if (!rules.network) attributes.network = kBindTcp | kConnectTcp;
    size += sizeof attributes.network;
  }
  if (version >= 6) {
    attributes.scopes = kScopeSignals | (rules.network ? 0 : kScopeAbstractSockets);
    size += sizeof attributes.scopes;
  }
  Descriptor ruleset;
  ruleset.number = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0));
  if (ruleset.number < 0)
    return fail(Code::unavailable, "{}", system_error(errno, "Landlock takes no rules").message());
  ::fcntl(ruleset.number, F_SETFD, FD_CLOEXEC);
  Maker maker(std::move(ruleset), attributes.files, rules.unreadable);
  maker.allow_reading("/");
  for (const std::string& path : rules.writable) maker.allow(path, attributes.files);
  if (attributes.network != 0 && rules.tcp_port != 0) maker.allow_port(rules.tcp_port);
  return maker.take();
}

bool enter_landlock(int rules) { return ::syscall(SYS_landlock_restrict_self, rules, 0) == 0; }

}  // namespace skein
