#include "terminal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <langinfo.h>

namespace sysmon {

namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;  // the terminal is gone: SIGHUP tells
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

sigset_t ending_signals_and_resize() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH}) ::sigaddset(&set, number);
  return set;
}

FileDescriptor block_and_watch(sigset_t& before) {
  const sigset_t set = ending_signals_and_resize();
  ::pthread_sigmask(SIG_BLOCK, &set, &before);
  return FileDescriptor{checked(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK), "signalfd")};
}

}  // namespace

bool has_terminal() {
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && !variable("TERM").empty() &&
         variable("TERM") != "dumb";
}

Look look_of_terminal() {
  return {.colours = variable("NO_COLOR").empty(),
          .unicode = std::string_view(::nl_langinfo(CODESET)) == "UTF-8"};
}

Screen::Screen() {
  checked(::tcgetattr(STDIN_FILENO, &before_), "tcgetattr");
  termios raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);  // each key at once; Ctrl-C still is a signal
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;                     // Ctrl-Z would leave the shell with our screen
  raw.c_cc[VMIN] = 0;
  raw.c_cc[VTIME] = 0;
  checked(::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw), "tcsetattr");
  write_all("\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J");  // the other screen, no cursor, no wrapping at the edge
}

Screen::~Screen() {
  write_all("\x1b[?7h\x1b[?25h\x1b[?1049l");
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
}

void Screen::show(const std::vector<std::string>& lines) const {
  // Line by line, all in one write, so that nothing flickers. Terminals that know the first and last sequence
  // show nothing half-drawn; the others ignore them. Each line is cleared before it is written, the last one
  // with all below it: behind one as wide as the screen the cursor may still stand on its last character.
  std::string frame = "\x1b[?2026h\x1b[H";
  for (std::size_t index = 0; index < lines.size(); ++index) {
    if (index != 0) frame += "\r\n";
    frame += index + 1 == lines.size() ? "\x1b[J" : "\x1b[K";
    frame += lines[index];
  }
  frame += "\x1b[?2026l";
  write_all(frame);
}

Size Screen::size() {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) return {};
  return {window.ws_col, window.ws_row};
}

Inputs::Inputs(bool with_keys)
    : with_keys_(with_keys),
      signals_(block_and_watch(before_)),
      news_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {}

Inputs::~Inputs() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

Input Inputs::wait(std::chrono::milliseconds at_most) {
  std::array<pollfd, 3> waiting{
      {{signals_.get(), POLLIN, 0}, {news_.get(), POLLIN, 0}, {with_keys_ ? STDIN_FILENO : -1, POLLIN, 0}}};
  Input input;
  if (::poll(waiting.data(), waiting.size(), static_cast<int>(at_most.count())) <= 0) return input;
  if (waiting[0].revents != 0) read_signals(input);
  if (std::uint64_t count = 0; waiting[1].revents != 0)
    input.news = ::read(news_.get(), &count, sizeof count) > 0;
  if (waiting[2].revents != 0) read_keys(input);
  return input;
}

void Inputs::wake() const noexcept {
  const std::uint64_t one = 1;
  // Refused only if the counter is full, and then the other thread is being woken anyway.
  [[maybe_unused]] const ssize_t written = ::write(news_.get(), &one, sizeof one);
}

void Inputs::read_signals(Input& input) const {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof info) == sizeof info) {
    if (info.ssi_signo != SIGWINCH) input.signal = static_cast<int>(info.ssi_signo);
  }
}

void Inputs::read_keys(Input& input) const {
  std::array<char, 64> buffer{};
  const ssize_t size = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (size <= 0) {
    if (size == 0 || errno != EINTR) input.signal = SIGHUP;
    return;
  }
  std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
  while (!bytes.empty()) {
    if (bytes.starts_with("\x1b[") || bytes.starts_with("\x1bO")) {
      if (bytes.size() > 2 && bytes[2] == 'A') input.keys.push_back(key_up);
      if (bytes.size() > 2 && bytes[2] == 'B') input.keys.push_back(key_down);
      bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 3));
    } else {
      input.keys.push_back(static_cast<unsigned char>(bytes.front()));
      bytes.remove_prefix(1);
    }
  }
}

}  // namespace sysmon
