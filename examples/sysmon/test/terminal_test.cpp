// The board in a terminal that this program plays: keys, another size, and each way to leave.
//
//   sysmon_terminal_test SYSMON
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

#include <pty.h>
#include <utmp.h>

#include "child.hpp"
#include "expect.hpp"

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto patience = 30s;

/// sysmon in a terminal of 80 by 24.
class Session {
 public:
  Session(const std::string& program, const char* locale, const char* no_colour) {
    winsize size{.ws_row = 24, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT(::openpty(&terminal_, &program_end_, nullptr, nullptr, &size) == 0);
    EXPECT(::tcgetattr(program_end_, &before_) == 0);
    child_ = ::fork();
    EXPECT(child_ >= 0);
    if (child_ == 0) {
      ::close(terminal_);
      ::login_tty(program_end_);
      ::setenv("TERM", "xterm-256color", 1);
      ::setenv("LC_ALL", locale, 1);
      ::setenv("NO_COLOR", no_colour, 1);
      ::execl(program.c_str(), "sysmon", nullptr);
      std::_Exit(127);
    }
    expect("quit");          // the first picture is complete
    expect_another_body(0);  // which it may show before it has one
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(terminal_);
    ::close(program_end_);
  }

  void press(const std::string& keys) {
    seen_.clear();
    EXPECT(::write(terminal_, keys.data(), keys.size()) == static_cast<ssize_t>(keys.size()));
  }
  void resize(unsigned short lines, unsigned short columns) {
    seen_.clear();
    const winsize size{.ws_row = lines, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
    EXPECT(::ioctl(terminal_, TIOCSWINSZ, &size) == 0);
  }
  /// Reads until the text is there.
  void expect(const std::string& wanted) {
    const auto end = Clock::now() + patience;
    while (seen_.find(wanted) == std::string::npos) {
      if (Clock::now() > end || !read()) {
        std::cerr << "not seen: " << wanted << "\nbut:\n"
                  << seen_.substr(seen_.size() - std::min<std::size_t>(seen_.size(), 2500)) << '\n';
        std::_Exit(1);
      }
    }
  }
  /// Reads until the board shows a body that is not this one.
  void expect_another_body(pid_t former) {
    const auto end = Clock::now() + patience;
    const auto shown = [this] { return number_after("open, body "); };
    for (body_ = shown(); body_ == 0 || body_ == former; body_ = shown()) {
      EXPECT(Clock::now() < end && read());
    }
  }
  const std::string& seen() const { return seen_; }

  /// Waits for the end; the exit code, or 128 and the signal.
  int wait() {
    const auto end = Clock::now() + patience;
    int status = 0;
    while (::waitpid(child_, &status, WNOHANG) == 0) {
      EXPECT(Clock::now() < end);
      read(10ms);
    }
    while (read(0ms)) {
    }
    child_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

  /// Waits until the board shows the second head's process and figures; without colours.
  void expect_second_head() {
    expect(" events");
    expect(" head 2");
    const auto end = Clock::now() + patience;
    while ((second_head_ = number_after(" head 2")) <= 1) EXPECT(Clock::now() < end && read());
    EXPECT(second_head_ != child_ && alive(second_head_));
  }
  /// The body and the second head, as far as they were seen.
  void expect_others_gone() const {
    const auto end = Clock::now() + patience;
    while (alive(body_) || (second_head_ > 1 && alive(second_head_))) {
      EXPECT(Clock::now() < end);
      std::this_thread::sleep_for(5ms);
    }
  }
  /// Closes the window.
  void hang_up() {
    ::close(terminal_);
    ::close(program_end_);
    terminal_ = program_end_ = -1;
  }
  /// The terminal is as it was: echo, lines, cursor, the screen from before.
  void expect_restored() {
    termios now{};
    EXPECT(::tcgetattr(program_end_, &now) == 0);
    EXPECT(now.c_lflag == before_.c_lflag);
    EXPECT(seen_.find("\x1b[?1049l") != std::string::npos && seen_.find("\x1b[?25h") != std::string::npos);
  }
  pid_t head() const { return child_; }
  pid_t body() const { return body_; }

 private:
  /// What was shown there last; 0: nothing, or not all of its digits have come.
  pid_t number_after(std::string_view label) const {
    const auto place = seen_.rfind(label);
    if (place == std::string::npos) return 0;
    const auto begin = seen_.find_first_not_of(' ', place + label.size());
    if (begin == std::string::npos) return 0;
    const char* const end = seen_.data() + seen_.size();
    pid_t number = 0;
    const auto read = std::from_chars(seen_.data() + begin, end, number);
    return read.ec == std::errc{} && read.ptr != end ? number : 0;
  }

  static bool alive(pid_t id) {
    std::ifstream file("/proc/" + std::to_string(id) + "/stat");
    std::string stat;
    return std::getline(file, stat) && stat.substr(stat.rfind(')')).substr(0, 3) != ") Z";
  }
  bool read(std::chrono::milliseconds at_most = 1000ms) {
    pollfd waiting{terminal_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(at_most.count())) == 0) return at_most > 0ms;
    std::array<char, 4096> part{};
    const ssize_t size = ::read(terminal_, part.data(), part.size());
    if (size <= 0) return false;
    seen_.append(part.data(), static_cast<std::size_t>(size));
    return true;
  }

  int terminal_ = -1;
  int program_end_ = -1;  // kept open: what the program wrote last is not lost
  termios before_{};
  pid_t child_ = -1;
  pid_t body_ = -1;
  pid_t second_head_ = -1;
  std::string seen_;
};

void keys_do_what_the_board_says(const std::string& program) {
  Session session(program, "C.UTF-8", "");
  session.expect("\xe2\x96");  // a bar of blocks, however low the load
  session.expect("COMMAND");
  session.press("s");
  session.expect("by cpu");
  session.press("+");
  session.expect("11 rows");
  session.press("--");
  session.expect("9 rows");
  session.press("p");
  session.expect("paused");
  session.press("p\x1b[Bt");
  session.expect(" to end? y/n");
  session.press("n");
  session.resize(10, 40);
  session.expect("cpu 0");
  session.press("q");
  EXPECT(session.wait() == 0);
  session.expect_restored();
  session.expect_others_gone();
}

/// Behind a line that fills the width, a terminal would clear its last character.
void lines_are_cleared_before_they_are_written(const std::string& program) {
  Session session(program, "C.UTF-8", "");
  const std::string& seen = session.seen();
  const auto begins_line = [&](std::size_t place) {
    return seen.compare(place - 1, 1, "\n") == 0 || seen.compare(place - 3, 3, "\x1b[H") == 0;
  };
  for (const char* const clear : {"\x1b[K", "\x1b[J"}) {
    std::size_t place = seen.find(clear);
    EXPECT(place != std::string::npos);
    for (; place != std::string::npos; place = seen.find(clear, place + 1)) EXPECT(begins_line(place));
  }
  session.press("q");
  EXPECT(session.wait() == 0);
}

void the_body_refuses_to_signal(const std::string& program) {
  Session session(program, "C.UTF-8", "1");
  session.expect("S  THREADS");
  session.press("t");
  session.expect(" to end? y/n");
  session.press("y");
  session.expect("signals are off");
  session.press("q");
  EXPECT(session.wait() == 0);
}

void ascii_and_no_colour_are_respected(const std::string& program) {
  Session session(program, "C", "1");
  session.expect("COMMAND");
  session.expect("quit");
  for (const char c : session.seen()) EXPECT(static_cast<unsigned char>(c) < 128);
  EXPECT(session.seen().find("\x1b[0m") == std::string::npos);  // every style ends with it
  session.press("q");
  EXPECT(session.wait() == 0);
}

void the_board_says_what_became_of_a_body_that_failed(const std::string& program) {
  Session session(program, "C.UTF-8", "1");
  session.expect("freeze it");
  session.expect_second_head();
  session.press("k");
  session.expect("body killed: 3 calls failed in ");
  session.expect("0 hung, 0 left over");
  session.press("z");
  session.expect("body frozen: 2 calls gave up in 3");
  session.expect("; let go, the next took ");
  session.press("f");
  session.expect("flooded: ");
  session.expect(" calls of head 2, ");
  session.expect(" refused; head 1: p50 ");
  session.press("q");
  EXPECT(session.wait() == 0);
  session.expect_others_gone();
}

void control_c_ends_all(const std::string& program) {
  Session session(program, "C.UTF-8", "1");
  session.expect_second_head();
  session.press("\x03");
  EXPECT(session.wait() == 0);
  session.expect_restored();
  session.expect_others_gone();
}

void a_window_that_is_closed_ends_all(const std::string& program) {
  Session session(program, "C.UTF-8", "1");
  session.expect_second_head();
  session.hang_up();
  session.wait();
  session.expect_others_gone();
}

void a_head_that_is_killed_takes_its_body_along(const std::string& program) {
  Session session(program, "C.UTF-8", "1");
  session.expect_second_head();
  ::kill(session.head(), SIGKILL);
  EXPECT(session.wait() == 128 + SIGKILL);
  session.expect_others_gone();
}

void a_body_that_is_killed_is_started_again(const std::string& program) {
  Session session(program, "C.UTF-8", "");
  const pid_t former = session.body();
  session.press("");
  ::kill(former, SIGKILL);
  session.expect_another_body(former);
  session.press("q");
  EXPECT(session.wait() == 0);
  session.expect_restored();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: sysmon_terminal_test SYSMON\n";
    return 2;
  }
  keys_do_what_the_board_says(argv[1]);
  lines_are_cleared_before_they_are_written(argv[1]);
  the_body_refuses_to_signal(argv[1]);
  ascii_and_no_colour_are_respected(argv[1]);
  the_board_says_what_became_of_a_body_that_failed(argv[1]);
  control_c_ends_all(argv[1]);
  a_window_that_is_closed_ends_all(argv[1]);
  a_head_that_is_killed_takes_its_body_along(argv[1]);
  a_body_that_is_killed_is_started_again(argv[1]);
}
