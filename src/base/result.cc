#include "base/result.h"

#include <array>
#include <cerrno>
#include <cstring>

namespace skein {
namespace {

constexpr std::array<std::pair<Code, std::string_view>, 16> kNames{{
    {Code::invalid_argument, "invalid_argument"},
    {Code::not_found, "not_found"},
    {Code::already_exists, "already_exists"},
    {Code::permission_denied, "permission_denied"},
    {Code::data_corrupt, "data_corrupt"},
    {Code::unsupported_version, "unsupported_version"},
    {Code::unavailable, "unavailable"},
    {Code::resource_exhausted, "resource_exhausted"},
    {Code::cancelled, "cancelled"},
    {Code::timed_out, "timed_out"},
    {Code::budget, "budget"},
    {Code::failed_check, "failed_check"},
    {Code::conflict, "conflict"},
    {Code::untrusted, "untrusted"},
    {Code::io, "io"},
    {Code::internal, "internal"},
}};

Code sort_errno(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EEXIST:
      return Code::already_exists;
    case EACCES:
    case EPERM:
    case EROFS:
      return Code::permission_denied;
    case ENOSPC:
    case EDQUOT:
    case ENOMEM:
    case EMFILE:
    case ENFILE:
    case EFBIG:
      return Code::resource_exhausted;
    case EAGAIN:
    case EBUSY:
    case ETIMEDOUT:
      return Code::unavailable;
    default:
      return Code::io;
  }
}

}  // namespace

std::string_view to_string(Code code) {
  for (const auto& [value, name] : kNames)
    if (value == code) return name;
  return "internal";
}

Code parse_code(std::string_view name) {
  for (const auto& [value, text] : kNames)
    if (text == name) return value;
  return Code::internal;
}

std::string Error::to_string() const {
  std::string text = message_;
  for (const auto& what : context_) text += fmt::format(" ({})", what);
  return text;
}

Error system_error(int error_number, std::string_view what) {
  std::array<char, 256> buffer{};
  const char* text = strerror_r(error_number, buffer.data(), buffer.size());
  return Error(sort_errno(error_number), fmt::format("{}: {}", what, text));
}

}  // namespace skein
