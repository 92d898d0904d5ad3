#include <algorithm>
#include <array>

#include "repo/manifest_images.h"
#include "repo/manifest_parsers.h"
#include "repo/yaml_document.h"

namespace skein::repo {
namespace {

/// "image" of a job: a text, or an object that names it.
void take_image(const nlohmann::json& value, const char* key, Manifest& manifest) {
  add_image(value.is_string() ? value.get<std::string>() : text_member(value, key), manifest);
}

void once(std::string name, std::string range, DependencyScope scope, Manifest& manifest) {
  const bool known = std::ranges::any_of(
      manifest.dependencies, [&](const auto& known_one) { return known_one.name == name && known_one.range == range; });
  if (!known) manifest.dependencies.push_back({std::move(name), std::move(range), scope});
}

void drop_doubles(Manifest& manifest) {
  std::vector<Dependency> all = std::move(manifest.dependencies);
  manifest.dependencies.clear();
  for (auto& one : all) once(std::move(one.name), std::move(one.range), one.scope, manifest);
}

void take_action(const std::string& action, Manifest& manifest) {
  if (action.empty() || action.starts_with('.')) return;  // One of this repository.
  if (action.starts_with("docker://")) return add_image(std::string_view(action).substr(9), manifest);
  const auto at = action.find('@');
  manifest.dependencies.push_back(
      {action.substr(0, at), at == action.npos ? std::string() : action.substr(at + 1), DependencyScope::build});
}

std::string_view without_end(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return text;
}

}  // namespace

void parse_github(std::string_view bytes, Manifest& manifest) {
  const auto document = parse_yaml(bytes);
  if (!document) {
    manifest.notes.push_back("it is not YAML: " + document.error().message());
    return;
  }
  const auto& jobs = member(*document, "jobs");
  if (!jobs.is_object()) return;
  for (const auto& [name, job] : jobs.items()) {
    std::string text;
    if (const auto& steps = member(job, "steps"); steps.is_array()) {
      for (const auto& step : steps) {
        take_action(text_member(step, "uses"), manifest);
        const std::string run = text_member(step, "run");
        if (!run.empty()) text.append(text.empty() ? "" : "\n").append(without_end(run));
      }
    }
    take_action(text_member(job, "uses"), manifest);
    take_image(member(job, "container"), "image", manifest);
    if (const auto& services = member(job, "services"); services.is_object())
      for (const auto& service : services) take_image(service, "image", manifest);
    manifest.scripts.push_back({name, std::move(text)});
  }
  drop_doubles(manifest);
}

void parse_gitlab(std::string_view bytes, Manifest& manifest) {
  static constexpr std::array<std::string_view, 14> kNoJobs = {
      "after_script", "before_script", "cache",  "default", "image",     "include",  "pages_default",
      "services",     "spec",          "stages", "types",   "variables", "workflow", "inputs"};
  const auto document = parse_yaml(bytes);
  if (!document || !document->is_object()) {
    manifest.notes.push_back(document ? "it is not a table" : "it is not YAML: " + document.error().message());
    return;
  }
  const auto take_images = [&](const nlohmann::json& where) {
    take_image(member(where, "image"), "name", manifest);
    if (const auto& services = member(where, "services"); services.is_array())
      for (const auto& service : services) take_image(service, "name", manifest);
  };
  take_images(*document);
  take_images(member(*document, "default"));
  std::string before = lines_of(member(*document, "before_script"), "\n");
  if (before.empty()) before = lines_of(member(member(*document, "default"), "before_script"), "\n");
  for (const auto& [name, job] : document->items()) {
    if (!job.is_object() || name.starts_with('.') || std::ranges::find(kNoJobs, name) != kNoJobs.end()) continue;
    take_images(job);
    std::string text = lines_of(member(job, "script"), "\n");
    const auto& own = member(job, "before_script");
    const std::string first = own.is_null() ? before : lines_of(own, "\n");
    if (!text.empty() && !first.empty()) text = first + "\n" + text;
    manifest.scripts.push_back({name, std::string(without_end(text))});
  }
  drop_doubles(manifest);
}

}  // namespace skein::repo
