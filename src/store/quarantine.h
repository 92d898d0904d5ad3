// Where damaged bytes of packs are set aside before they are forgotten, so that somebody can look at what happened.
#pragma once

#include <string>

#include "base/file_system.h"

namespace skein::store {

inline constexpr std::size_t kMostQuarantined = 256;  ///< Files; what comes later is not kept.
inline constexpr std::uint64_t kMostQuarantinedBytes = std::uint64_t{16} << 20;  ///< Of one file.

/// Copies bytes `from` to `to` of the pack `number` to FOLDER/quarantine/PACK-FROM, once. Nothing is ever read from
/// there. What cannot be kept is left: this is for people, and fails nothing. True: it is there now and was not before.
bool set_aside(FileSystem& files, const std::string& folder, std::uint32_t number, std::uint64_t from,
               std::uint64_t to);

}  // namespace skein::store
