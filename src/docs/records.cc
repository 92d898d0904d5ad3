#include "docs/records.h"

#include "base/bytes.h"
#include "docs/text_list.h"

namespace skein::docs {
namespace {

using docs::put;

// A change of any layout is a change of kRecordsVersion, which is part of every key (site_plan.cc).

void put(ByteWriter& out, const Statement& statement) {
  out.text(statement.text).u8(statement.inferred ? 1 : 0).text(statement.from);
}

Statement take_statement(ByteReader& in) {
  Statement statement;
  statement.text = in.text();
  statement.inferred = in.u8() != 0;
  statement.from = in.text();
  return statement;
}

void put(ByteWriter& out, const std::vector<ModuleUse>& uses) {
  out.varint(uses.size());
  for (const auto& use : uses) out.text(use.path).varint(use.imports).u8(use.page ? 1 : 0);
}

std::vector<ModuleUse> take_uses(ByteReader& in) {
  std::vector<ModuleUse> uses(in.count(3));
  for (auto& use : uses) {
    use.path = in.text();
    use.imports = in.varint();
    use.page = in.u8() != 0;
  }
  return uses;
}

/// Reads past it where `file` is null.
void take_file_links(ByteReader& in, FolderLinks::File* file) {
  const auto language = in.text();
  const auto signs = in.u8();
  auto imports = in.count();
  if (file != nullptr) {
    file->language = language;
    file->main = (signs & 1) != 0;
    file->script = (signs & 2) != 0;
    file->imports.reserve(imports);
  }
  for (; imports > 0; --imports) {
    auto targets = in.count(2);
    if (file != nullptr) file->imports.emplace_back().reserve(targets);
    for (; targets > 0; --targets) {
      const auto path = in.text();
      const auto flags = in.u8();
      if (file != nullptr) file->imports.back().push_back({std::string(path), (flags & 1) != 0, (flags & 2) != 0});
    }
  }
}

template <class T>
Result<T> finish(const ByteReader& in, T value, std::string_view what) {
  SKEIN_DO(in.finish(what));
  return value;
}

}  // namespace

std::string encode(const FileCard& card) {
  ByteWriter out;
  out.text(card.language).varint(card.lines).varint(card.symbols).varint(card.branches).u8(card.entry_point ? 1 : 0);
  out.text(card.summary).text(card.doc);
  return out.take();
}

Result<FileCard> decode_card(std::string_view bytes) {
  ByteReader in(bytes);
  FileCard card;
  card.language = in.text();
  card.lines = in.varint();
  card.symbols = in.varint();
  card.branches = in.varint();
  card.entry_point = in.u8() != 0;
  card.summary = in.text();
  card.doc = in.text();
  return finish(in, std::move(card), "a file's card");
}

std::string encode(const FileImports& file) {
  ByteWriter out;
  out.text(file.language).u8((file.main ? 1 : 0) | (file.script ? 2 : 0)).varint(file.imports.size());
  for (const auto& import : file.imports) {
    out.text(import.target).varint(import.line).u8(import.relative ? 1 : 0);
    put(out, import.names);
  }
  out.text(file.marks);
  return out.take();
}

Result<FileImports> decode_imports(std::string_view bytes) {
  ByteReader in(bytes);
  FileImports file;
  file.language = in.text();
  const auto flags = in.u8();
  file.main = (flags & 1) != 0;
  file.script = (flags & 2) != 0;
  file.imports.resize(in.count(4));
  for (auto& import : file.imports) {
    import.target = in.text();
    import.line = static_cast<std::uint32_t>(in.varint());
    import.relative = in.u8() != 0;
    import.names = take_texts(in);
  }
  file.marks = in.text();
  return finish(in, std::move(file), "a file's imports");
}

std::string encode(const FolderLinks& links) {
  ByteWriter out;
  out.varint(links.files.size());
  for (const auto& file : links.files) {
    out.text(file.language).u8((file.main ? 1 : 0) | (file.script ? 2 : 0)).varint(file.imports.size());
    for (const auto& targets : file.imports) {
      out.varint(targets.size());
      for (const auto& target : targets) out.text(target.path).u8((target.page ? 1 : 0) | (target.folder_page ? 2 : 0));
    }
  }
  put(out, links.external);
  return out.take();
}

Result<FolderLinks> decode_links(std::string_view bytes) {
  ByteReader in(bytes);
  FolderLinks links;
  links.files.resize(in.count(3));
  for (auto& file : links.files) take_file_links(in, &file);
  links.external = take_texts(in);
  return finish(in, std::move(links), "a folder's links");
}

Result<FolderLinks::File> decode_links_of(std::string_view bytes, std::size_t position) {
  ByteReader in(bytes);
  if (position >= in.count(3)) return fail(Code::internal, "a folder's links do not fit its files");
  for (std::size_t i = 0; i < position; ++i) take_file_links(in, nullptr);
  FolderLinks::File file;
  take_file_links(in, &file);
  if (!in.ok()) return fail(Code::data_corrupt, "a folder's links are damaged");
  return file;
}

std::string encode(const FolderUsers& users) {
  ByteWriter out;
  out.varint(users.files.size());
  for (const auto& file : users.files) {
    put(out, file.users);
    out.varint(file.total);
  }
  put(out, users.uses);
  put(out, users.used_by);
  return out.take();
}

Result<FolderUsers> decode_users(std::string_view bytes) {
  ByteReader in(bytes);
  FolderUsers users;
  users.files.resize(in.count(2));
  for (auto& file : users.files) {
    file.users = take_texts(in);
    file.total = in.varint();
  }
  users.uses = take_uses(in);
  users.used_by = take_uses(in);
  return finish(in, std::move(users), "a folder's users");
}

Result<FolderUsers::File> decode_users_of(std::string_view bytes, std::size_t position) {
  ByteReader in(bytes);
  if (position >= in.count(2)) return fail(Code::internal, "a folder's users do not fit its files");
  for (std::size_t i = 0; i < position; ++i) {
    for (auto left = in.count(); left > 0; --left) (void)in.text();
    (void)in.varint();
  }
  FolderUsers::File file;
  file.users = take_texts(in);
  file.total = in.varint();
  if (!in.ok()) return fail(Code::data_corrupt, "a folder's users are damaged");
  return file;
}

std::string encode(const Tally& tally) {
  ByteWriter out;
  put(out, tally.purpose);
  out.varint(tally.counts.folders).varint(tally.counts.files).varint(tally.counts.lines);
  out.varint(tally.counts.bytes).varint(tally.counts.symbols).varint(tally.languages.size());
  for (const auto& [id, count] : tally.languages)
    out.text(id).text(count.name).varint(count.files).varint(count.lines).varint(count.bytes);
  out.varint(tally.complex.size());
  for (const auto& file : tally.complex) out.text(file.path).varint(file.branches);
  return out.take();
}

Result<Tally> decode_tally(std::string_view bytes) {
  ByteReader in(bytes);
  Tally tally;
  tally.purpose = take_statement(in);
  tally.counts.folders = in.varint();
  tally.counts.files = in.varint();
  tally.counts.lines = in.varint();
  tally.counts.bytes = in.varint();
  tally.counts.symbols = in.varint();
  const std::size_t languages = in.count(5);
  for (std::size_t i = 0; i < languages; ++i) {
    std::string id(in.text());
    auto& count = tally.languages[std::move(id)];
    count.name = in.text();
    count.files = in.varint();
    count.lines = in.varint();
    count.bytes = in.varint();
  }
  tally.complex.resize(in.count(2));
  for (auto& file : tally.complex) {
    file.path = in.text();
    file.branches = in.varint();
  }
  return finish(in, std::move(tally), "a folder's tally");
}

}  // namespace skein::docs
