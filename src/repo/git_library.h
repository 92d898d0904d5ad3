// libgit2 as a table of functions, loaded when first used: linked, it would cost every start of skein 3 ms.
#pragma once

#include <git2.h>
#include <git2/sys/hashsig.h>
#include <git2/sys/repository.h>

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
  // For history.
  decltype(&::git_odb_open) odb_open = nullptr;
  decltype(&::git_odb_free) odb_free = nullptr;
  decltype(&::git_repository_wrap_odb) repository_wrap_odb = nullptr;
  decltype(&::git_repository_free) repository_free = nullptr;
  decltype(&::git_commit_lookup) commit_lookup = nullptr;
  decltype(&::git_commit_free) commit_free = nullptr;
  decltype(&::git_commit_parentcount) commit_parentcount = nullptr;
  decltype(&::git_commit_parent_id) commit_parent_id = nullptr;
  decltype(&::git_commit_tree_id) commit_tree_id = nullptr;
  decltype(&::git_commit_author) commit_author = nullptr;
  decltype(&::git_commit_committer) commit_committer = nullptr;
  decltype(&::git_tree_lookup) tree_lookup = nullptr;
  decltype(&::git_tree_free) tree_free = nullptr;
  decltype(&::git_tree_entrycount) tree_entrycount = nullptr;
  decltype(&::git_tree_entry_byindex) tree_entry_byindex = nullptr;
  decltype(&::git_tree_entry_byname) tree_entry_byname = nullptr;
  decltype(&::git_tree_entry_id) tree_entry_id = nullptr;
  decltype(&::git_tree_entry_name) tree_entry_name = nullptr;
  decltype(&::git_tree_entry_filemode) tree_entry_filemode = nullptr;
  decltype(&::git_blob_lookup) blob_lookup = nullptr;
  decltype(&::git_blob_free) blob_free = nullptr;
  decltype(&::git_blob_rawcontent) blob_rawcontent = nullptr;
  decltype(&::git_blob_rawsize) blob_rawsize = nullptr;
  decltype(&::git_blob_data_is_binary) blob_data_is_binary = nullptr;
  decltype(&::git_diff_buffers) diff_buffers = nullptr;
  decltype(&::git_oid_fromstr) oid_fromstr = nullptr;
  decltype(&::git_mailmap_from_buffer) mailmap_from_buffer = nullptr;
  decltype(&::git_mailmap_resolve) mailmap_resolve = nullptr;
  decltype(&::git_mailmap_free) mailmap_free = nullptr;
  // For other commits than the newest.
  decltype(&::git_object_lookup_prefix) object_lookup_prefix = nullptr;
  decltype(&::git_object_peel) object_peel = nullptr;
  decltype(&::git_object_id) object_id = nullptr;
  decltype(&::git_object_free) object_free = nullptr;
  decltype(&::git_oid_fromstrn) oid_fromstrn = nullptr;
  decltype(&::git_oid_tostr) oid_tostr = nullptr;
  decltype(&::git_hashsig_create) hashsig_create = nullptr;
  decltype(&::git_hashsig_compare) hashsig_compare = nullptr;
  decltype(&::git_hashsig_free) hashsig_free = nullptr;
  // For change sets.
  decltype(&::git_patch_from_buffers) patch_from_buffers = nullptr;
  decltype(&::git_patch_to_buf) patch_to_buf = nullptr;
  decltype(&::git_patch_line_stats) patch_line_stats = nullptr;
  decltype(&::git_patch_free) patch_free = nullptr;
  decltype(&::git_merge_file) merge_file = nullptr;
  decltype(&::git_merge_file_result_free) merge_file_result_free = nullptr;

  /// The library, ready for use and kept until the program ends; null where it is not installed. Thread-safe.
  [[nodiscard]] static const GitLibrary* get();
};

}  // namespace skein::repo
