// The languages that skein knows, each a folder of data in data/languages: how its files are recognised, what its
// comments look like, and which nodes of its grammar are symbols and imports.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/embedded.h"
#include "base/result.h"

namespace skein::repo {

struct LanguageSpec;  // language_spec.h
class Rules;          // rules.h

/// One language. Immutable; its data is parsed whole and its rules are compiled when first used, by one thread.
class Language {
 public:
  /// `head`: its data up to the first table but claims. `data`: all of it, sound, and there as long as this is.
  Language(std::unique_ptr<const LanguageSpec> head, std::string_view data, const Digest& digest);
  ~Language();
  Language(const Language&) = delete;
  Language& operator=(const Language&) = delete;

  [[nodiscard]] const std::string& id() const;    ///< The name of its folder: "cpp".
  [[nodiscard]] const std::string& name() const;  ///< For people: "C++".
  /// False for a language whose lines are counted and nothing else.
  [[nodiscard]] bool has_grammar() const;
  /// Of everything that shapes the facts of its files: kFactsVersion, its data, the version of its grammar.
  [[nodiscard]] const Digest& digest() const { return digest_; }
  /// Only what says which files are its own: `claims` and the keys before the first table.
  [[nodiscard]] const LanguageSpec& head() const { return *head_; }
  [[nodiscard]] const LanguageSpec& spec() const;
  /// Its data compiled against its grammar. Errors: `internal` where the data names what the grammar lacks.
  [[nodiscard]] const Result<Rules>& rules() const;

 private:
  std::unique_ptr<const LanguageSpec> head_;
  std::string_view data_;
  Digest digest_;
  mutable std::once_flag parsed_;
  mutable std::unique_ptr<const LanguageSpec> spec_;  // Set once, under parsed_.
  mutable std::once_flag compiled_;
  mutable std::unique_ptr<Result<Rules>> rules_;  // Set once, under compiled_.
};

/// All languages. Immutable and thread-safe.
class Languages {
 public:
  /// How many first bytes of a file can change the choice of its language.
  static constexpr std::size_t kWindow = 64 * 1024;

  /// How much of the data is parsed at once. What is wrong in the rest ends the program when it is first used.
  enum class Depth : std::uint8_t { heads, whole };
  /// Reads the data of all languages: files named "<id>/language.toml", whose bytes must outlive them.
  /// Errors: `invalid_argument`, naming the file and what is wrong in it.
  [[nodiscard]] static Result<Languages> parse(std::span<const EmbeddedFile> files, Depth depth = Depth::whole);

  /// By the file's name, its extension, then the interpreter of its "#!" line. Where languages share an extension
  /// (".h") the first bytes decide. `start`: the first kWindow bytes, or all. Nothing for a file of no known language.
  [[nodiscard]] const Language* by_path_and_content(std::string_view path, std::string_view start) const;
  [[nodiscard]] const Language* by_id(std::string_view id) const;
  /// Sorted by id.
  [[nodiscard]] std::span<const std::unique_ptr<const Language>> all() const { return all_; }
  /// Of all of them: changes when the language of some file might.
  [[nodiscard]] const Digest& digest() const { return digest_; }

 private:
  struct Claim {
    std::string_view name;  ///< An extension, file name or interpreter, owned by its language.
    const Language* language;
  };
  [[nodiscard]] static const Language* find(const std::vector<Claim>& claims, std::string_view name);

  std::vector<std::unique_ptr<const Language>> all_;
  std::vector<Claim> extensions_, files_, interpreters_;  // Sorted by name.
  std::vector<Claim> disputes_;                           // Extensions that the content may give to another language.
  Digest digest_;
};

/// The languages of this binary, read when first asked for; they live as long as the program.
[[nodiscard]] const Languages& builtin_languages();

}  // namespace skein::repo
