// The settings of [history] as the window that repo/history_log.h reads.
#pragma once

#include "app/settings_values.h"
#include "repo/history_log.h"

namespace skein::app {

[[nodiscard]] inline repo::HistoryWindow history_window(const HistorySettings& settings) {
  return {.by = settings.by == HistoryBy::months ? repo::HistoryWindow::By::months : repo::HistoryWindow::By::commits,
          .commits = static_cast<std::uint32_t>(settings.commits),
          .months = static_cast<std::uint32_t>(settings.months)};
}

}  // namespace skein::app
