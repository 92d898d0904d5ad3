// What a snapshot was: a commit, or a tree of its own. Recorded beside results, so that people can ask for those of a
// commit; never part of a key.
#pragma once

#include <string>

#include "repo/snapshot.h"

namespace skein::repo {

/// "commit ID" where the files are exactly that commit's: git's index is that commit's tree (its cached tree says so),
/// every file has the size and time with which git wrote it there, and no other file is among them. Else "tree DIGEST"
/// of exactly what was read. Reads no file of the tree; what cannot be told cheaply is a tree, never a commit.
[[nodiscard]] std::string tree_source(const Snapshot& snapshot);

}  // namespace skein::repo
