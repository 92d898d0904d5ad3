#include "agents/prices.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/embedded.h"
#include "text/toml.h"

namespace skein::agent_prices::data {
std::span<const EmbeddedFile> files();
}

namespace skein::agents {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kMostPrice = 1'000'000'000;  // $1,000 for a million tokens: sums stay in 64 bits.
constexpr std::array<std::string_view, 6> kFields{"input",  "cached",     "cache_write", "cache_write_hour",
                                                  "output", "most_output"};

std::int64_t rounded_up(std::int64_t amount) { return (amount + kMillion - 1) / kMillion; }

/// "-20250805" or "-2025-08-05".
bool is_date(std::string_view text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0)
      ++digits;
    else if (c != '-')
      return false;
  }
  return digits == 8 && text.starts_with('-') && (text.size() == 9 || text.size() == 11);
}

}  // namespace

std::int64_t Price::worst_input() const { return std::max({input, cached, cache_write, cache_write_hour}); }

MicroDollars Price::of(const TokenUsage& usage) const {
  const auto part = [](Tokens tokens, std::int64_t price) { return tokens.value * price; };
  return {rounded_up(part(usage.input, input) + part(usage.cached, cached) + part(usage.cache_write, cache_write) +
                     part(usage.cache_write_hour, cache_write_hour) + part(usage.output, output))};
}

MicroDollars Price::worst(Tokens input_tokens, Tokens output_tokens) const {
  return {rounded_up(input_tokens.value * worst_input() + output_tokens.value * output)};
}

Status PriceTable::add(std::string_view toml, const std::string& origin) {
  const auto document = text::parse_toml(toml);
  if (!document)
    return fail(Code::invalid_argument, "{}:{}: this is not TOML: {}", origin, document.error().line,
                document.error().reason);
  const auto wrong = [&](const toml::node& node, std::string_view what) {
    return fail(Code::invalid_argument, "{}:{}: {}", origin, node.source().begin.line, what);
  };
  for (const char* needed : {"date", "source"})
    if (document->get(needed) == nullptr || !document->get(needed)->is_string())
      return fail(Code::invalid_argument, "{}: \"{}\" is needed, as a text", origin, needed);
  for (const auto& [key, value] : *document)
    if (key.str() != "date" && key.str() != "source" && key.str() != "models")
      return wrong(value, fmt::format("unknown key \"{}\"", key.str()));
  const toml::table* models = document->get_as<toml::table>("models");
  if (models == nullptr) return fail(Code::invalid_argument, "{}: \"models\" is needed, a table", origin);
  for (const auto& [name, node] : *models) {
    const toml::table* fields = node.as_table();
    if (fields == nullptr) return wrong(node, fmt::format("\"{}\" is a table", name.str()));
    Price price;
    for (const auto& [key, value] : *fields) {
      const auto* number = value.as_integer();
      if (number == nullptr || number->get() < 0 || number->get() > kMostPrice)
        return wrong(value, fmt::format("\"{}\" is a whole number of micro-dollars for a million tokens", key.str()));
      const auto field = std::ranges::find(kFields, key.str());
      if (field == kFields.end()) return wrong(value, fmt::format("unknown key \"{}\"", key.str()));
      const std::array<std::int64_t*, 6> places{
          &price.input, &price.cached, &price.cache_write, &price.cache_write_hour, &price.output, &price.most_output};
      *places.at(static_cast<std::size_t>(field - kFields.begin())) = number->get();
    }
    for (const char* needed : {"input", "output"})
      if (fields->get(needed) == nullptr) return wrong(node, fmt::format("\"{}\" is needed", needed));
    // What a provider has no price of its own for costs as the rest of the input.
    if (fields->get("cached") == nullptr) price.cached = price.input;
    if (fields->get("cache_write") == nullptr) price.cache_write = price.input;
    if (fields->get("cache_write_hour") == nullptr) price.cache_write_hour = price.cache_write;
    models_.insert_or_assign(std::string(name.str()), price);
  }
  return {};
}

Result<PriceTable> PriceTable::load(FileSystem& files, const std::string& folder) {
  PriceTable table;
  for (const EmbeddedFile& file : agent_prices::data::files()) SKEIN_DO(table.add(file.bytes, std::string(file.path)));
  const auto entries = files.list(folder);
  if (!entries) {
    if (entries.error().code() == Code::not_found) return table;
    return std::unexpected(entries.error());
  }
  for (const auto& [name, is_directory] : *entries) {
    if (!name.ends_with(".toml")) continue;
    SKEIN_TRY(const std::string text, read_file(files, join_path(folder, name)));
    SKEIN_DO(table.add(text, join_path(folder, name)));
  }
  return table;
}

const Price* PriceTable::find(std::string_view model) const {
  if (const auto exact = models_.find(model); exact != models_.end()) return &exact->second;
  for (const std::size_t dated : {std::size_t{9}, std::size_t{11}}) {
    if (model.size() <= dated || !is_date(model.substr(model.size() - dated))) continue;
    if (const auto found = models_.find(model.substr(0, model.size() - dated)); found != models_.end())
      return &found->second;
  }
  return nullptr;
}

}  // namespace skein::agents
