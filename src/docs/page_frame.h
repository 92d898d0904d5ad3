// The frame around each HTML page: data/docs/page.html, cut once into its literal parts and the slots between them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace skein::docs {

class PageFrame {
 public:
  enum class Slot : std::uint8_t { rendering, title, root, theme, project, markdown, crumbs, side, content };
  struct Part {
    std::string_view literal;  ///< Comes before the slot.
    Slot slot;
  };

  /// `source` must outlive the frame. An unknown "{{slot}}" is a mistake of the programmer.
  explicit PageFrame(std::string_view source);

  [[nodiscard]] const std::vector<Part>& parts() const { return parts_; }
  [[nodiscard]] std::string_view tail() const { return tail_; }
  /// Bytes of all literals.
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::vector<Part> parts_;
  std::string_view tail_;
  std::size_t size_ = 0;
};

/// The frame of data/docs/page.html.
[[nodiscard]] const PageFrame& page_frame();

}  // namespace skein::docs
