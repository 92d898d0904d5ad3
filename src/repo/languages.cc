#include "repo/languages.h"

#include <algorithm>

#include "base/check.h"
#include "repo/grammars.h"
#include "repo/language_spec.h"
#include "repo/rules.h"

namespace skein::repo_languages::data {
std::span<const EmbeddedFile> files();
}

namespace skein::repo {
namespace {

const Grammar* find_grammar(std::string_view name) {
  for (const auto& grammar : grammars()) {
    if (grammar.name == name) return &grammar;
  }
  return nullptr;
}

std::string_view base_name(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// "python3" of "#!/usr/bin/env -S python3 -u" and of "#!/usr/bin/python3"; nothing without such a line.
std::string_view interpreter(std::string_view start) {
  if (!start.starts_with("#!")) return {};
  std::string_view line = start.substr(2, std::min<std::size_t>(start.find('\n'), 256) - 2);
  const auto next_word = [&line] {
    const auto from = std::min(line.find_first_not_of(" \t\r"), line.size());
    line.remove_prefix(from);
    const auto word = line.substr(0, line.find_first_of(" \t\r"));
    line.remove_prefix(word.size());
    return word;
  };
  std::string_view word = base_name(next_word());
  if (word == "env") {
    do {
      word = next_word();
    } while (word.starts_with('-') || word.find('=') != std::string_view::npos);
  }
  return base_name(word);
}

/// The lines of `text` that are not comments, roughly: enough to tell C++ from C.
template <class Body>
bool any_code_line(std::string_view text, Body body) {
  bool in_block = false;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    if (in_block) {
      const auto close = line.find("*/");
      in_block = close == std::string_view::npos;
      continue;
    }
    if (line.starts_with("//")) continue;
    if (const auto open = line.find("/*"); open != std::string_view::npos) {
      in_block = line.find("*/", open + 2) == std::string_view::npos;
      line = line.substr(0, open);
    }
    if (!line.empty() && body(line)) return true;
  }
  return false;
}

bool claimed(const LanguageSpec& spec, std::string_view extension, std::string_view start) {
  for (const auto& claim : spec.claims) {
    if (claim.extension != extension) continue;
    if (any_code_line(start, [&](std::string_view line) {
          return std::ranges::any_of(claim.line_starts, [&](const auto& text) { return line.starts_with(text); }) ||
                 std::ranges::any_of(claim.contains, [&](const auto& text) { return line.contains(text); });
        })) {
      return true;
    }
  }
  return false;
}

}  // namespace

Language::Language(std::unique_ptr<const LanguageSpec> head, std::string_view data, const Digest& digest)
    : head_(std::move(head)), data_(data), digest_(digest) {}
Language::~Language() = default;

const std::string& Language::id() const { return head_->id; }
const std::string& Language::name() const { return head_->name; }
bool Language::has_grammar() const { return !head_->grammar.empty(); }

const LanguageSpec& Language::spec() const {
  std::call_once(parsed_, [this] {
    auto spec = parse_language(data_);
    if (!spec) check_failed(spec.error().to_string(), __FILE__, __LINE__);
    spec_ = std::make_unique<const LanguageSpec>(std::move(*spec));
  });
  return *spec_;
}

const Result<Rules>& Language::rules() const {
  std::call_once(compiled_, [this] {
    const Grammar* grammar = find_grammar(head_->grammar);
    rules_ =
        std::make_unique<Result<Rules>>(grammar == nullptr ? fail(Code::internal, "no grammar \"{}\"", head_->grammar)
                                                           : Rules::compile(spec(), grammar->language()));
  });
  return *rules_;
}

Result<Languages> Languages::parse(std::span<const EmbeddedFile> files, Depth depth) {
  Languages out;
  for (const auto& file : files) {
    if (base_name(file.path) != "language.toml") continue;
    auto spec = parse_language(depth == Depth::heads ? language_head(file.bytes) : file.bytes);
    if (!spec) return pass(spec.error(), fmt::format("in data/languages/{}", file.path));
    if (file.path != spec->id + "/language.toml") {
      return fail(Code::invalid_argument, "data/languages/{} has the id \"{}\"", file.path, spec->id);
    }
    Hasher hasher;
    hasher.field(kFactsVersion).field(file.bytes);
    if (const Grammar* grammar = find_grammar(spec->grammar)) hasher.field(grammar->version);
    out.all_.push_back(std::make_unique<const Language>(std::make_unique<const LanguageSpec>(std::move(*spec)),
                                                        file.bytes, hasher.finish()));
  }
  std::ranges::sort(out.all_, {}, [](const auto& language) -> const std::string& { return language->id(); });
  Hasher hasher;
  for (const auto& language : out.all_) {
    hasher.field(language->id()).field(language->digest());
    const auto& spec = language->head();
    for (const auto& name : spec.extensions) out.extensions_.push_back({name, language.get()});
    for (const auto& name : spec.files) out.files_.push_back({name, language.get()});
    for (const auto& name : spec.interpreters) out.interpreters_.push_back({name, language.get()});
    for (const auto& claim : spec.claims) out.disputes_.push_back({claim.extension, language.get()});
  }
  out.digest_ = hasher.finish();
  for (auto* claims : {&out.extensions_, &out.files_, &out.interpreters_, &out.disputes_}) {
    std::ranges::sort(*claims, [](const Claim& a, const Claim& b) {
      return a.name != b.name ? a.name < b.name : a.language->id() < b.language->id();
    });
  }
  return out;
}

const Language* Languages::find(const std::vector<Claim>& claims, std::string_view name) {
  const auto found = std::ranges::lower_bound(claims, name, {}, &Claim::name);
  return found != claims.end() && found->name == name ? found->language : nullptr;
}

const Language* Languages::by_path_and_content(std::string_view path, std::string_view start) const {
  start = start.substr(0, kWindow);
  const std::string_view file = base_name(path);
  if (const Language* language = find(files_, file)) return language;
  const auto dot = file.rfind('.');
  if (dot != std::string_view::npos && dot > 0) {
    std::string extension(file.substr(dot + 1));
    const Language* owner = find(extensions_, extension);
    if (owner == nullptr) {  // ".PY", but ".C" is not ".c".
      std::ranges::transform(extension, extension.begin(),
                             [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
      owner = find(extensions_, extension);
    }
    for (const auto& [name, language] :
         std::ranges::equal_range(disputes_, std::string_view(extension), {}, &Claim::name)) {
      if (claimed(language->head(), extension, start)) return language;
    }
    if (owner != nullptr) return owner;  // Else a name with a dot: "common.postinst".
  }
  std::string_view program = interpreter(start);
  if (program.empty()) return nullptr;
  if (const Language* language = find(interpreters_, program)) return language;
  const auto end = program.find_last_not_of("0123456789.");  // "python3.11"
  return end == std::string_view::npos ? nullptr : find(interpreters_, program.substr(0, end + 1));
}

const Language* Languages::by_id(std::string_view id) const {
  const auto found = std::ranges::find_if(all_, [&](const auto& language) { return language->id() == id; });
  return found == all_.end() ? nullptr : found->get();
}

const Languages& builtin_languages() {
  static const Languages languages = [] {
    auto parsed = Languages::parse(repo_languages::data::files(), Languages::Depth::heads);
    if (!parsed) check_failed(parsed.error().to_string(), __FILE__, __LINE__);
    return std::move(*parsed);
  }();
  return languages;
}

}  // namespace skein::repo
