#include "prose/rewrite.h"

#include <sys/stat.h>

#include "engine/session.h"
#include "engine/step_context.h"

namespace skein::prose {

Status RewriteAgent::run(engine::StepContext& context) const {
  engine::ChangeList list;
  list.target = root_;
  for (const auto& rewrite : rewrites_) {
    const auto path = join_path(root_, rewrite.path);
    const auto now = read_file(files_, path);
    if (!now && now.error().code() != Code::not_found) return pass(now.error(), "while reading " + rewrite.path);
    if ((now ? sha256(*now) : Digest{}) != rewrite.before)
      return std::unexpected(Error(Code::unavailable, fmt::format("{} was changed meanwhile", rewrite.path))
                                 .or_do("nothing was written: do it again"));
    if (now && *now == rewrite.after) continue;
    SKEIN_TRY(const auto digest, results_.put_blob(rewrite.after));
    // A rename brings a new file: it keeps who may read and run the old one.
    struct stat info{};
    const bool is_there = ::stat(path.c_str(), &info) == 0;
    list.changes.push_back({rewrite.path, digest, engine::ChangeKind::file, is_there ? info.st_mode & 07777u : 0u});
  }
  SKEIN_DO(engine::commit(files_, results_, context, list, "files"));
  return {};
}

}  // namespace skein::prose
