#pragma once

#include <algorithm>

namespace vagus::transport::stream {

/// Something that pays or does not, as the peer and the load happen to be: it is tried, left alone for a
/// while when it was in vain too often, and then tried again.
///
/// Threads: one at a time.
class Trial {
 public:
  /// A time in vain weighs as much as so many good ones.
  explicit constexpr Trial(unsigned weight_of_vain) noexcept : weight_of_vain_(weight_of_vain) {}

  /// Is it to be tried now?
  bool due() const noexcept { return quiet_ == 0; }
  /// Once each time, also when it was not tried; `in_vain` counts only when it was.
  void note(bool in_vain) noexcept {
    if (quiet_ != 0) {
      --quiet_;
    } else if (in_vain) {
      note_vain();
    } else {
      note_good();
    }
  }

 private:
  static constexpr unsigned most_in_a_row = 4;
  static constexpr unsigned first_quiet = 256;
  static constexpr unsigned longest_quiet = 4096;
  static constexpr unsigned good_for_a_new_start = 64;

  void note_good() noexcept {
    vain_ -= std::min(vain_, 1U);
    if (++good_in_a_row_ == good_for_a_new_start) next_quiet_ = first_quiet;
  }
  void note_vain() noexcept {
    good_in_a_row_ = 0;
    vain_ += weight_of_vain_;
    if (vain_ < most_in_a_row * weight_of_vain_) return;
    vain_ = 0;
    quiet_ = next_quiet_;
    next_quiet_ = std::min(2 * next_quiet_, longest_quiet);
  }

  const unsigned weight_of_vain_;
  unsigned vain_ = 0;                  // how often it was in vain lately, in good ones
  unsigned quiet_ = 0;                 // so many times without it still
  unsigned next_quiet_ = first_quiet;  // and so many if it is in vain again
  unsigned good_in_a_row_ = 0;
};

}  // namespace vagus::transport::stream
