// Walls around a program and all that it starts: what it writes goes to layers, the rest of the disk is read-only, its
// network ends at its own loopback, and nothing that it started outlives it. Linux namespaces, or what the kernel has
// without them; no privilege needed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/platform/control_group.h"
#include "base/platform/descriptor.h"
#include "base/platform/system_call_filter.h"
#include "base/result.h"
#include "base/units.h"

namespace skein {

/// A folder that is seen through and written beside: overlayfs.
struct LayeredFolder {
  std::string at;                  ///< Where the program sees it: a folder that is there.
  std::vector<std::string> lower;  ///< Folders that are seen through, the topmost first; not empty.
  std::string upper;               ///< Gets what is written.
  std::string work;                ///< Empty, on the file system of `upper`.
};

struct ShownFolder {
  std::string from, at;  ///< Both are there.
  bool writable = true;
};

/// What a program and all that it starts may take together. Zero: no limit. Looked at several times a second, so that a
/// limit can be overshot by what is taken meanwhile.
struct ProcessLimits {
  Bytes memory{};              ///< Resident.
  std::int64_t processes = 0;  ///< Threads are not counted.
  Bytes disk{};                ///< In `disk_folders`.
  Bytes least_free{};          ///< On the disk of the first of `disk_folders`.
  Millis cpu{};                ///< Processor time of all together, with what ended.
  std::vector<std::string> disk_folders;
};

/// What walls are made of.
enum class WallKind {
  namespaces,  ///< A view of its own of the disk, the network and the processes.
  landlock,    ///< The machine's view: Landlock holds what is written and read, as far as the kernel's version goes.
  filter,      ///< Nothing holds files: sockets are refused, and what was started is ended.
};

/// REQUIRES absolute paths without links. Without namespaces there are no layers, `shown` folders are shown where they
/// are, hidden ones cannot be read and their names are seen, and `listener_port` is the one port of this machine's that
/// is reached.
struct Confinement {
  WallKind kind = WallKind::namespaces;
  std::vector<LayeredFolder> layers;
  std::vector<ShownFolder> shown;   ///< In this order, after the layers; also in a hidden folder.
  std::vector<std::string> hidden;  ///< Folders and files that look empty. Those that are not there are left out.
  bool network = false;             ///< False: loopback of its own, and no unix socket.
  ProcessLimits limits;
  /// Not 0, and no network: a socket that listens on this port of the program's own loopback is made and given to
  /// `take_listener`, which owns it. So what listens out here is reached from in there, and nothing else is.
  std::uint16_t listener_port = 0;
  std::function<void(int descriptor)> take_listener;
  /// And so many TCP sockets of the program's own network that are not connected, given to `take_socket` after that: by
  /// them what listens in there is reached from out here. Only with a listener.
  int sockets = 0;
  std::function<void(int descriptor)> take_socket;
};

/// Whether this machine can build such walls: tried with a child that does. Errors: `unavailable`, saying which wall it
/// lacks.
[[nodiscard]] Status can_confine(const Confinement& walls = {});

/// The parts of starting a confined program, for make_system_process_runner(). Made before fork(2), used after it,
/// where nothing may be allocated. The confinement outlives it.
class Walls {
 public:
  /// `channel`: the end of a socketpair(2) on which the listening socket is handed out; negative where none is asked
  /// for. Errors: `unavailable` where the kernel lacks what they are made of.
  [[nodiscard]] static Result<Walls> make(const Confinement& confinement, int channel);

  /// In the child: builds them around itself and forks on. Returns in the process that is to become the program, the
  /// only one that does; its helpers end with the program's end. Null, or what could not be done (errno says why).
  [[nodiscard]] const char* enter() const;
  /// The signal that, sent to the first process, ends all that was started.
  [[nodiscard]] int end_signal() const;
  /// Helpers among the processes below the first, and that.
  [[nodiscard]] std::int64_t helpers() const { return confinement_->kind == WallKind::namespaces ? 2 : 1; }
  /// True if the kernel ended something for the memory that all of it took.
  [[nodiscard]] bool ran_out_of_memory() const { return group_ && group_->ran_out_of_memory(); }
  [[nodiscard]] bool ran_out_of_tasks() const { return group_ && group_->ran_out_of_tasks(); }
  /// As the kernel counts it for all; nothing where it does not.
  [[nodiscard]] std::optional<Micros> processor_time() const {
    return group_ ? group_->processor_time() : std::nullopt;
  }

 private:
  explicit Walls(const Confinement& confinement, int channel);
  [[nodiscard]] static bool mount_layer(const LayeredFolder& layer);
  [[nodiscard]] const char* enter_namespaces() const;
  [[nodiscard]] const char* mount_all() const;
  [[nodiscard]] const char* enter_guard() const;
  [[nodiscard]] bool hand_out_listener() const;

  const Confinement* confinement_;
  int channel_;
  std::vector<std::string> hidden_folders_, hidden_files_;  // Those that are there.
  std::string uid_map_, gid_map_;
  std::uint64_t cpu_seconds_ = 0;
  std::uint64_t most_tasks_ = 0;
  std::uint64_t most_file_bytes_ = 0;
  std::vector<sock_filter> filter_;  // Empty: sockets are left as they are.
  Descriptor landlock_;
  std::optional<ControlGroup> group_;
};

}  // namespace skein
