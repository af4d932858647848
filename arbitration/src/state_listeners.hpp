/// Whoever wants to hear what becomes of the links.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <vagus/arbitration/link_event.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/registration.hpp>

#include "counters.hpp"

namespace vagus {

/// Tells each listener of each event once, in the order of emit(). Safe from any thread.
class StateListeners {
 public:
  using Listener = std::function<void(const LinkEvent&)>;

  /// `executor` runs one function at a time, in their order; `failed` counts the exceptions that left one.
  StateListeners(std::shared_ptr<Executor> executor, Log& log, Counter& failed);
  ~StateListeners();

  Registration add(Listener listener);
  void emit(LinkEvent event);

 private:
  class Entry;
  struct Entries;
  const std::shared_ptr<Executor> executor_;
  Log& log_;
  Counter& failed_;
  const std::shared_ptr<Entries> entries_;
};

}  // namespace vagus
