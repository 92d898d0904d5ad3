#include "cli/report.h"

#include "engine/schema.h"
#include "text/printable.h"

namespace skein::cli {
namespace {

/// What can be done where the error itself does not say.
std::string_view usual_way_out(Code code) {
  switch (code) {
    case Code::permission_denied:
      return "check who owns it and its permissions";
    case Code::data_corrupt:
      return "run `skein doctor`; what skein stores can be removed and is made again";
    case Code::unsupported_version:
      return "update skein";
    case Code::unavailable:
      return "try again";
    case Code::resource_exhausted:
      return "free disk space or memory (`skein gc` frees skein's own)";
    case Code::untrusted:
      return "look at it with `skein trust`";
    case Code::io:
      return "run `skein doctor`";
    case Code::internal:
      return "this is a mistake in skein: please report it with the command that you ran";
    case Code::invalid_argument:
    case Code::not_found:
    case Code::already_exists:
    case Code::cancelled:
    case Code::timed_out:
    case Code::budget:
    case Code::failed_check:
    case Code::conflict:
      return "";
  }
  return "";
}

std::string_view way_out(const Error& error) {
  return error.way_out().empty() ? usual_way_out(error.code()) : std::string_view(error.way_out());
}

}  // namespace

Exit exit_of(Code code) {
  switch (code) {
    case Code::invalid_argument:
    case Code::not_found:
    case Code::already_exists:
      return Exit::wrong_use;
    case Code::timed_out:
    case Code::budget:
    case Code::failed_check:
    case Code::conflict:
      return Exit::failed;
    case Code::permission_denied:
    case Code::data_corrupt:
    case Code::unsupported_version:
    case Code::unavailable:
    case Code::resource_exhausted:
    case Code::untrusted:
    case Code::io:
    case Code::internal:
      return Exit::environment;
    case Code::cancelled:
      return Exit::interrupted;
  }
  return Exit::environment;
}

std::string error_text(const Error& error, bool color) {
  std::string text = color ? "\x1b[31mskein:\x1b[0m " : "skein: ";
  text += text::printable(error.message()) + "\n";
  for (const std::string& where : error.context()) text += "  where: " + text::printable(where) + "\n";
  if (!way_out(error).empty()) text += fmt::format("  way out: {}\n", text::printable(way_out(error)));
  return text;
}

std::string error_json(const Error& error) {
  const engine::Json json = {{"schema", "skein.error/1"},  {"code", to_string(error.code())},
                             {"message", error.message()}, {"where", error.context()},
                             {"way_out", way_out(error)},  {"exit_code", static_cast<int>(exit_of(error.code()))}};
  return json.dump(-1, ' ', false, engine::Json::error_handler_t::replace) + "\n";
}

}  // namespace skein::cli
