#include "proc_files.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>

namespace sysmon {

namespace {

/// Takes the text up to the separator, and the separator, off the front.
std::string_view cut(std::string_view& text, char separator) {
  const auto end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return piece;
}

/// Takes the next word, whatever number of spaces is before it.
std::string_view cut_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return cut(text, ' ');
}

std::uint64_t to_number(std::string_view word) {
  std::uint64_t number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return result;
}

}  // namespace

std::vector<CpuTimes> parse_cpu_times(std::string_view stat) {
  std::vector<CpuTimes> cores;
  while (!stat.empty()) {
    std::string_view line = cut(stat, '\n');
    const std::string_view label = cut_word(line);
    if (!label.starts_with("cpu") || label == "cpu") continue;  // "cpu" is the sum of all
    // user nice system idle iowait irq softirq steal; what follows is contained in the first two.
    CpuTimes& times = cores.emplace_back();
    for (int column = 0; column < 8; ++column) {
      const std::uint64_t ticks = to_number(cut_word(line));
      times.total += ticks;
      if (column != 3 && column != 4) times.busy += ticks;
    }
  }
  return cores;
}

std::vector<double> load_between(const std::vector<CpuTimes>& before, const std::vector<CpuTimes>& after) {
  std::vector<double> load(after.size(), 0.0);
  for (std::size_t core = 0; core < std::min(before.size(), after.size()); ++core) {
    // The kernel may correct a counter downwards.
    if (after[core].total <= before[core].total || after[core].busy <= before[core].busy) continue;
    const auto busy = static_cast<double>(after[core].busy - before[core].busy);
    const auto total = static_cast<double>(after[core].total - before[core].total);
    load[core] = std::min(busy / total, 1.0);
  }
  return load;
}

MemoryUsage parse_memory(std::string_view meminfo) {
  MemoryUsage usage;
  while (!meminfo.empty()) {
    std::string_view line = cut(meminfo, '\n');
    const std::string_view label = cut(line, ':');
    const std::uint64_t bytes = to_number(cut_word(line)) * 1024;
    if (label == "MemTotal") usage.total_bytes = bytes;
    if (label == "MemAvailable") usage.available_bytes = bytes;
    if (label == "SwapTotal") usage.swap_total_bytes = bytes;
    if (label == "SwapFree") usage.swap_free_bytes = bytes;
  }
  return usage;
}

std::optional<ProcessStat> parse_process(std::string_view stat) {
  // "PID (name) state ...": the name may hold spaces and parentheses of its own.
  const auto open = stat.find('(');
  const auto close = stat.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return std::nullopt;

  ProcessStat process;
  process.name = printable(stat.substr(open + 1, close - open - 1));
  std::string_view rest = stat.substr(close + 1);
  const std::string_view state = cut_word(rest);
  if (state.size() != 1) return std::nullopt;
  process.state = state.front();
  // The columns are numbered as in proc(5), where the state is the third.
  for (int column = 4; column <= 24; ++column) {
    const std::string_view word = cut_word(rest);
    if (word.empty()) return std::nullopt;
    if (column == 14 || column == 15) process.ticks += to_number(word);
    if (column == 20) process.threads = static_cast<std::uint32_t>(to_number(word));
    if (column == 22) process.started = to_number(word);
    if (column == 24) process.resident_pages = to_number(word);
  }
  return process;
}

std::string parse_command_line(std::string_view cmdline) {
  while (!cmdline.empty() && cmdline.back() == '\0') cmdline.remove_suffix(1);
  // The program's name without its folder.
  const std::string_view program = cmdline.substr(0, cmdline.find_first_of(std::string_view("\0 ", 2)));
  if (const auto slash = program.rfind('/'); slash != std::string_view::npos)
    cmdline.remove_prefix(slash + 1);
  std::string text(cmdline);
  std::replace(text.begin(), text.end(), '\0', ' ');
  return printable(text);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sysmon
