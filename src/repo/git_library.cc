#include "repo/git_library.h"

#include <dlfcn.h>

// libgit2 reads the certificates of all authorities when it starts, most of its start, so that it could speak with
// servers. We open no connection through it. The program's own symbol comes before that of the library behind it
// (src/repo/CMakeLists.txt exports it), and finds none.
extern "C" [[gnu::used, gnu::visibility("default")]] int mbedtls_x509_crt_parse_file(void* chain, const char* path);
int mbedtls_x509_crt_parse_file(void* /*chain*/, const char* /*path*/) { return 0; }

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
      take(library, "git_config_get_path", git.config_get_path) && take(library, "git_buf_dispose", git.buf_dispose) &&
      take(library, "git_odb_open", git.odb_open) && take(library, "git_odb_free", git.odb_free) &&
      take(library, "git_repository_wrap_odb", git.repository_wrap_odb) &&
      take(library, "git_repository_free", git.repository_free) &&
      take(library, "git_commit_lookup", git.commit_lookup) && take(library, "git_commit_free", git.commit_free) &&
      take(library, "git_commit_parentcount", git.commit_parentcount) &&
      take(library, "git_commit_parent_id", git.commit_parent_id) &&
      take(library, "git_commit_tree_id", git.commit_tree_id) &&
      take(library, "git_commit_author", git.commit_author) &&
      take(library, "git_commit_committer", git.commit_committer) &&
      take(library, "git_tree_lookup", git.tree_lookup) && take(library, "git_tree_free", git.tree_free) &&
      take(library, "git_tree_entrycount", git.tree_entrycount) &&
      take(library, "git_object_lookup_prefix", git.object_lookup_prefix) &&
      take(library, "git_object_peel", git.object_peel) && take(library, "git_object_id", git.object_id) &&
      take(library, "git_object_free", git.object_free) && take(library, "git_oid_fromstrn", git.oid_fromstrn) &&
      take(library, "git_oid_tostr", git.oid_tostr) &&
      take(library, "git_tree_entry_byindex", git.tree_entry_byindex) &&
      take(library, "git_tree_entry_byname", git.tree_entry_byname) &&
      take(library, "git_tree_entry_id", git.tree_entry_id) &&
      take(library, "git_tree_entry_name", git.tree_entry_name) &&
      take(library, "git_tree_entry_filemode", git.tree_entry_filemode) &&
      take(library, "git_blob_lookup", git.blob_lookup) && take(library, "git_blob_free", git.blob_free) &&
      take(library, "git_blob_rawcontent", git.blob_rawcontent) &&
      take(library, "git_blob_rawsize", git.blob_rawsize) &&
      take(library, "git_blob_data_is_binary", git.blob_data_is_binary) &&
      take(library, "git_diff_buffers", git.diff_buffers) && take(library, "git_oid_fromstr", git.oid_fromstr) &&
      take(library, "git_patch_from_buffers", git.patch_from_buffers) &&
      take(library, "git_patch_to_buf", git.patch_to_buf) &&
      take(library, "git_patch_line_stats", git.patch_line_stats) && take(library, "git_patch_free", git.patch_free) &&
      take(library, "git_merge_file", git.merge_file) &&
      take(library, "git_merge_file_result_free", git.merge_file_result_free) &&
      take(library, "git_mailmap_from_buffer", git.mailmap_from_buffer) &&
      take(library, "git_mailmap_resolve", git.mailmap_resolve) &&
      take(library, "git_mailmap_free", git.mailmap_free) && take(library, "git_hashsig_create", git.hashsig_create) &&
      take(library, "git_hashsig_compare", git.hashsig_compare) && take(library, "git_hashsig_free", git.hashsig_free);
  if (!complete || git.libgit2_init() < 0) {
    ::dlclose(library);
    return false;
  }
  // We read what the user asked us to read, whoever owns it, and run nothing of it.
  git.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  // As git itself: an object that is read for figures is not hashed again. Both sides of a comparison need large trees.
  git.libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
  constexpr std::size_t kTreeBytes = 1 << 20;
  git.libgit2_opts(GIT_OPT_SET_CACHE_OBJECT_LIMIT, GIT_OBJECT_TREE, kTreeBytes);
  constexpr ssize_t kCacheBytes = 32 << 20;
  git.libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, kCacheBytes);
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
