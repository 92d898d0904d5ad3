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

/// What `over` says wins, key by key. Depth is bounded by the YAML reader.
void merge_over(nlohmann::json& base, const nlohmann::json& over) {
  if (!base.is_object() || !over.is_object()) {
    base = over;
    return;
  }
  for (const auto& [key, value] : over.items()) merge_over(base[key], value);
}

/// The jobs of .gitlab-ci.yml, with those of the files that it includes and of the jobs that they extend.
class GitlabJobs {
 public:
  GitlabJobs(const ReadManifestFile& read, Manifest& manifest) : read_(read), manifest_(manifest) {}

  void take(const nlohmann::json& document) {
    static constexpr std::array<std::string_view, 14> kNoJobs = {
        "after_script", "before_script", "cache",  "default", "image",     "include",  "pages_default",
        "services",     "spec",          "stages", "types",   "variables", "workflow", "inputs"};
    all_ = with_includes(document, 0);
    take_images(all_);
    take_images(member(all_, "default"));
    std::string before = lines_of(member(all_, "before_script"), "\n");
    if (before.empty()) before = lines_of(member(member(all_, "default"), "before_script"), "\n");
    for (const auto& [name, written] : all_.items()) {
      if (!written.is_object() || name.starts_with('.') || std::ranges::find(kNoJobs, name) != kNoJobs.end()) continue;
      const auto job = extended(written, 0);
      take_images(job);
      std::string text = lines_of(member(job, "script"), "\n");
      const auto& own = member(job, "before_script");
      const std::string first = own.is_null() ? before : lines_of(own, "\n");
      if (!text.empty() && !first.empty()) text = first + "\n" + text;
      manifest_.scripts.push_back({name, std::string(without_end(text))});
    }
  }

 private:
  static constexpr int kMostFiles = 32;
  static constexpr int kDeepest = 11;  // GitLab's own limit of `extends`.
  static constexpr int kMostExtended = 2'000;

  void take_images(const nlohmann::json& where) {
    take_image(member(where, "image"), "name", manifest_);
    if (const auto& services = member(where, "services"); services.is_array())
      for (const auto& service : services) take_image(service, "name", manifest_);
  }

  nlohmann::json with_includes(const nlohmann::json& document, int depth) {
    nlohmann::json all = nlohmann::json::object();
    const auto& include = member(document, "include");
    if (include.is_array())
      for (const auto& one : include) take_include(one, depth, all);
    else if (!include.is_null())
      take_include(include, depth, all);
    merge_over(all, document);
    return all;
  }

  void take_include(const nlohmann::json& include, int depth, nlohmann::json& all) {
    std::string local = include.is_string() ? include.get<std::string>() : text_member(include, "local");
    if (local.contains("://") || !text_member(include, "remote").empty())
      return once(local.empty() ? text_member(include, "remote") : local, "", DependencyScope::build, manifest_);
    for (const char* key : {"project", "component"}) {
      const std::string name = text_member(include, key);
      const auto at = name.rfind('@');  // Of a component; a project has "ref".
      if (!name.empty())
        return once(name.substr(0, at), at == name.npos ? text_member(include, "ref") : name.substr(at + 1),
                    DependencyScope::build, manifest_);
    }
    if (local.empty()) return;  // A template of GitLab itself.
    if (local.find_first_of("*$") != local.npos)
      return manifest_.notes.push_back("includes " + local + ", which was not followed");
    local.erase(0, local.find_first_not_of('/'));
    if (!read_ || depth >= kDeepest || files_ >= kMostFiles || local.empty()) return;
    ++files_;
    const auto bytes = read_(local);
    const auto document = bytes ? parse_yaml(*bytes) : Result<nlohmann::json>(fail(Code::not_found, "there is none"));
    if (!document || !document->is_object())
      return manifest_.notes.push_back("includes " + local + ", which could not be read");
    merge_over(all, with_includes(*document, depth + 1));
  }

  /// With what the jobs that it extends say. Lists are not merged, as GitLab does not.
  [[nodiscard]] nlohmann::json extended(const nlohmann::json& job, int depth) {
    const auto& extends = member(job, "extends");
    if (extends.is_null() || depth >= kDeepest || ++extended_ > kMostExtended) return job;
    nlohmann::json all = nlohmann::json::object();
    const auto add = [&](const nlohmann::json& name) {
      if (!name.is_string()) return;
      const auto base = all_.find(name.get<std::string>());
      if (base != all_.end() && base->is_object()) merge_over(all, extended(*base, depth + 1));
    };
    if (extends.is_array())
      for (std::size_t i = 0; i < std::min<std::size_t>(extends.size(), kDeepest); ++i) add(extends[i]);
    else
      add(extends);
    merge_over(all, job);
    return all;
  }

  const ReadManifestFile& read_;
  Manifest& manifest_;
  nlohmann::json all_;
  int files_ = 0;
  int extended_ = 0;
};

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

void parse_gitlab(std::string_view bytes, const ReadManifestFile& read, Manifest& manifest) {
  const auto document = parse_yaml(bytes);
  if (!document || !document->is_object()) {
    manifest.notes.push_back(document ? "it is not a table" : "it is not YAML: " + document.error().message());
    return;
  }
  GitlabJobs(read, manifest).take(*document);
  drop_doubles(manifest);
}

}  // namespace skein::repo
