// How fast tokens are counted, beside npm's gpt-tokenizer on the same text in the same run, each in a fresh process or
// on a text that it has not met; and whether both count the same on every line. The corpus is what Debian has put here:
// Python's library (code), documentation of packages and of this project (prose), and translations (scripts).
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/harness/bench.h"
#include "bench/harness/processes.h"
#include "text/tokens.h"

namespace {

using namespace skein;
namespace fs = std::filesystem;

constexpr std::size_t kPartBytes = 10'000'000;

std::string read(const fs::path& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(bytes).str();
}

bool is_plain_utf8(const std::string& text) {
  // What is no UTF-8 is written otherwise by both; the peer reads it through a decoder.
  return text::decode_tokens(text::encode_tokens(text)) == text;
}

/// Files below `root` with one of the extensions, in order, one after the other.
std::string gathered(const std::vector<std::string>& roots, const std::vector<std::string>& extensions) {
  std::string all;
  for (const auto& root : roots) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::recursive_directory_iterator at(root, fs::directory_options::skip_permission_denied, error), end;
         !error && at != end; at.increment(error))
      if (at->is_regular_file(error) && !at->is_symlink(error) &&
          std::ranges::find(extensions, at->path().extension().string()) != extensions.end())
        files.push_back(at->path());
    std::ranges::sort(files);
    for (const auto& file : files) {
      if (all.size() >= kPartBytes) return all;
      const std::string text = read(file);
      if (text.size() < 2'000'000 && is_plain_utf8(text)) all += text;
    }
  }
  return all;
}

/// Translations into languages of many scripts, out of gettext's catalogues (.mo) that Debian's packages bring.
std::string scripts() {
  std::string all;
  for (const char* language :
       {"ar", "el", "he", "hi", "ja", "ko", "ru", "th", "vi", "zh_CN", "zh_TW", "fr", "de", "uk", "ta"}) {
    std::vector<fs::path> files;
    std::error_code error;
    for (fs::directory_iterator at(fs::path("/usr/share/locale") / language / "LC_MESSAGES", error), end;
         !error && at != end; at.increment(error))
      files.push_back(at->path());
    std::ranges::sort(files);
    for (const auto& file : files) {
      const std::string bytes = read(file);
      const auto word = [&](std::size_t at) {
        std::uint32_t value = 0;
        if (at + 4 <= bytes.size()) std::memcpy(&value, bytes.data() + at, 4);
        return value;
      };
      if (word(0) != 0x950412de) continue;
      for (std::uint32_t i = 1; i < word(8); ++i) {
        const std::size_t size = word(word(16) + 8 * i), offset = word(word(16) + 8 * i + 4);
        if (offset + size > bytes.size()) break;
        const std::string text = bytes.substr(offset, size) + "\n";
        if (!text.contains('\0') && is_plain_utf8(text)) all += text;
      }
    }
  }
  return all;
}

std::string script() {
  const char* source = std::getenv("SKEIN_BENCH_SOURCE");
  return std::string(source != nullptr ? source : ".") + "/bench/text/tokens_gpt_tokenizer.mjs";
}

/// Lines whose counts differ from the peer's; -1 where it could not be asked.
double differing_lines(const std::string& encoding_name, text::TokenEncoding encoding, const std::string& file,
                       const std::string& text, std::size_t& lines) {
  const auto theirs = bench::output_of({"node", script(), encoding_name, file, "lines"});
  if (!theirs) return -1;
  std::istringstream counts(*theirs);
  double differing = 0;
  std::int64_t count = 0;
  lines = 0;
  for (std::size_t at = 0; at <= text.size() && counts >> count; ++lines) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (text::count_tokens(std::string_view(text).substr(at, end - at), encoding).value != count) ++differing;
    at = end + 1;
  }
  return differing;
}

}  // namespace

int main(int argc, char** argv) {
  bench::Report report(argc, argv);
  if (!report.wants("text.tokens")) return report.finish();
  const std::string folder = bench::trees_folder() + "/tokens";
  fs::create_directories(folder);
  const char* source = std::getenv("SKEIN_BENCH_SOURCE");
  const std::string project = source != nullptr ? source : ".";
  std::vector<std::pair<std::string, std::string>> parts{
      {"code", gathered({"/usr/lib/python3.11", project + "/src"}, {".py", ".cc", ".h"})},
      {"prose",
       gathered({project + "/docs", "/usr/share/doc", "/usr/share/perl"}, {".md", ".txt", ".rst", ".pod", ""})},
      {"scripts", scripts()}};
  std::size_t all_lines = 0;
  double all_differing = 0, all_bytes = 0;
  for (const auto& [name, text] : parts) {
    if (text.size() < 100'000) continue;
    all_bytes += static_cast<double>(text.size());
    const std::string file = folder + "/" + name + ".txt";
    std::ofstream(file, std::ios::binary).write(text.data(), static_cast<std::streamsize>(text.size()));
    // Cold: a text of which nothing is remembered. Pages of the tables are touched first, as a long run would have.
    bench::keep(text::count_tokens("one line\n").value);
    std::int64_t tokens = 0;
    const double megabytes = static_cast<double>(text.size()) / 1e6;
    const double first = bench::seconds([&] { tokens = text::count_tokens(text).value; });
    report.figure("text.tokens." + name + ".cold", megabytes / first, "MB/s", bench::Op::at_least, 40);
    report.note("text.tokens." + name + ".bytes_per_token",
                static_cast<double>(text.size()) / static_cast<double>(tokens), "bytes");
    if (const auto peer = bench::output_of({"node", script(), "o200k_base", file, "whole"})) {
      std::istringstream line(*peer);
      std::int64_t their_tokens = 0;
      double their_seconds = 0;
      line >> their_tokens >> their_seconds;
      report.peer("text.tokens." + name + ".cold", megabytes / their_seconds, "MB/s", "gpt-tokenizer 4.0.0");
      report.figure("text.tokens." + name + ".of_peer", their_seconds / first, "x", bench::Op::at_least, 8);
      report.figure("text.tokens." + name + ".differs_whole", static_cast<double>(std::llabs(their_tokens - tokens)),
                    "tokens", bench::Op::at_most, 0);
    }
    for (const auto encoding : {text::TokenEncoding::o200k_base, text::TokenEncoding::cl100k_base}) {
      std::size_t lines = 0;
      const double differing = differing_lines(
          encoding == text::TokenEncoding::o200k_base ? "o200k_base" : "cl100k_base", encoding, file, text, lines);
      if (differing < 0) continue;
      all_lines += lines;
      all_differing += differing;
    }
  }
  report.note("text.tokens.corpus", all_bytes / 1e6, "MB");
  report.note("text.tokens.lines_compared", static_cast<double>(all_lines), "lines");
  if (all_lines > 0) report.figure("text.tokens.lines_differing", all_differing, "lines", bench::Op::at_most, 0);
  const std::string one_letter(50'000, 'a');
  report.figure("text.tokens.one_letter",
                1e3 * bench::median_seconds(5, [&] { bench::keep(text::count_tokens(one_letter).value); }), "ms",
                bench::Op::at_most, 50);
  return report.finish();
}
