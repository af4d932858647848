// The figures of a process, live.

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "commands.hpp"
#include "figures.hpp"
#include "live_screen.hpp"
#include "stats_tables.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

using Lines = std::vector<std::string>;

struct Reading {
  ProcessStats stats;
  TimePoint at;
};

std::string per_second(std::uint64_t now, std::uint64_t former, double seconds) {
  return rate_text(static_cast<double>(now - std::min(now, former)) / seconds);
}

std::string bytes_per_second(const Volume& now, const Volume& former, double seconds) {
  return size_text(static_cast<double>(now.bytes - std::min(now.bytes, former.bytes)) / seconds) + "/s";
}

Lines total_lines(const Stats& now, const Stats& then, double seconds) {
  const auto rate = [&](auto figure) { return per_second(now.*figure, then.*figure, seconds); };
  return {"requests  " + rate(&Stats::requests_received) + ", refused " + rate(&Stats::requests_refused) +
              ", " + std::to_string(now.requests_waiting) + " waiting",
          "calls     " + rate(&Stats::calls_made) + ", failed " +
              per_second(now.calls_failed.total(), then.calls_failed.total(), seconds) + ", " +
              std::to_string(now.calls_pending) + " pending",
          "events    sent " + rate(&Stats::messages_posted) + ", received " +
              rate(&Stats::messages_received) + ", dropped " + rate(&Stats::messages_dropped),
          "traffic   sent " + bytes_per_second(now.sent, then.sent, seconds) + ", received " +
              bytes_per_second(now.received, then.received, seconds) + ", links " +
              std::to_string(now.links)};
}

/// Its heads and as many rows as there is room for, after an empty line; the rest is counted.
void add(Lines& lines, const Table& table, std::size_t width, std::size_t room) {
  if (table.empty() || room < 3) return;
  Lines rows = table.lines(width);
  rows.front() = dim(rows.front());
  const std::size_t fitting = room - 1;
  if (rows.size() > fitting) {
    const std::size_t left_out = rows.size() - fitting + 1;
    rows.resize(fitting - 1);
    rows.push_back(dim("… " + std::to_string(left_out) + " more"));
  }
  lines.emplace_back();
  lines.insert(lines.end(), rows.begin(), rows.end());
}

std::string queues(const std::vector<ApiStats>& apis) {
  std::string text;
  for (const ApiStats& api : apis) {
    text += (text.empty() ? "" : ", ") + api.name_space + ' ' + std::to_string(api.waiting);
  }
  return text;
}

/// What is to be seen, in a height of so many lines; 0: of any number.
Lines screen(const Reading& now, const Reading& then, std::size_t width, std::size_t height) {
  const double seconds = std::max(std::chrono::duration<double>(now.at - then.at).count(), 1e-3);
  Lines lines = total_lines(now.stats.totals, then.stats.totals, seconds);
  lines.insert(lines.begin(), title(now.stats));
  if (!now.stats.apis.empty()) lines.push_back("queues    " + queues(now.stats.apis));
  if (!now.stats.measuring) {
    lines.emplace_back("latencies are not measured: that takes the right to describe **,");
    lines.emplace_back("          or ApiArb::measure(true) in that program");
  }
  for (std::string& line : lines) line = fitted(line, width);
  lines.front() = bold(lines.front());
  const Table peers = peer_table(now.stats, &then.stats, seconds);
  const std::size_t for_peers =
      height == 0 ? SIZE_MAX : std::min(peers.size() + 2, std::max<std::size_t>(height / 4, 3));
  const auto room = [&] { return height - std::min(height, lines.size()); };
  add(lines, method_table(now.stats, then.stats, seconds), width,
      height == 0 ? SIZE_MAX : room() - std::min(room(), for_peers));
  add(lines, peers, width, height == 0 ? SIZE_MAX : room());
  return lines;
}

/// Asks the peer in the background, so that keys are heard meanwhile.
class Asking {
 public:
  Asking(Connection& connection, Awaiting& awaiting) : connection_(connection), awaiting_(awaiting) {}
  ~Asking() {
    if (!thread_.joinable()) return;
    connection_.arb().stop();  // so that the answer is not waited for
    thread_.join();
  }
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

  /// One at a time.
  void ask() {
    std::packaged_task<Reading()> task([this] { return Reading{stats(), Deadline::now()}; });
    answer_ = task.get_future();
    thread_ = std::thread([this, task = std::move(task)]() mutable {
      task();
      awaiting_.wake();
    });
  }
  bool under_way() const { return thread_.joinable(); }
  /// None yet. Throws what the call has thrown.
  std::optional<Reading> answer() {
    if (!under_way() || answer_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
      return std::nullopt;
    }
    thread_.join();
    return answer_.get();
  }

 private:
  /// With latencies, if this side may have them measured.
  ProcessStats stats() {
    try {
      return connection_.arb().stats_of(connection_.peer(), {.measure = measure_}, connection_.timeout());
    } catch (const PermissionDeniedError&) {
      if (!measure_) throw;
      measure_ = false;
      return stats();
    }
  }

  Connection& connection_;
  Awaiting& awaiting_;
  bool measure_ = true;  // belongs to the thread
  std::thread thread_;
  std::future<Reading> answer_;
};

void show_plainly(const Reading& now, const Reading& then, bool json) {
  if (json) {
    std::puts(one_line(to_json(now.stats)).c_str());
  } else {
    for (const std::string& line : screen(now, then, 0, 0)) std::printf("%s\n", line.c_str());
    std::puts("");
  }
  std::fflush(stdout);
}

int milliseconds_until(TimePoint time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Deadline::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

/// Until somebody quits, or all is shown that was asked for.
void run(Connection& connection, const TopOptions& options, LiveScreen* live) {
  Awaiting awaiting(live != nullptr && live->reads_keys());
  const Registration on_loss = connection.arb().on_state([&](const LinkEvent&) { awaiting.wake(); });
  Asking asking(connection, awaiting);
  std::optional<Reading> then;
  std::optional<Reading> now;
  std::size_t shown = 0;
  const auto draw = [&] {
    if (live != nullptr && now) live->draw(screen(*now, *then, terminal_width(), LiveScreen::height()));
  };
  asking.ask();
  TimePoint next = Deadline::now() + options.interval;
  while (options.count == 0 || shown < options.count) {
    if (!connection.arb().connected())
      throw TransportDisconnectedError("the link to " + connection.peer().name + " was lost");
    if (auto answer = asking.answer()) {
      then = now ? std::move(now) : answer;
      now = std::move(answer);
      draw();
      // The first reading is what the next one is compared with.
      if (live == nullptr && then->at != now->at) show_plainly(*now, *then, options.json);
      if (then->at != now->at) ++shown;
      continue;
    }
    if (!asking.under_way() && Deadline::now() >= next) {
      next = Deadline::now() + options.interval;
      asking.ask();
    }
    switch (awaiting.wait(asking.under_way() ? -1 : milliseconds_until(next))) {
      case Awaiting::Event::quit:
        return;
      case Awaiting::Event::resized:
        draw();
        break;
      default:
        break;
    }
  }
}

}  // namespace

void top(const ConnectionOptions& connection_options, const TopOptions& options) {
  Connection connection(connection_options);
  std::unique_ptr<LiveScreen> live;
  if (terminal_width() != 0 && !options.json) live = std::make_unique<LiveScreen>();
  run(connection, options, live.get());
}

}  // namespace vagus::tools
