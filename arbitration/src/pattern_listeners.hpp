/// Who in this process hears events whose names match a pattern.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/api/api_root.hpp>
#include <vagus/core/mutex.hpp>

#include "name_pattern.hpp"

namespace vagus {

/// Those of an arbitrator, in the order in which they have come. Safe from any thread.
class PatternListeners {
 public:
  struct Listener {
    std::string text;
    NamePattern pattern;
    detail::Subscriber subscriber;
  };
  /// Never changed, but replaced, so that an event that arrives copies nothing.
  using List = std::vector<std::shared_ptr<const Listener>>;

  /// True if it is the first with this pattern. Throws OverloadedError if there are as many different ones as
  /// a peer believes.
  bool add(std::shared_ptr<const Listener> listener);
  /// True if it was the last with this pattern.
  bool remove(const std::string& text, const detail::Handler* handler);
  bool any() const noexcept {
    return any_.load(std::memory_order_acquire);  // PAIR any-pattern-listener
  }
  /// Null if there are none.
  std::shared_ptr<const List> all() const;
  /// Each once.
  std::vector<std::string> patterns() const;

 private:
  static std::size_t count(const List& list, std::string_view text) noexcept;

  mutable Mutex mutex_;
  std::shared_ptr<const List> list_ VAGUS_GUARDED_BY(mutex_) = std::make_shared<const List>();
  std::atomic<bool> any_{false};  // is there anything in list_? Written under mutex_
};

}  // namespace vagus
