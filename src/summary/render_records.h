// The renderings that other programs read: JSON (skein.summary/1), SARIF 2.1.0, JUnit XML, GitHub's annotations. Valid
// at any limit: what does not fit are whole findings and excerpts, and their number is said.
#pragma once

#include <functional>

#include "summary/render.h"

namespace skein::summary {

using Fits = std::function<bool(std::string_view)>;

[[nodiscard]] Result<Rendering> render_records(const Summary& summary, const RenderOptions& options, const Fits& fits);

}  // namespace skein::summary
