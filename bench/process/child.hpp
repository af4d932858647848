/// A process that ends with this one, whatever happens.
#pragma once

#include <sys/types.h>

#include <functional>

#include "process/channel.hpp"

namespace bench {

/// Runs a function in a process of its own. Made and used by a process with one thread only. The kernel kills
/// the child when the thread that made it ends, so that nothing is left behind.
class Child {
 public:
  /// How it is ended by the destructor.
  enum class End {
    ask,  ///< by a message, and killed only if it has not ended 10 s later, which is said on stderr
    kill  ///< at once: it owns nothing
  };

  /// `work` gets the child's end of the channel. What it throws goes to the parent as Channel::Kind::error.
  Child(int processor, End end, const std::function<void(Channel&)>& work);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t id() const noexcept { return id_; }
  Channel& channel() noexcept { return channel_; }

  /// Waits until the kernel has stopped it, or lets it go on.
  void halt();
  void go_on();

 private:
  Child(std::pair<Channel, Channel> ends, int processor, End end, const std::function<void(Channel&)>& work);
  bool ended_within_patience() const;

  Channel channel_;
  const End end_;
  pid_t id_;
};

}  // namespace bench
