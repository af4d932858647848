#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "load/channel.hpp"
#include "load/shared_figures.hpp"

namespace vagus::load {

/// The descriptors that a child finds its channel and its figures at.
inline constexpr int channel_descriptor = 3;
inline constexpr int figures_descriptor = 4;

/// This very program once more, as a process that ends with the thread that started it. Made and used by a
/// process of one thread.
class Child {
 public:
  Child(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment);
  /// Kills it if it runs.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t id() const noexcept { return id_; }
  const Channel& channel() const noexcept { return channel_; }
  Figures& figures() const noexcept { return *figures_; }

  void signal(int number) const;

  /// Takes note of what has become of it since.
  void look();
  bool halted() const noexcept { return halted_; }
  bool ended() const noexcept { return status_.has_value(); }
  /// Its exit status, or minus the number of the signal that killed it; only when ended().
  int status() const noexcept { return *status_; }

 private:
  void wait_for_end();
  void note(int status);

  Channel channel_;
  SharedFigures figures_;
  pid_t id_ = -1;
  bool halted_ = false;
  std::optional<int> status_;
};

}  // namespace vagus::load
