// libgit2 as a table of functions, loaded when first used: linked, it would cost every start of skein 3 ms.
#pragma once

#include <git2.h>

namespace skein::repo {

/// The functions that we call, named and typed as libgit2's own.
struct GitLibrary {
  decltype(&::git_libgit2_init) libgit2_init = nullptr;
  decltype(&::git_libgit2_opts) libgit2_opts = nullptr;
  decltype(&::git_error_last) error_last = nullptr;
  decltype(&::git_index_open) index_open = nullptr;
  decltype(&::git_index_read) index_read = nullptr;
  decltype(&::git_index_free) index_free = nullptr;
  decltype(&::git_index_entrycount) index_entrycount = nullptr;
  decltype(&::git_index_get_byindex) index_get_byindex = nullptr;
  decltype(&::git_config_new) config_new = nullptr;
  decltype(&::git_config_free) config_free = nullptr;
  decltype(&::git_config_add_file_ondisk) config_add_file_ondisk = nullptr;
  decltype(&::git_config_get_string_buf) config_get_string_buf = nullptr;
  decltype(&::git_config_get_path) config_get_path = nullptr;
  decltype(&::git_buf_dispose) buf_dispose = nullptr;

  /// The library, ready for use and kept until the program ends; null where it is not installed. Thread-safe.
  [[nodiscard]] static const GitLibrary* get();
};

}  // namespace skein::repo
