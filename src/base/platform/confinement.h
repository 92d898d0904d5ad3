// Walls around a program and all that it starts: what it writes goes to layers, the rest of the disk is read-only, its
// network ends at its own loopback, and nothing that it started outlives it. Linux namespaces; no privilege needed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

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
  std::string from, at;  ///< Both are there. Writable.
};

/// What a program and all that it starts may take together. Zero: no limit. Looked at several times a second, so that a
/// limit can be overshot by what is taken meanwhile.
struct ProcessLimits {
  Bytes memory{};              ///< Resident.
  std::int64_t processes = 0;  ///< Threads are not counted.
  Bytes disk{};                ///< In `disk_folders`.
  Bytes least_free{};          ///< On the disk of the first of `disk_folders`.
  Millis cpu{};                ///< Processor time of any one process.
  std::vector<std::string> disk_folders;
};

/// REQUIRES absolute paths without links.
struct Confinement {
  std::vector<LayeredFolder> layers;
  std::vector<ShownFolder> shown;
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

/// Whether this machine can build these walls: tried once with a child that does. Errors: `unavailable`, saying which
/// wall it lacks.
[[nodiscard]] Status can_confine();

/// The parts of starting a confined program, for make_system_process_runner(). Made before fork(2), used after it,
/// where nothing may be allocated. The confinement outlives it.
class Walls {
 public:
  /// `channel`: the end of a socketpair(2) on which the listening socket is handed out; negative where none is asked
  /// for.
  Walls(const Confinement& confinement, int channel);

  /// In the child: enters namespaces, mounts, and forks on. Returns in the process that is to become the program, the
  /// only one that does; its helpers end with the program's end. Null, or what could not be done (errno says why).
  [[nodiscard]] const char* enter() const;

 private:
  [[nodiscard]] static bool mount_layer(const LayeredFolder& layer);
  [[nodiscard]] bool hand_out_listener() const;

  const Confinement& confinement_;
  int channel_;
  std::vector<std::string> hidden_folders_, hidden_files_;  // Those that are there.
  std::string uid_map_, gid_map_;
  std::uint64_t cpu_seconds_ = 0;
};

/// The socket that came over `channel`; negative where none did. It does not wait.
[[nodiscard]] int received_listener(int channel);

}  // namespace skein
