/// The board: a picture of the machine, drawn as text.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "second_head_api.hpp"
#include "system_api.hpp"

namespace sysmon {

/// All that is on the board.
struct Picture {
  std::string url;        ///< where a body can be found; may be empty
  bool own_body = false;  ///< it may be killed
  vagus::LinkState link = vagus::LinkState::connecting;
  std::int64_t body_process = -1;

  std::vector<double> load;    ///< of each core, from 0 to 1
  std::deque<double> history;  ///< of all cores together, the latest last
  MemoryUsage memory;
  std::vector<ProcessInfo> processes;

  HeadFigures head;                   ///< of this process
  std::optional<HeadFigures> second;  ///< of the demonstration's other head

  SortBy sort_by = SortBy::cpu;
  std::size_t process_count = 10;  ///< how many the user wants to see
  std::size_t selected = 0;
  bool paused = false;
  std::string trouble;  ///< why the latest questions to the body failed; else empty
  std::string message;  ///< an answer or a question to the user; may be empty
};

struct Size {
  std::size_t columns = 80;
  std::size_t lines = 24;
};

/// What the terminal can show.
struct Look {
  bool colours = true;
  bool unicode = true;
};

/// At most `size.lines` lines without their ends, each at most `size.columns` wide.
std::vector<std::string> draw_board(const Picture& picture, const Size& size, const Look& look);

/// The mean of the cores.
double mean(const std::vector<double>& load);

// Figures as text.
std::string percent_text(double part);
std::string bytes_text(std::uint64_t bytes);
std::string duration_text(std::chrono::nanoseconds duration, const Look& look);

}  // namespace sysmon
