#include "docs/records.h"

#include "base/bytes.h"

namespace skein::docs {
namespace {

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

void put(ByteWriter& out, const std::vector<std::string>& texts) {
  out.varint(texts.size());
  for (const auto& text : texts) out.text(text);
}

std::vector<std::string> take_texts(ByteReader& in) {
  std::vector<std::string> texts(in.count());
  for (auto& text : texts) text = in.text();
  return texts;
}

void put(ByteWriter& out, const std::vector<ModuleUse>& uses) {
  out.varint(uses.size());
  for (const auto& use : uses) out.text(use.path).varint(use.imports);
}

std::vector<ModuleUse> take_uses(ByteReader& in) {
  std::vector<ModuleUse> uses(in.count(2));
  for (auto& use : uses) {
    use.path = in.text();
    use.imports = in.varint();
  }
  return uses;
}

template <class T>
Result<T> finish(const ByteReader& in, T value, std::string_view what) {
  SKEIN_DO(in.finish(what));
  return value;
}

}  // namespace

std::string encode(const FileCard& card) {
  ByteWriter out;
  out.text(card.language).varint(card.lines).varint(card.symbols).u8(card.entry_point ? 1 : 0);
  out.text(card.summary).text(card.doc);
  return out.take();
}

Result<FileCard> decode_card(std::string_view bytes) {
  ByteReader in(bytes);
  FileCard card;
  card.language = in.text();
  card.lines = in.varint();
  card.symbols = in.varint();
  card.entry_point = in.u8() != 0;
  card.summary = in.text();
  card.doc = in.text();
  return finish(in, std::move(card), "a file's card");
}

std::string encode(const FileImports& file) {
  ByteWriter out;
  out.text(file.language).varint(file.imports.size());
  for (const auto& import : file.imports) {
    out.text(import.target).varint(import.line).u8(import.relative ? 1 : 0);
    put(out, import.names);
  }
  return out.take();
}

Result<FileImports> decode_imports(std::string_view bytes) {
  ByteReader in(bytes);
  FileImports file;
  file.language = in.text();
  file.imports.resize(in.count(4));
  for (auto& import : file.imports) {
    import.target = in.text();
    import.line = static_cast<std::uint32_t>(in.varint());
    import.relative = in.u8() != 0;
    import.names = take_texts(in);
  }
  return finish(in, std::move(file), "a file's imports");
}

std::string encode(const FolderLinks& links) {
  ByteWriter out;
  out.varint(links.files.size());
  for (const auto& file : links.files) {
    out.varint(file.size());
    for (const auto& targets : file) {
      out.varint(targets.size());
      for (const auto& target : targets) out.text(target.path).u8((target.page ? 1 : 0) | (target.folder_page ? 2 : 0));
    }
  }
  return out.take();
}

Result<FolderLinks> decode_links(std::string_view bytes) {
  ByteReader in(bytes);
  FolderLinks links;
  links.files.resize(in.count());
  for (auto& file : links.files) {
    file.resize(in.count());
    for (auto& targets : file) {
      targets.resize(in.count(2));
      for (auto& target : targets) {
        target.path = in.text();
        const auto flags = in.u8();
        target.page = (flags & 1) != 0;
        target.folder_page = (flags & 2) != 0;
      }
    }
  }
  return finish(in, std::move(links), "a folder's links");
}

std::string encode(const FolderUsers& users) {
  ByteWriter out;
  out.varint(users.files.size());
  for (const auto& file : users.files) {
    put(out, file.users);
    out.varint(file.total);
  }
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
  users.used_by = take_uses(in);
  return finish(in, std::move(users), "a folder's users");
}

std::string encode(const std::vector<ModuleUse>& uses) {
  ByteWriter out;
  put(out, uses);
  return out.take();
}

Result<std::vector<ModuleUse>> decode_uses(std::string_view bytes) {
  ByteReader in(bytes);
  auto uses = take_uses(in);
  return finish(in, std::move(uses), "a list of uses");
}

std::string encode(const Tally& tally) {
  ByteWriter out;
  put(out, tally.purpose);
  out.varint(tally.counts.folders).varint(tally.counts.files).varint(tally.counts.lines);
  out.varint(tally.counts.bytes).varint(tally.counts.symbols).varint(tally.languages.size());
  for (const auto& [id, count] : tally.languages)
    out.text(id).text(count.name).varint(count.files).varint(count.lines).varint(count.bytes);
  put(out, tally.entry_points);
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
  tally.entry_points = take_texts(in);
  return finish(in, std::move(tally), "a folder's tally");
}

}  // namespace skein::docs
