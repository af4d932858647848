#include "head.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <mutex>
#include <string_view>
#include <vector>

#include "pi_api.hpp"
#include "table.hpp"

namespace pi {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::array<std::int64_t, 6> sizes{5, 100, 1'000, 10'000, 100'000, 1'000'000};

/// Is standard output a terminal where lines can be written again, and wide enough that none wraps?
bool has_board() {
  winsize size{};
  const char* const terminal = std::getenv("TERM");
  return ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb" &&
         ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= table_width;
}

/// Lines that are written over those before.
class Board {
 public:
  void show(const std::vector<std::string>& lines) {
    std::string text;
    if (shown_ > 0) text = "\x1b[" + std::to_string(shown_) + "A";
    // Cleared before it is written: behind one as wide as the terminal the cursor may stand on its last
    // character.
    for (const std::string& line : lines) text += "\x1b[K" + line + "\n";
    std::cout << text << std::flush;
    shown_ = lines.size();
  }

 private:
  std::size_t shown_ = 0;
};

/// The calls, and what has become of them.
class Calls {
 public:
  explicit Calls(const PiApi& api) : api_(api) {
    for (const std::int64_t digits : sizes)
      rows_.push_back({.digits = digits, .cells = {}, .last_digits = {}});
  }

  /// Makes one call of each size, and waits for none.
  void make(std::size_t round) {
    for (std::size_t row = 0; row < rows_.size(); ++row) {
      {
        const std::scoped_lock lock(mutex_);
        rows_[row].cells[round].state = Cell::State::under_way;
        begun_[row][round] = Clock::now();
        ++under_way_;
      }
      api_.digits(sizes[row])
          .on_progress([this, row, round](double done) { note_progress(row, round, done); })
          .async(
              [this, row, round](const vagus::Result<std::string>& result) { note_end(row, round, result); });
    }
  }

  /// Until nothing is to be waited for any more: one has failed, or `for_all` and all have ended. False if it
  /// is not so by then.
  bool wait(Clock::time_point end, bool for_all) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, end, [&] { return !failures_.empty() || (for_all && under_way_ == 0); });
  }

  /// As they are now.
  std::vector<Row> rows() const {
    const std::scoped_lock lock(mutex_);
    std::vector<Row> rows = rows_;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      for (std::size_t round = 0; round < rounds; ++round) {
        Cell& cell = rows[row].cells[round];
        if (cell.state == Cell::State::under_way) cell.elapsed = Clock::now() - begun_[row][round];
      }
    }
    return rows;
  }
  std::vector<std::string> failures() const {
    const std::scoped_lock lock(mutex_);
    return failures_;
  }

 private:
  void note_progress(std::size_t row, std::size_t round, double done) {
    const std::scoped_lock lock(mutex_);
    rows_[row].cells[round].done = done;
  }

  void note_end(std::size_t row, std::size_t round, const vagus::Result<std::string>& result) {
    const auto now = Clock::now();
    const std::scoped_lock lock(mutex_);
    Row& line = rows_[row];
    Cell& cell = line.cells[round];
    cell.elapsed = now - begun_[row][round];
    const std::string trouble = result ? complaint(line, *result) : result.error().what();
    cell.state = trouble.empty() ? Cell::State::answered : Cell::State::failed;
    if (!trouble.empty()) failures_.push_back(count_text(line.digits) + " digits: " + trouble);
    --under_way_;
    changed_.notify_all();
  }

  /// Empty if it looks like the digits that were asked for.
  static std::string complaint(Row& row, const std::string& text) {
    const auto length = static_cast<std::size_t>(row.digits);
    if (text.size() != length + 2) return "got " + std::to_string(text.size()) + " characters";
    const std::string last = text.substr(text.size() - std::min<std::size_t>(length, 10));
    if (!row.last_digits.empty() && row.last_digits != last) return "other digits than in the first round";
    row.last_digits = last;
    return {};
  }

  const PiApi& api_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Row> rows_;
  std::array<std::array<Clock::time_point, rounds>, sizes.size()> begun_{};
  std::vector<std::string> failures_;
  std::size_t under_way_ = 0;
};

/// As Calls::wait(), while the board, if there is one, shows how far they are.
bool wait_and_show(Calls& calls, Board* board, Clock::time_point end, bool for_all) {
  while (Clock::now() < end) {
    if (board) board->show(draw_table(calls.rows()));
    if (calls.wait(std::min(end, Clock::now() + (board ? 50ms : 10s)), for_all)) return true;
  }
  return false;
}

}  // namespace

int run_head(const std::string& url, std::chrono::milliseconds pause) {
  PiApi api{"pi", {.timeout = 15min}};  // longer than the body lets a computation take
  Calls calls{api};                     // callbacks use it until the arbitrator is gone
  vagus::ApiArb arb{vagus::connect(url)};
  arb.attach(api);
  arb.wait_open(10s);

  Board live;
  Board* const board = has_board() ? &live : nullptr;
  const auto second_round = Clock::now() + pause;
  calls.make(0);
  if (!wait_and_show(calls, board, second_round, false)) {
    calls.make(1);
    wait_and_show(calls, board, Clock::time_point::max(), true);
  }
  const auto lines = draw_table(calls.rows());
  if (board) {
    board->show(lines);
  } else {
    for (const std::string& line : lines) std::cout << line << '\n';
  }
  const auto failures = calls.failures();
  for (const std::string& failure : failures) std::cerr << "pi: " << failure << '\n';
  if (!failures.empty()) return 1;

  const Statistics done = api.statistics().call();
  std::cout << "\nThe body has computed " << done.computations << " times; " << done.joined
            << " calls joined others, " << done.from_cache << " were answered from what it knew.\n";
  return 0;
}

}  // namespace pi
