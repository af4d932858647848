/// A terminal that is drawn on again and again.
#pragma once

#include <termios.h>

#include <cstddef>
#include <string>
#include <vector>

namespace vagus::tools {

/// Hears of keys, signals and whatever else ends a wait. One at a time in a process; the threads of the
/// library may run meanwhile.
class Awaiting {
 public:
  enum class Event { time_out, woken, resized, quit };

  /// From now on SIGINT, SIGTERM and SIGHUP are no more than a wish to quit. `keys`: `q`, Ctrl-C and Ctrl-D
  /// at the standard input, too.
  explicit Awaiting(bool keys);
  /// Puts back what there was.
  ~Awaiting();
  Awaiting(const Awaiting&) = delete;
  Awaiting& operator=(const Awaiting&) = delete;

  Event wait(int milliseconds);
  /// Ends the wait, or the next one. From any thread.
  void wake() noexcept;

 private:
  const bool keys_;
};

/// The whole screen of the terminal at the standard output, without a cursor; what was there is back when
/// this goes. Keys are read at once and not shown, if the standard input is a terminal, too.
class LiveScreen {
 public:
  LiveScreen();
  ~LiveScreen();
  LiveScreen(const LiveScreen&) = delete;
  LiveScreen& operator=(const LiveScreen&) = delete;

  bool reads_keys() const noexcept { return reads_keys_; }
  static std::size_t height();
  /// Shows these lines, which are no wider than the screen, and as many of them as it has room for.
  void draw(const std::vector<std::string>& lines);

 private:
  bool reads_keys_ = false;
  termios former_{};
};

}  // namespace vagus::tools
