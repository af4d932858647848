#include "process/hogs.hpp"

#include <atomic>

#include "process/cores.hpp"

namespace bench {

Hogs::Hogs() {
  for (const int processor : processors()) {
    hogs_.push_back(std::make_unique<Child>(processor, Child::End::kill, [](Channel&) {
      for (std::atomic<unsigned> count{0};;) count.fetch_add(1, std::memory_order_relaxed);
    }));
  }
}

}  // namespace bench
