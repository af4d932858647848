/// Other programs that want the processors.
#pragma once

#include <memory>
#include <vector>

#include "process/child.hpp"

namespace bench {

/// One process on each processor that never stops computing, for as long as this object lives.
class Hogs {
 public:
  Hogs();

 private:
  std::vector<std::unique_ptr<Child>> hogs_;
};

}  // namespace bench
