#pragma once

#include <atomic>
#include <memory>

#include <vagus/core/event_loop.hpp>

#include "ring/arena.hpp"

namespace vagus::transport::ring {

/// Gives an arena's memory back when no block was wanted for a while. While some block is still out, it looks
/// again after pauses that grow up to a minute: nobody is told when a peer gives one back. Nothing runs on an
/// idle link without blocks: the timer is started by use, and ends when all was given back.
class ArenaTrimmer {
 public:
  ArenaTrimmer(EventLoop& loop, std::shared_ptr<Arena> arena);

  /// A block was wanted. From any thread.
  void used();
  /// The link has ended: it does not look again, and keeps no event loop from its end.
  void stop();

 private:
  void look();
  void look_after(Duration pause);

  const std::shared_ptr<Arena> arena_;
  // seq_cst: used() writes the first and then the second, look() the second and then the first; so a use is
  // seen by the look under way, or starts another one.
  std::atomic<bool> used_{false};
  std::atomic<bool> running_{false};         // within the shortest pause
  std::atomic<Duration> pause_{Duration{}};  // relaxed: of look(), the next of which comes after it
  std::atomic<bool> stopped_{false};  // seq_cst: stop() writes it and then stops the timer, which whoever
                                      // starts it does also, if he then finds it written
  Timer timer_;
};

}  // namespace vagus::transport::ring
