#include "head.hpp"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "monitor.hpp"
#include "second_head.hpp"
#include "terminal.hpp"
#include "trials.hpp"

namespace sysmon {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// What a demonstration has besides its own head.
struct Demonstration {
  SecondHead& second;
  Trials& trials;
};

/// The board with what its keys do.
class LiveBoard {
 public:
  /// `demonstration` null: the body is somebody else's.
  LiveBoard(Monitor& monitor, Inputs& inputs, const Demonstration* demonstration, const std::string& url)
      : monitor_(monitor), inputs_(inputs), demonstration_(demonstration) {
    picture_.url = url;
    picture_.own_body = demonstration != nullptr;
  }

  void run(Clock::time_point end) {
    monitor_.refresh(picture_);
    while (Clock::now() < end) {
      monitor_.collect(picture_);
      if (demonstration_ != nullptr) collect(*demonstration_);
      screen_.show(draw_board(picture_, Screen::size(), look_));

      const Input input =
          inputs_.wait(std::min(1000ms, std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now())));
      if (input.signal != 0) return;
      for (const Key key : input.keys) {
        if (!press(key)) return;
      }
      // The body's event says when there is something new; if it says nothing for a second, ask anyway.
      if (!picture_.paused && (input.news || !input.keys.empty() || Clock::now() >= refreshed_ + 1s))
        refresh();
    }
  }

 private:
  void collect(const Demonstration& demonstration) {
    picture_.second = demonstration.second.figures();
    if (const auto report = demonstration.trials.take_report()) picture_.message = report->text;
  }

  void refresh() {
    refreshed_ = Clock::now();
    monitor_.refresh(picture_);
    const std::size_t last = picture_.processes.empty() ? 0 : picture_.processes.size() - 1;
    picture_.selected = std::min(picture_.selected, last);
  }

  /// False to quit.
  bool press(Key key) {
    picture_.message.clear();
    if (asked_) {
      if (key == 'y') monitor_.signal(picture_, *asked_, SIGTERM);
      asked_.reset();
      return true;
    }
    switch (key) {
      case 'q':
        return false;
      case 's':
        picture_.sort_by = picture_.sort_by == SortBy::cpu ? SortBy::memory : SortBy::cpu;
        break;
      case '+':
        picture_.process_count = std::min<std::size_t>(picture_.process_count + 1, 200);
        break;
      case '-':
        picture_.process_count = std::max<std::size_t>(picture_.process_count - 1, 1);
        break;
      case 'p':
        picture_.paused = !picture_.paused;
        break;
      case key_up:
        picture_.selected -= picture_.selected == 0 ? 0 : 1;
        break;
      case key_down:
        ++picture_.selected;
        break;
      case 't':
        ask_first();
        break;
      case 'k':
      case 'z':
      case 'f':
        try_out(key);
        break;
      default:
        break;
    }
    return true;
  }

  void try_out(Key key) {
    if (demonstration_ == nullptr) {
      picture_.message = "this body is not mine to harm: I have not started it";
    } else if (key == 'k') {
      demonstration_->trials.kill();
    } else if (key == 'z') {
      demonstration_->trials.freeze();
    } else {
      demonstration_->trials.flood();
    }
  }

  void ask_first() {
    if (picture_.selected >= picture_.processes.size()) return;
    asked_ = picture_.processes[picture_.selected];
    picture_.message = "tell process " + std::to_string(asked_->id) + " to end? y/n   " + asked_->command;
  }

  Monitor& monitor_;
  Inputs& inputs_;
  const Demonstration* const demonstration_;
  const Look look_ = look_of_terminal();
  const Screen screen_;
  Picture picture_;
  Clock::time_point refreshed_{};
  std::optional<ProcessInfo> asked_;  // to be told to end, if the user says so
};

void print_line(const Picture& picture) {
  const MemoryUsage& memory = picture.memory;
  std::string top = "none";
  if (!picture.processes.empty()) {
    const ProcessInfo& process = picture.processes.front();
    top =
        process.command.substr(0, 30) + " (" + std::to_string(process.id) + ") " + percent_text(process.cpu);
  }
  const auto median_of = [](const HeadFigures& head) {
    return duration_text(std::chrono::nanoseconds(head.call_median), {.colours = false, .unicode = false});
  };
  const std::string second = picture.second ? ", of head 2 " + median_of(*picture.second) : "";
  std::printf("cpu %s  memory %s of %s  top %s  call p50 %s%s\n", percent_text(mean(picture.load)).c_str(),
              bytes_text(memory.total_bytes - std::min(memory.available_bytes, memory.total_bytes)).c_str(),
              bytes_text(memory.total_bytes).c_str(), top.c_str(), median_of(picture.head).c_str(),
              second.c_str());
  std::fflush(stdout);
}

int run_lines(Monitor& monitor, Inputs& inputs, const SecondHead* second, int count) {
  Picture picture;
  picture.process_count = 1;
  std::uint64_t events = 0;
  auto patience = Clock::now() + 5s;
  while (count > 0) {
    const Input input = inputs.wait(200ms);
    if (input.signal != 0) return 128 + input.signal;
    monitor.collect(picture);
    if (picture.head.events == events) {
      if (Clock::now() > patience) throw std::runtime_error("nothing heard from the body for 5 s");
      continue;
    }
    events = picture.head.events;
    patience = Clock::now() + 5s;
    monitor.refresh(picture);
    if (picture.head.calls_failed != 0) throw std::runtime_error(picture.trouble);
    if (second != nullptr) picture.second = second->api().figures().call();
    print_line(picture);
    --count;
  }
  return 0;
}

/// Kills the body; the exit code.
int show_a_kill(Trials& trials, Inputs& inputs) {
  trials.kill();
  for (;;) {
    if (const auto report = trials.take_report()) {
      std::printf("%s\n", report->text.c_str());
      return report->as_promised ? 0 : 1;
    }
    const Input input = inputs.wait(1000ms);
    if (input.signal != 0) return 128 + input.signal;
  }
}

void show_board(Monitor& monitor, Inputs& inputs, const Demonstration* demonstration, const std::string& url,
                std::optional<int> seconds) {
  const auto end = seconds ? Clock::now() + std::chrono::seconds(*seconds) : Clock::time_point::max();
  LiveBoard(monitor, inputs, demonstration, url).run(end);
}

}  // namespace

int run_head(const std::string& url, std::optional<int> seconds) {
  return run_head(body_at(vagus::connect(url)), url, seconds);
}

int run_head(const BodyToWatch& body, const std::string& where, std::optional<int> seconds) {
  const bool board = has_terminal();
  Inputs inputs{board};  // before the monitor starts threads
  Monitor monitor{body, [&inputs] { inputs.wake(); }};
  monitor.wait_open(10s);
  if (!board) return run_lines(monitor, inputs, nullptr, seconds.value_or(5));
  show_board(monitor, inputs, nullptr, where, seconds);
  return 0;
}

int run_demo(const std::string& url, std::optional<int> seconds, bool allow_signal) {
  const bool board = has_terminal();
  Inputs inputs{board};
  std::vector<std::string> command{"/proc/self/exe", "body", url};
  if (allow_signal) command.emplace_back("--allow-signal");
  // What it has to say would spoil the board, which shows it anyway.
  vagus::Log silent{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  // Somebody may kill the body as often as the key repeats.
  vagus::Supervisor supervisor{command,
                               {.name = "sysmon",
                                .restart = vagus::Restart::always,
                                .max_restarts = 1000,
                                .pause = 1ms,
                                .log = silent}};
  const auto news = [&inputs] { inputs.wake(); };
  Monitor monitor{vagus::connect(supervisor), news};
  monitor.wait_open(10s);
  SecondHead second{url, news};
  Trials trials{supervisor, monitor.arb(), second,
                board ? look_of_terminal() : Look{.colours = false, .unicode = false}, news};
  if (!board) {
    const int code = run_lines(monitor, inputs, &second, seconds.value_or(5));
    return code != 0 ? code : show_a_kill(trials, inputs);
  }
  const Demonstration demonstration{second, trials};
  show_board(monitor, inputs, &demonstration, url, seconds);
  return 0;
}

}  // namespace sysmon
