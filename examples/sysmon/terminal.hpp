/// The terminal, and all that the head waits for at once: keys, signals, news from the body.
#pragma once

#include <signal.h>
#include <termios.h>

#include <chrono>
#include <string>
#include <vector>

#include "board.hpp"
#include "file_descriptor.hpp"

namespace sysmon {

/// Is there somebody to look at a board, at both standard input and output?
bool has_terminal();

/// What the terminal can show, by the locale, NO_COLOR and TERM.
Look look_of_terminal();

/// Takes over the terminal, and gives it back as it was, whatever happens.
class Screen {
 public:
  Screen();
  ~Screen();
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  /// Shows the lines in place of those before, in one go.
  void show(const std::vector<std::string>& lines) const;
  static Size size();

 private:
  termios before_{};
};

/// A key as its character, or one of these.
using Key = int;
constexpr Key key_up = 0x100;
constexpr Key key_down = 0x101;

/// What happened while we waited.
struct Input {
  std::vector<Key> keys;
  int signal = 0;     ///< one that asks to end; 0 for none
  bool news = false;  ///< wake() was called
};

/// To be made before any thread, so that all threads inherit that the signals are not for them.
class Inputs {
 public:
  explicit Inputs(bool with_keys);
  ~Inputs();
  Inputs(const Inputs&) = delete;
  Inputs& operator=(const Inputs&) = delete;

  /// Until anything happens, but not longer. A terminal that is gone counts as SIGHUP, one that has another
  /// size as nothing: then there is nothing to do but to draw again.
  Input wait(std::chrono::milliseconds at_most);

  /// Ends the wait of another thread. Safe from any thread.
  void wake() const noexcept;

 private:
  void read_keys(Input& input) const;
  void read_signals(Input& input) const;

  const bool with_keys_;
  sigset_t before_{};
  FileDescriptor signals_;
  FileDescriptor news_;
};

}  // namespace sysmon
