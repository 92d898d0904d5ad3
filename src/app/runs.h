// The operations `runs …`, each in a file of its own.
#pragma once

#include "app/operations.h"

namespace skein::app {

[[nodiscard]] engine::Operation runs_list_operation(const Services& services);
[[nodiscard]] engine::Operation runs_show_operation(const Services& services);
/// `resume` and `retry` run an operation of the table that holds all others.
[[nodiscard]] engine::Operation runs_resume_operation(const Services& services);
[[nodiscard]] engine::Operation runs_retry_operation(const Services& services);

}  // namespace skein::app
