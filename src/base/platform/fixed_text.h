// Text made where nothing may be allocated: between fork(2) and the program that a process becomes.
#pragma once

#include <array>
#include <cstddef>

namespace skein {

/// What does not fit is cut off.
template <std::size_t Size>
class FixedText {
 public:
  FixedText& add(const char* text) {
    while (*text != '\0' && size_ + 1 < bytes_.size()) bytes_[size_++] = *text++;
    return *this;
  }
  FixedText& add(int number) {
    std::array<char, 12> digits{};
    std::size_t at = digits.size() - 1;
    do digits[--at] = static_cast<char>('0' + number % 10);
    while ((number /= 10) > 0);
    return add(digits.data() + at);
  }
  [[nodiscard]] const char* text() const { return bytes_.data(); }

 private:
  std::array<char, Size> bytes_{};
  std::size_t size_ = 0;
};

}  // namespace skein
