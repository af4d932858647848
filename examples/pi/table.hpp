/// The table of times, as text.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace pi {

constexpr std::size_t rounds = 2;
constexpr std::size_t table_width = 78;

/// One call.
struct Cell {
  enum class State : std::uint8_t { not_made, under_way, answered, failed };
  State state = State::not_made;
  double done = 0.0;                   ///< from 0 to 1, as long as it is under way
  std::chrono::nanoseconds elapsed{};  ///< until now, or until its end
};

struct Row {
  std::int64_t digits = 0;
  std::array<Cell, rounds> cells;
  std::string last_digits;  ///< as many as there are, at most ten; empty until they are known
};

/// A heading and a line for each row, none wider than `table_width`. Calls under way have a bar.
std::vector<std::string> draw_table(const std::vector<Row>& rows);

/// "0.312 ms", "45.1 ms", "3.21 s".
std::string duration_text(std::chrono::nanoseconds duration);
/// "1 000 000"
std::string count_text(std::int64_t count);

}  // namespace pi
