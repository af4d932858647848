// What is read from /proc, tried on texts that are known.
#include "proc_files.hpp"

#include <cmath>
#include <string>

#include "board.hpp"
#include "command_line.hpp"
#include "expect.hpp"
#include "styled_line.hpp"

namespace {

using namespace sysmon;

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

void cores_are_read_without_their_sum() {
  const auto times = parse_cpu_times(
      "cpu  30 0 30 200 0 0 0 0 0 0\n"
      "cpu0 10 1 2 80 7 1 1 0 5 5\n"
      "cpu1 20 0 28 120 0 0 0 2 0 0\n"
      "intr 5 6 7\n");
  EXPECT(times.size() == 2);
  EXPECT(times[0].busy == 15 && times[0].total == 102);
  EXPECT(times[1].busy == 50 && times[1].total == 170);
  EXPECT(parse_cpu_times("").empty());
}

void load_is_what_changed() {
  EXPECT((load_between({}, {{10, 20}}) == std::vector<double>{0.0}));  // a core that was just plugged in
  const auto load = load_between({{10, 100}, {50, 100}, {50, 100}}, {{60, 200}, {40, 200}, {50, 100}});
  EXPECT(load.size() == 3);
  EXPECT(near(load[0], 0.5));
  EXPECT(near(load[1], 0.0));  // a counter that was corrected
  EXPECT(near(load[2], 0.0));
}

void memory_is_read_in_bytes() {
  const auto usage = parse_memory(
      "MemTotal:        2048 kB\nMemFree: 1 kB\nMemAvailable:    1024 kB\nSwapTotal: 8 kB\nSwapFree:  4 "
      "kB\n");
  EXPECT((usage == MemoryUsage{2 * 1024 * 1024, 1024 * 1024, 8192, 4096}));
  EXPECT(parse_memory("nonsense") == MemoryUsage{});
}

void a_process_may_have_any_name() {
  const auto process = parse_process(
      "17 (a) (b \x1b[2J) S 1 17 17 0 -1 4194560 1 2 3 4 100 20 5 6 20 0 3 0 777 10000 42 "
      "18446744073709551615\n");
  EXPECT(process.has_value());
  EXPECT(process->name == "a) (b ?[2J");  // nothing that would move the cursor
  EXPECT(process->state == 'S');
  EXPECT(process->ticks == 120);
  EXPECT(process->threads == 3);
  EXPECT(process->started == 777);
  EXPECT(process->resident_pages == 42);
  EXPECT(!parse_process("") && !parse_process("17 (x") && !parse_process("17 (x) S 1 2"));
}

void a_command_line_is_made_fit_to_show() {
  EXPECT(parse_command_line(std::string("/usr/bin/cat\0-n\0/a\tb\0\0", 23)) == "cat -n /a?b");
  EXPECT(parse_command_line("").empty());
}

void the_real_files_are_read() {
  EXPECT(!parse_cpu_times(read_file("/proc/stat")).empty());
  EXPECT(parse_memory(read_file("/proc/meminfo")).total_bytes > 0);
  EXPECT(parse_process(read_file("/proc/self/stat")).has_value());
  EXPECT(read_file("/proc/0/stat").empty());
}

Picture busy_picture() {
  Picture picture;
  picture.url = "shm://a-name-that-is-quite-long-and-does-not-fit-into-every-terminal";
  picture.load.assign(64, 0.5);
  picture.history.assign(200, 0.9);
  picture.memory = {std::uint64_t{1} << 40, 1 << 20, 1 << 20, 0};
  picture.processes.assign(50, {4194303, std::string(300, 'x'), "R", 12345, 12.34, std::uint64_t{1} << 40});
  picture.process_count = 50;
  picture.selected = 49;
  picture.message = std::string(300, 'm');
  return picture;
}

void the_board_never_exceeds_the_terminal() {
  for (const Picture& picture : {Picture{}, busy_picture()}) {
    for (std::size_t lines = 1; lines < 60; ++lines) {
      for (const std::size_t columns : {1U, 10U, 40U, 80U, 300U}) {
        const auto board = draw_board(picture, {columns, lines}, {.colours = false, .unicode = true});
        EXPECT(board.size() <= lines);
        for (const std::string& line : board) EXPECT(width_of(line) <= columns);
      }
    }
  }
}

void the_ascii_board_is_ascii() {
  for (const std::string& line : draw_board(busy_picture(), {}, {.colours = true, .unicode = false})) {
    for (const char c : line) EXPECT(static_cast<unsigned char>(c) < 128);
  }
}

void figures_are_short() {
  EXPECT(bytes_text(0) == "0 KiB");
  EXPECT(bytes_text(1536 * 1024) == "1.5 MiB");
  EXPECT(bytes_text(std::uint64_t{24} << 30) == "24 GiB");
  EXPECT(duration_text(std::chrono::nanoseconds(1234), {}) == "1.2 µs");
  EXPECT(duration_text(std::chrono::milliseconds(12), {.colours = false, .unicode = false}) == "12.0 ms");
  EXPECT(percent_text(0.426) == "43 %");
}

CommandLine parsed(std::vector<const char*> arguments) { return parse_command_line(arguments); }

void the_command_line_says_what_is_wrong() {
  EXPECT(parsed({}).role == Role::demo);
  EXPECT(parsed({"body", "shm://x", "--allow-signal"}).allow_signal);
  EXPECT(parsed({"--seconds", "3"}).seconds == 3);
  EXPECT(parsed({"--help"}).role == Role::help);
  for (const auto& wrong : std::vector<std::vector<const char*>>{{"tail"},
                                                                 {"body"},
                                                                 {"head", "a", "b"},
                                                                 {"--seconds"},
                                                                 {"--seconds", "soon"},
                                                                 {"--seconds", "0"},
                                                                 {"--fast"},
                                                                 {"head", "shm://x", "--allow-signal"}}) {
    EXPECT(throws<UsageError>([&] { parsed(wrong); }));
  }
}

}  // namespace

int main() {
  cores_are_read_without_their_sum();
  load_is_what_changed();
  memory_is_read_in_bytes();
  a_process_may_have_any_name();
  a_command_line_is_made_fit_to_show();
  the_real_files_are_read();
  the_board_never_exceeds_the_terminal();
  the_ascii_board_is_ascii();
  figures_are_short();
  the_command_line_says_what_is_wrong();
}
