#include "live_screen.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

namespace vagus::tools {

namespace {

constexpr char woken = 'w';
constexpr char resized = 'r';
constexpr char quit = 'q';

struct Handled {
  int number;
  char says;
};
constexpr std::array<Handled, 4> handled{
    {{SIGINT, quit}, {SIGTERM, quit}, {SIGHUP, quit}, {SIGWINCH, resized}}};

// What a signal handler may reach: set before the handlers, and reset after them.
int read_end = -1;
int write_end = -1;
std::array<struct sigaction, handled.size()> former_actions;

void tell(char what) noexcept {
  // Full: then there is enough to be woken by.
  const int former_errno = errno;
  [[maybe_unused]] const ssize_t written = ::write(write_end, &what, 1);
  errno = former_errno;
}

void on_signal(int number) {
  for (const Handled& each : handled) {
    if (each.number == number) tell(each.says);
  }
}

bool is_quit_key(char key) { return key == 'q' || key == 'Q' || key == '\x03' || key == '\x04'; }

}  // namespace

Awaiting::Awaiting(bool keys) : keys_(keys) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  read_end = ends[0];
  write_end = ends[1];
  for (std::size_t index = 0; index < handled.size(); ++index) {
    struct sigaction action {};
    action.sa_handler = &on_signal;
    action.sa_flags = SA_RESTART;
    ::sigaction(handled[index].number, &action, &former_actions[index]);
  }
}

Awaiting::~Awaiting() {
  for (std::size_t index = 0; index < handled.size(); ++index) {
    ::sigaction(handled[index].number, &former_actions[index], nullptr);
  }
  ::close(read_end);
  ::close(write_end);
}

Awaiting::Event Awaiting::wait(int milliseconds) {
  std::array<pollfd, 2> watched{{{read_end, POLLIN, 0}, {keys_ ? STDIN_FILENO : -1, POLLIN, 0}}};
  const int ready = ::poll(watched.data(), watched.size(), milliseconds);
  if (ready < 0 && errno != EINTR) throw std::system_error(errno, std::generic_category(), "poll");
  if (ready == 0) return Event::time_out;
  std::array<char, 256> read{};
  Event event = Event::woken;
  if (watched[1].revents != 0) {
    const ssize_t count = ::read(STDIN_FILENO, read.data(), read.size());
    if (count <= 0 || std::any_of(read.begin(), read.begin() + count, &is_quit_key)) return Event::quit;
  }
  const ssize_t count = ::read(read_end, read.data(), read.size());
  for (ssize_t index = 0; index < count; ++index) {
    const char said = read[static_cast<std::size_t>(index)];
    if (said == quit) return Event::quit;
    if (said == resized) event = Event::resized;
  }
  return event;
}

void Awaiting::wake() noexcept { tell(woken); }

LiveScreen::LiveScreen() {
  if (::tcgetattr(STDIN_FILENO, &former_) == 0) {
    termios raw = former_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    reads_keys_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  std::fputs("\033[?1049h\033[?25l", stdout);
  std::fflush(stdout);
}

LiveScreen::~LiveScreen() {
  std::fputs("\033[?25h\033[?1049l", stdout);
  std::fflush(stdout);
  if (reads_keys_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &former_);
}

std::size_t LiveScreen::height() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_row == 0) return 24;
  return size.ws_row;
}

void LiveScreen::draw(const std::vector<std::string>& lines) {
  // Line by line, so that nothing flickers. Each is cleared before it is written, the last one with all below
  // it: behind one as wide as the screen the cursor may still stand on its last character.
  std::string frame = "\033[H";
  const std::size_t shown = std::min(lines.size(), height());
  for (std::size_t line = 0; line < shown; ++line) {
    if (line != 0) frame += "\r\n";
    frame += (line + 1 == shown ? "\033[J" : "\033[K") + lines[line];
  }
  std::fwrite(frame.data(), 1, frame.size(), stdout);
  std::fflush(stdout);
}

}  // namespace vagus::tools
