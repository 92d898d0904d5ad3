#include "agents/provider.h"

#include <algorithm>
#include <array>
#include <map>

#include <sys/stat.h>
#include <unistd.h>

#include "base/embedded.h"
#include "base/process.h"
#include "net/http_proxy.h"
#include "text/toml.h"

namespace skein::agent_providers::data {
std::span<const EmbeddedFile> files();
}

namespace skein::agents {
namespace {

constexpr Millis kKeyCommandLimit{30'000};

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

Result<std::string> checked(std::string key, const Provider& provider) {
  key = trimmed(std::move(key));
  // It becomes a header's value.
  if (key.empty() || std::ranges::any_of(key, [](unsigned char c) { return c <= ' ' || c >= 0x7f; }))
    return fail(Code::failed_check, "the key of {} is empty, or holds what no key holds", provider.id);
  return key;
}

Result<std::string> key_of_file(const Provider& provider, std::string path, const Variables& environment) {
  if (path.starts_with("~/"))
    for (const auto& [name, value] : environment)
      if (name == "HOME") path = value + path.substr(1);
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0)
    return std::unexpected(system_error(errno, fmt::format("cannot read the key of {} in {}", provider.id, path)));
  if ((info.st_mode & 0077U) != 0 || info.st_uid != ::geteuid())
    return std::unexpected(
        Error(Code::permission_denied, fmt::format("others may read the key of {} in {}", provider.id, path))
            .or_do(fmt::format("chmod 600 {}", path)));
  const auto files = make_system_file_system();
  SKEIN_TRY(std::string key, read_file(*files, path));
  return checked(std::move(key), provider);
}

Result<std::string> key_of_command(const Provider& provider, const Variables& environment) {
  Command command;
  command.argv = provider.key.command;
  for (const auto& [name, value] : environment) command.environment.push_back(name + "=" + value);
  command.time_limit = kKeyCommandLimit;
  std::string key;
  command.on_output = [&](bool is_error, std::string_view bytes) {
    if (!is_error) key += bytes;
  };
  SKEIN_TRY(const ProcessOutcome outcome, make_system_process_runner()->run(command, {}));
  if (outcome.exit_code != 0)
    return fail(Code::failed_check, "the command for the key of {} ({}) ended with {}", provider.id,
                provider.key.command.front(), outcome.exit_code);
  return checked(std::move(key), provider);
}

class ProviderReader {
 public:
  ProviderReader(const toml::table& table, const std::string& origin) : table_(table), origin_(origin) {}

  Result<Provider> read() {
    static constexpr std::array<std::string_view, 6> kKeys{"id", "url", "dialects", "key", "output_limit", "free"};
    for (const auto& [key, value] : table_)
      if (std::ranges::find(kKeys, key.str()) == kKeys.end())
        wrong(value, fmt::format("unknown key \"{}\"", key.str()));
    take_text(table_, "id", provider_.id);
    take_text(table_, "url", provider_.url);
    take_text(table_, "output_limit", provider_.output_limit);
    if (const toml::node* node = table_.get("free")) {
      if (node->is_boolean())
        provider_.free = node->as_boolean()->get();
      else
        wrong(*node, "\"free\" is true or false");
    }
    std::vector<std::string> dialects;
    take_list(table_, "dialects", dialects);
    for (const std::string& name : dialects) {
      if (const auto dialect = parse_dialect(name))
        provider_.dialects.push_back(*dialect);
      else
        wrong(*table_.get("dialects"), fmt::format("unknown dialect \"{}\": \"openai-chat\", \"openai-responses\" and "
                                                   "\"anthropic-messages\" are known",
                                                   name));
    }
    if (const toml::node* node = table_.get("key")) read_key(*node);
    while (provider_.url.ends_with('/')) provider_.url.pop_back();
    if (error_.empty() && provider_.id.empty()) error_ = origin_ + ": \"id\" is needed";
    if (error_.empty() && !net::parse_url(provider_.url))
      error_ = origin_ + ": \"url\" is needed: http(s)://host[:port]/path, without a password";
    if (error_.empty() && provider_.dialects.empty()) error_ = origin_ + ": \"dialects\" is needed";
    if (error_.empty() && provider_.output_limit != "max_tokens" && provider_.output_limit != "max_completion_tokens")
      error_ = origin_ + ": \"output_limit\" is \"max_tokens\" or \"max_completion_tokens\"";
    if (!error_.empty())
      return std::unexpected(
          Error(Code::invalid_argument, error_).or_do("docs/agents.md shows every key of a provider's file"));
    provider_.origin = origin_;
    return std::move(provider_);
  }

 private:
  void wrong(const toml::node& node, const std::string& what) {
    if (error_.empty()) error_ = fmt::format("{}:{}: {}", origin_, node.source().begin.line, what);
  }
  void take_text(const toml::table& table, const char* key, std::string& into) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    if (!node->is_string()) return wrong(*node, fmt::format("\"{}\" is a text", key));
    into = node->as_string()->get();
  }
  void take_list(const toml::table& table, const char* key, std::vector<std::string>& into) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return;
    const auto* list = node->as_array();
    if (list == nullptr) return wrong(*node, fmt::format("\"{}\" is a list of texts", key));
    for (const toml::node& item : *list) {
      if (!item.is_string()) return wrong(item, fmt::format("\"{}\" is a list of texts", key));
      into.push_back(item.as_string()->get());
    }
  }
  void read_key(const toml::node& node) {
    const auto* key = node.as_table();
    if (key == nullptr || key->size() != 1)
      return wrong(node, "\"key\" is a table with one of environment, file and command");
    take_text(*key, "environment", provider_.key.environment);
    take_text(*key, "file", provider_.key.file);
    take_list(*key, "command", provider_.key.command);
    if (provider_.key.environment.empty() && provider_.key.file.empty() && provider_.key.command.empty())
      wrong(node, "\"key\" is a table with one of environment, file and command");
  }

  const toml::table& table_;
  const std::string& origin_;
  Provider provider_;
  std::string error_;
};

}  // namespace

bool Provider::speaks(Dialect dialect) const { return std::ranges::find(dialects, dialect) != dialects.end(); }

bool Provider::is_local() const {
  const auto parts = net::parse_url(url);
  return parts && net::is_this_machine(parts->host);
}

Result<Provider> parse_provider(std::string_view toml, std::string origin) {
  const auto document = text::parse_toml(toml);
  if (!document)
    return fail(Code::invalid_argument, "{}:{}: this is not TOML: {}", origin, document.error().line,
                document.error().reason);
  return ProviderReader(*document, origin).read();
}

Result<std::vector<Provider>> load_providers(FileSystem& files, const std::string& folder) {
  std::map<std::string, Provider> known;
  for (const EmbeddedFile& file : agent_providers::data::files()) {
    SKEIN_TRY(Provider provider, parse_provider(file.bytes, std::string(file.path)));
    known.insert_or_assign(provider.id, std::move(provider));
  }
  const auto entries = files.list(folder);
  if (!entries && entries.error().code() != Code::not_found) return std::unexpected(entries.error());
  if (entries)
    for (const auto& [name, is_directory] : *entries) {
      if (is_directory || !name.ends_with(".toml")) continue;
      SKEIN_TRY(const std::string text, read_file(files, join_path(folder, name)));
      SKEIN_TRY(Provider provider, parse_provider(text, join_path(folder, name)));
      known.insert_or_assign(provider.id, std::move(provider));
    }
  std::vector<Provider> all;
  for (auto& [id, provider] : known) all.push_back(std::move(provider));
  return all;
}

Result<std::string> find_key(const Provider& provider, const Variables& environment) {
  if (!provider.key.environment.empty()) {
    for (const auto& [name, value] : environment)
      if (name == provider.key.environment && !value.empty()) return checked(value, provider);
    return std::unexpected(
        Error(Code::not_found, fmt::format("the key of {} is not set", provider.id))
            .or_do(fmt::format("set {}, or name a file or command in the provider's file", provider.key.environment)));
  }
  if (!provider.key.file.empty()) return key_of_file(provider, provider.key.file, environment);
  if (!provider.key.command.empty()) return key_of_command(provider, environment);
  return std::string();
}

}  // namespace skein::agents
