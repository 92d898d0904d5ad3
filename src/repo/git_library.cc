#include "repo/git_library.h"

#include <dlfcn.h>

namespace skein::repo {
namespace {

// Our headers are of this version; another soname means another ABI.
constexpr const char* kSoname = "libgit2.so.1.5";

template <class Function>
bool take(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

bool load(GitLibrary& git) {
  void* library = ::dlopen(kSoname, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return false;
  const bool complete =
      take(library, "git_libgit2_init", git.libgit2_init) && take(library, "git_libgit2_opts", git.libgit2_opts) &&
      take(library, "git_error_last", git.error_last) && take(library, "git_index_open", git.index_open) &&
      take(library, "git_index_read", git.index_read) && take(library, "git_index_free", git.index_free) &&
      take(library, "git_index_entrycount", git.index_entrycount) &&
      take(library, "git_index_get_byindex", git.index_get_byindex) &&
      take(library, "git_config_new", git.config_new) && take(library, "git_config_free", git.config_free) &&
      take(library, "git_config_add_file_ondisk", git.config_add_file_ondisk) &&
      take(library, "git_config_get_string_buf", git.config_get_string_buf) &&
      take(library, "git_config_get_path", git.config_get_path) && take(library, "git_buf_dispose", git.buf_dispose);
  if (!complete || git.libgit2_init() < 0) {
    ::dlclose(library);
    return false;
  }
  // We read what the user asked us to read, whoever owns it, and run nothing of it.
  git.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  return true;
}

}  // namespace

const GitLibrary* GitLibrary::get() {
  static const GitLibrary* const kLibrary = []() -> const GitLibrary* {
    static GitLibrary library;
    return load(library) ? &library : nullptr;
  }();
  return kLibrary;
}

}  // namespace skein::repo
