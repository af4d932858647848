#include "board.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <string_view>

#include "styled_line.hpp"

namespace sysmon {

namespace {

constexpr std::size_t label_columns = 9;
constexpr std::size_t value_columns = 7;
constexpr std::size_t widest_bar = 100;
constexpr std::size_t narrowest_core = 28;

template <typename... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 160> text{};
  std::snprintf(text.data(), text.size(), pattern, values...);
  return text.data();
}

class Board {
 public:
  Board(const Picture& picture, const Size& size, const Look& look)
      : picture_(picture), size_(size), look_(look) {}

  std::vector<std::string> draw() {
    draw_title();
    draw_blank();
    draw_cores();
    draw_history();
    draw_memory();
    draw_blank();
    draw_calls();
    draw_blank();
    draw_processes();
    while (lines_.size() + 2 < size_.lines) draw_blank();
    lines_.resize(std::min(lines_.size(), size_.lines > 2 ? size_.lines - 2 : 0));
    draw_message();
    draw_help();
    lines_.resize(std::min(lines_.size(), size_.lines));
    return std::move(lines_);
  }

 private:
  StyledLine line() const { return {size_.columns, look_.colours}; }
  void put(const StyledLine& line) { lines_.push_back(line.text()); }
  void draw_blank() { lines_.emplace_back(); }
  const char* either(const char* unicode, const char* ascii) const { return look_.unicode ? unicode : ascii; }

  void draw_title() {
    const bool open = picture_.link == vagus::LinkState::open;
    std::string link = std::string(either("● ", "* ")) + vagus::to_string(picture_.link);
    if (open) link += format(", body %lld", static_cast<long long>(picture_.body_process));
    StyledLine title = line();
    title.add(" sysmon", Style::accent).add("  " + picture_.url, Style::dim);
    if (picture_.paused) title.add("  paused", Style::warm);
    title.pad_to(size_.columns - std::min(size_.columns, width_of(link) + 1));
    title.add(link, open ? Style::good : Style::hot);
    put(title);
  }

  /// As many columns of cores as it takes to leave most lines to the processes.
  void draw_cores() {
    const std::size_t cores = picture_.load.size();
    const std::size_t most_lines = std::max<std::size_t>(size_.lines / 4, 2);
    const std::size_t most_across = std::max<std::size_t>(size_.columns / narrowest_core, 1);
    const std::size_t across = std::clamp<std::size_t>((cores + most_lines - 1) / most_lines, 1, most_across);
    const std::size_t down =
        std::min((cores + across - 1) / across, std::max<std::size_t>(size_.lines / 2, 1));
    for (std::size_t row = 0; row < down; ++row) {
      StyledLine cells = line();
      for (std::size_t column = 0; column < across; ++column) {
        const std::size_t core = column * down + row;
        if (core >= cores) break;
        cells.pad_to(column * (size_.columns / across));
        add_bar(cells, format(" cpu %zu", core), picture_.load[core],
                value_text(percent_text(picture_.load[core])), bar_columns(size_.columns / across));
      }
      put(cells);
    }
    if (down * across < cores)
      put(line().add(format(" and %zu cores more", cores - down * across), Style::dim));
  }

  void draw_history() {
    static constexpr std::array unicode{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr std::array ascii{"_", ".", ":", "-", "=", "+", "*", "#"};
    const auto& steps = look_.unicode ? unicode : ascii;
    const std::size_t columns = bar_columns(size_.columns);
    const std::size_t shown = std::min(columns, picture_.history.size());
    StyledLine history = line();
    history.add(" all").pad_to(label_columns + columns - shown);
    for (std::size_t index = picture_.history.size() - shown; index < picture_.history.size(); ++index) {
      const double part = picture_.history[index];
      const auto step = static_cast<std::size_t>(std::lround(std::clamp(part, 0.0, 1.0) * 7.0));
      history.add(steps[step], text_style(part));
    }
    history.add(value_text(percent_text(mean(picture_.load))));
    put(history);
  }

  void draw_memory() {
    const MemoryUsage& memory = picture_.memory;
    draw_usage(" memory", memory.total_bytes, memory.available_bytes);
    if (memory.swap_total_bytes != 0) draw_usage(" swap", memory.swap_total_bytes, memory.swap_free_bytes);
  }

  void draw_usage(const char* label, std::uint64_t total, std::uint64_t left) {
    const std::uint64_t used = total - std::min(left, total);
    const double part = total == 0 ? 0.0 : static_cast<double>(used) / static_cast<double>(total);
    const std::string figures = format("%8s of %8s", bytes_text(used).c_str(), bytes_text(total).c_str());
    const std::size_t columns = bar_columns(size_.columns);
    StyledLine usage = line();
    add_bar(usage, label, part, figures, columns - std::min(columns, figures.size()));
    usage.add(value_text(percent_text(part)));
    put(usage);
  }

  void draw_calls() {
    if (!picture_.second) {
      draw_head(" calls", picture_.head);
      return;
    }
    draw_head(" head 1", picture_.head);
    draw_head(" head 2", *picture_.second);
  }

  /// Each figure keeps its place, so that nothing jumps.
  void draw_head(const char* label, const HeadFigures& head) {
    StyledLine calls = line();
    calls.add(label).pad_to(label_columns);
    calls.add(head.process_id > 0 ? std::to_string(head.process_id) : "starts", Style::dim).pad_to(18);
    calls.add("p50 " + duration_text(std::chrono::nanoseconds(head.call_median), look_), Style::bold);
    calls.pad_to(31).add("p99 " + duration_text(std::chrono::nanoseconds(head.call_p99), look_)).pad_to(44);
    calls.add(std::to_string(head.calls) + " made, ", Style::dim);
    calls.add(std::to_string(head.calls_failed) + " failed",
              head.calls_failed == 0 ? Style::dim : Style::hot);
    calls.pad_to(67);
    if (head.open) {
      calls.add(std::to_string(head.events) + " events", Style::dim);
    } else {
      calls.add("disconnected", Style::hot);
    }
    put(calls);
  }

  void draw_processes() {
    const bool by_cpu = picture_.sort_by == SortBy::cpu;
    StyledLine head = line();
    head.add("     PID S  THREADS", Style::bold);
    head.add("    CPU %", by_cpu ? Style::accent : Style::bold);
    head.add("     MEMORY", by_cpu ? Style::bold : Style::accent).add("  COMMAND", Style::bold);
    put(head);
    const std::size_t space = size_.lines > lines_.size() + 2 ? size_.lines - lines_.size() - 2 : 0;
    const std::size_t shown = std::min({picture_.processes.size(), picture_.process_count, space});
    // What is selected stays in view.
    const std::size_t first = picture_.selected < shown ? 0 : picture_.selected + 1 - shown;
    for (std::size_t index = first; index < first + shown && index < picture_.processes.size(); ++index) {
      draw_process(picture_.processes[index], index == picture_.selected);
    }
  }

  void draw_process(const ProcessInfo& process, bool selected) {
    const std::string text = format("%8lld %s %8u %8.1f %10s  ", static_cast<long long>(process.id),
                                    process.state.substr(0, 1).c_str(), process.threads, process.cpu * 100.0,
                                    bytes_text(process.memory_bytes).c_str());
    StyledLine row = line();
    if (selected) {
      row.add(look_.colours ? text : ">" + text.substr(1), Style::selected)
          .add(process.command, Style::selected);
      row.pad_to(size_.columns, Style::selected);
    } else {
      row.add(text + process.command);
    }
    put(row);
  }

  void draw_message() {
    const std::string& text = picture_.message.empty() ? picture_.trouble : picture_.message;
    if (!text.empty() || !picture_.own_body) {
      put(line().add(" ").add(text, Style::warm));
      return;
    }
    StyledLine hint = line();
    hint.add(" What if the body fails?", Style::dim);
    add_key(hint, "k", "kill it");
    add_key(hint, "z", "freeze it");
    add_key(hint, "f", "flood it");
    put(hint);
  }

  static void add_key(StyledLine& line, const char* name, const std::string& what) {
    line.add(" ").add(std::string(" ") + name + " ", Style::selected).add(" " + what + " ");
  }

  void draw_help() {
    StyledLine help = line();
    const auto key = [&help](const char* name, const std::string& what) { add_key(help, name, what); };
    key("q", "quit");
    key("s", picture_.sort_by == SortBy::cpu ? "by memory" : "by cpu");
    key("+ -", format("%zu rows", picture_.process_count));
    key("p", picture_.paused ? "go on" : "pause");
    key(either("↑ ↓", "up down"), "select");
    key("t", "terminate");
    put(help);
  }

  static std::size_t bar_columns(std::size_t columns) {
    constexpr std::size_t others = label_columns + value_columns + 1;
    return std::min(columns > others ? columns - others : 1, widest_bar);
  }

  static std::string value_text(const std::string& value) {
    return format("%*s", static_cast<int>(value_columns), value.c_str());
  }

  static Style text_style(double part) {
    return part < 0.6 ? Style::good : part < 0.85 ? Style::warm : Style::hot;
  }
  static Style bar_style(double part) {
    return part < 0.6 ? Style::good_bar : part < 0.85 ? Style::warm_bar : Style::hot_bar;
  }

  void add_bar(StyledLine& cells, const std::string& label, double part, const std::string& value,
               std::size_t columns) const {
    static constexpr std::array eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const std::size_t begin = cells.column();
    cells.add(label).pad_to(begin + label_columns);
    const double whole = std::clamp(part, 0.0, 1.0) * static_cast<double>(columns);
    const auto full = static_cast<std::size_t>(whole);
    const auto rest = static_cast<std::size_t>((whole - std::floor(whole)) * 8.0);
    std::string bar;
    for (std::size_t column = 0; column < full; ++column) bar += either("█", "#");
    if (look_.unicode) bar += eighths[rest];
    while (width_of(bar) < columns) bar += look_.colours && look_.unicode ? " " : either("·", ".");
    cells.add(bar, look_.unicode ? bar_style(part) : text_style(part));
    cells.add(value);
  }

  const Picture& picture_;
  const Size size_;
  const Look look_;
  std::vector<std::string> lines_;
};

}  // namespace

std::vector<std::string> draw_board(const Picture& picture, const Size& size, const Look& look) {
  return Board(picture, size, look).draw();
}

double mean(const std::vector<double>& load) {
  if (load.empty()) return 0.0;
  return std::accumulate(load.begin(), load.end(), 0.0) / static_cast<double>(load.size());
}

std::string percent_text(double part) { return format("%.0f %%", part * 100.0); }

std::string bytes_text(std::uint64_t bytes) {
  static constexpr std::array units{"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024.0;
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < units.size()) {
    value /= 1024.0;
    ++unit;
  }
  return format(value < 9.95 && unit > 0 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

std::string duration_text(std::chrono::nanoseconds duration, const Look& look) {
  const double microseconds = static_cast<double>(duration.count()) / 1000.0;
  if (microseconds >= 1000.0) return format("%.1f ms", microseconds / 1000.0);
  return format(microseconds < 10.0 ? "%.1f %s" : "%.0f %s", microseconds, look.unicode ? "µs" : "us");
}

}  // namespace sysmon
