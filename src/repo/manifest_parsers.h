// One parser a format, each in a file of its own; `parse_manifest` chooses. All take any bytes and note what they
// cannot read.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "repo/manifest.h"

namespace skein::repo {

void parse_npm(std::string_view bytes, Manifest& manifest);
void parse_pyproject(std::string_view bytes, Manifest& manifest);
void parse_setup_cfg(std::string_view bytes, Manifest& manifest);
void parse_requirements(std::string_view bytes, Manifest& manifest);
void parse_cargo(std::string_view bytes, Manifest& manifest);
void parse_go_mod(std::string_view bytes, Manifest& manifest);
void parse_cmake(std::string_view bytes, Manifest& manifest);
void parse_makefile(std::string_view bytes, Manifest& manifest);
void parse_dockerfile(std::string_view bytes, Manifest& manifest);
/// `read` may be empty; so below.
void parse_maven(std::string_view bytes, const ReadManifestFile& read, Manifest& manifest);
void parse_gradle(std::string_view bytes, Manifest& manifest);
void parse_ruby(std::string_view bytes, Manifest& manifest);
void parse_rakefile(std::string_view bytes, Manifest& manifest);
void parse_composer(std::string_view bytes, Manifest& manifest);
void parse_dotnet(std::string_view bytes, Manifest& manifest);
void parse_compose(std::string_view bytes, Manifest& manifest);
void parse_github(std::string_view bytes, Manifest& manifest);
void parse_gitlab(std::string_view bytes, const ReadManifestFile& read, Manifest& manifest);

/// The member of an object, or null: for values of any type.
[[nodiscard]] const nlohmann::json& member(const nlohmann::json& object, const char* key);
/// A member's text; empty where it is none.
[[nodiscard]] std::string text_member(const nlohmann::json& object, const char* key);

/// The object that a JSON manifest is, with its name, description and version taken; null with a note where it is none.
[[nodiscard]] nlohmann::json json_manifest(std::string_view bytes, Manifest& manifest);
/// Takes an object of names and ranges; what is no object has none.
void take_ranges(const nlohmann::json& list, DependencyScope scope, Manifest& manifest);

/// Without white space at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);
/// Takes the first line off `text`, without its "\n" or "\r\n".
[[nodiscard]] std::string_view take_line(std::string_view& text);

}  // namespace skein::repo
