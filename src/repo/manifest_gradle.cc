// build.gradle and build.gradle.kts are programs; dependencies, plugins, tasks and names that are written down plainly
// are read out of their words, texts and blocks.
#include <algorithm>
#include <string>
#include <vector>

#include "repo/manifest_parsers.h"
#include "repo/toml_document.h"

namespace skein::repo {
namespace {

struct Word {
  std::string_view text;
  bool quoted = false;
};
using Words = std::vector<Word>;

bool is_part(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

class Gradle {
 public:
  Gradle(std::string_view bytes, Manifest& manifest) : rest_(bytes), manifest_(manifest) {}

  void read() {
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (rest_.starts_with("//")) {
        rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      } else if (rest_.starts_with("/*")) {
        const auto end = rest_.find("*/", 2);
        rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 2);
      } else if (c == '"' || c == '\'') {
        take_text(c);
      } else if (is_part(c)) {
        std::size_t end = 0;
        while (end < rest_.size() && is_part(rest_[end])) ++end;
        words_.push_back({rest_.substr(0, end), false});
        rest_.remove_prefix(end);
      } else {
        if (c == '{') {
          statement();
          if (blocks_.size() < 1000) blocks_.push_back(words_.empty() ? std::string_view() : words_.front().text);
          words_.clear();
        } else if (c == '}') {
          end_statement();
          if (!blocks_.empty()) blocks_.pop_back();
        } else if (c == '\n' || c == ';') {
          end_statement();
        }
        rest_.remove_prefix(1);
      }
    }
    end_statement();
  }

 private:
  void take_text(char quote) {
    const std::string three(3, quote);
    const std::size_t open = rest_.starts_with(three) ? 3 : 1;
    std::size_t end = open;
    while (end < rest_.size() &&
           !rest_.substr(end).starts_with(open == 3 ? std::string_view(three) : std::string_view(three).substr(0, 1)) &&
           (open == 3 || rest_[end] != '\n'))
      end += rest_[end] == '\\' ? 2 : 1;
    end = std::min(end, rest_.size());
    words_.push_back({rest_.substr(open, end > open ? end - open : 0), true});
    rest_.remove_prefix(std::min(end + open, rest_.size()));
  }

  void end_statement() {
    statement();
    words_.clear();
  }

  [[nodiscard]] bool inside(std::string_view block) const { return std::ranges::find(blocks_, block) != blocks_.end(); }

  [[nodiscard]] std::string_view text_after(std::string_view word) const {
    for (std::size_t i = 0; i + 1 < words_.size(); ++i)
      if (!words_[i].quoted && words_[i].text == word && words_[i + 1].quoted) return words_[i + 1].text;
    return {};
  }

  void statement() {
    if (words_.size() < 2 || words_[0].quoted) return;
    const auto verb = words_[0].text;
    if (!blocks_.empty() && blocks_.back() == "dependencies") return dependency(verb);
    if (!blocks_.empty() && blocks_.back() == "plugins") return plugin(verb);
    task(verb);
    if (!words_[1].quoted && !(words_.size() > 2 && words_[2].quoted)) return;
    const auto text = words_[1].quoted ? words_[1].text : words_[2].text;
    if (verb == "rootProject.name")
      manifest_.name = text;
    else if (verb == "version" && blocks_.empty())
      manifest_.version = text;
    else if (verb == "description" && blocks_.empty())
      manifest_.description = text;
    else if (verb == "mainClass" || verb == "mainClass.set" || verb == "mainClassName" ||
             verb == "application.mainClass")
      manifest_.entry_points.emplace_back(text);
  }

  void task(std::string_view verb) {
    std::string_view name;
    if (verb == "task") {
      name = words_[1].text;
    } else if (verb == "tasks.register" || verb == "tasks.create") {
      for (const auto& word : words_)  // "tasks.register<Copy>("name")"
        if (word.quoted && name.empty()) name = word.text;
    } else if (verb == "val" && words_.size() >= 4 && words_[2].text == "by" && words_[3].text.starts_with("tasks.")) {
      name = words_[1].text;
    }
    if (!name.empty() && !manifest_.has_script(name)) manifest_.scripts.push_back({std::string(name), {}});
  }

  void plugin(std::string_view verb) {
    if (!words_[1].quoted || (verb != "id" && verb != "kotlin")) return;
    std::string name = (verb == "kotlin" ? "org.jetbrains.kotlin." : "") + std::string(words_[1].text);
    manifest_.dependencies.push_back({std::move(name), std::string(text_after("version")), DependencyScope::build});
  }

  void dependency(std::string_view configuration) {
    if (words_[1].text == "project" || words_[1].text.starts_with("projects.")) return;  // Of this repository.
    std::string name;
    std::string range;
    if (const auto module = text_after("name"); !module.empty()) {
      name = std::string(text_after("group")) + ":" + std::string(module);
      range = text_after("version");
    } else {
      const auto text = std::ranges::find_if(words_, [](const Word& word) { return word.quoted; });
      if (text != words_.end()) {
        const auto first = text->text.find(':');
        const auto second = first == text->text.npos ? first : text->text.find(':', first + 1);
        name = text->text.substr(0, second);
        if (second != text->text.npos) range = text->text.substr(second + 1);
        if (first == text->text.npos && words_[1].text == "kotlin") name.insert(0, "org.jetbrains.kotlin:kotlin-");
      } else if (words_[1].text.starts_with("libs.")) {
        name = words_[1].text;  // Of the version catalogue, which is a manifest of its own.
      }
    }
    if (name.empty() || name.find(' ') != name.npos) return;
    const auto has = [&](std::string_view part) { return configuration.find(part) != configuration.npos; };
    auto scope = DependencyScope::runtime;
    if (has("test") || has("Test"))
      scope = DependencyScope::development;
    else if (has("nnotationProcessor") || has("kapt") || has("ksp") || has("classpath") || has("ompileOnly") ||
             inside("buildscript"))
      scope = DependencyScope::build;
    manifest_.dependencies.push_back({std::move(name), std::move(range), scope});
  }

  std::string_view rest_;
  Manifest& manifest_;
  Words words_;
  std::vector<std::string_view> blocks_;
};

std::string version_of(const nlohmann::json& entry, const nlohmann::json& versions) {
  const auto& version = member(entry, "version");
  if (version.is_string()) return version.get<std::string>();
  const std::string ref = text_member(version, "ref");
  const auto& found = ref.empty() ? version : member(versions, ref.c_str());
  if (found.is_string()) return found.get<std::string>();
  for (const char* key : {"strictly", "require", "prefer"})
    if (std::string text = text_member(found, key); !text.empty()) return text;
  return {};
}

void parse_catalogue(std::string_view bytes, Manifest& manifest) {
  const auto document = parse_toml(bytes);
  if (!document) {
    manifest.notes.push_back("it is not TOML: " + document.error().message());
    return;
  }
  const auto& versions = member(*document, "versions");
  const auto take = [&](const char* table, const char* key, DependencyScope scope) {
    const auto& list = member(*document, table);
    if (!list.is_object()) return;
    for (const auto& entry : list) {
      std::string name = entry.is_string() ? entry.get<std::string>() : text_member(entry, key);
      std::string range = version_of(entry, versions);
      if (entry.is_string()) {
        const auto colon = name.rfind(':');
        if (colon == name.npos) continue;
        range = name.substr(colon + 1);
        name.resize(colon);
      } else if (name.empty()) {
        name = text_member(entry, "group") + ":" + text_member(entry, "name");
      }
      if (name != ":") manifest.dependencies.push_back({std::move(name), std::move(range), scope});
    }
  };
  take("libraries", "module", DependencyScope::runtime);
  take("plugins", "id", DependencyScope::build);
}

}  // namespace

void parse_gradle(std::string_view bytes, Manifest& manifest) {
  if (manifest.path.ends_with(".toml"))
    parse_catalogue(bytes, manifest);
  else
    Gradle(bytes, manifest).read();
}

}  // namespace skein::repo
