#pragma once

#include <memory>

#include "load/figures.hpp"

namespace vagus::load {

/// Figures in memory without a name, that a program started later may share.
class SharedFigures {
 public:
  SharedFigures();
  /// Those of the program that has started this one; takes the descriptor over.
  explicit SharedFigures(int descriptor);
  ~SharedFigures();
  SharedFigures(const SharedFigures&) = delete;
  SharedFigures& operator=(const SharedFigures&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  Figures& operator*() const noexcept { return *figures_; }
  Figures* operator->() const noexcept { return figures_; }

 private:
  int descriptor_;
  Figures* figures_;
};

}  // namespace vagus::load
