#include "docs/project_page.h"

namespace skein::docs {
namespace {

void add(Hasher& hasher, const Statement& statement) {
  hasher.field(statement.text).number(statement.inferred ? 1 : 0).field(statement.from);
}

}  // namespace

Digest digest_of(const ProjectPage& project) {
  Hasher hasher;
  hasher.field(project.name);
  add(hasher, project.tagline);
  hasher.number(project.commands.size());
  for (const auto& command : project.commands) {
    hasher.field(command.purpose).field(command.command);
    add(hasher, command.why);
  }
  hasher.number(project.dependencies.size());
  for (const auto& dependency : project.dependencies)
    hasher.field(dependency.name)
        .field(dependency.requirement)
        .field(dependency.kind)
        .field(dependency.from)
        .field(dependency.locked);
  hasher.number(project.entry_points.size());
  for (const auto& entry : project.entry_points) {
    hasher.field(entry.target.path).number(entry.target.page ? 1 : 0).number(entry.target.folder ? 1 : 0);
    add(hasher, entry.what);
  }
  hasher.number(project.services.size());
  for (const auto& service : project.services) {
    hasher.field(service.name).field(service.what).field(service.from).number(service.needs.size());
    for (const auto& need : service.needs) hasher.field(need);
  }
  hasher.number(project.notes.size());
  for (const auto& note : project.notes) hasher.field(note);
  return hasher.finish();
}

}  // namespace skein::docs
