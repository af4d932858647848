#include "second_head.hpp"

#include <chrono>
#include <utility>

#include "caller.hpp"
#include "monitor.hpp"
#include "terminal.hpp"

namespace sysmon {

namespace {

using namespace std::chrono_literals;

/// Handles what the first head asks.
class Asked {
 public:
  explicit Asked(Monitor& monitor) : monitor_(monitor), caller_(monitor.arb()) {}
  VAGUS_HANDLERS(figures, prepare, death, frost, answered, flood)

  HeadFigures _handler_figures() { return monitor_.figures(); }
  void _handler_prepare(std::uint32_t calls) { caller_.prepare(calls); }
  DeathSeen _handler_death() { return caller_.death(); }
  FrostSeen _handler_frost(std::int64_t timeout) { return caller_.frost(std::chrono::nanoseconds(timeout)); }
  std::int64_t _handler_answered() { return caller_.answered(); }
  FloodSeen _handler_flood(std::int64_t duration) {
    return caller_.flood(std::chrono::nanoseconds(duration));
  }

 private:
  Monitor& monitor_;
  Caller caller_;
};

}  // namespace

void run_second_head(const std::string& url) {
  Inputs inputs{false};  // before there are threads
  Monitor monitor{vagus::connect(url), [&inputs] { inputs.wake(); }};
  monitor.wait_open(10s);
  Picture picture;
  monitor.refresh(picture);

  SecondHeadApi api{"second_head"};
  Asked asked{monitor};
  const auto serving = vagus::serve(api, asked);
  vagus::Log silent{[](vagus::LogLevel, std::string_view) {},
                    vagus::LogLevel::off};  // the terminal is not ours
  vagus::ApiArb arb{vagus::listen("supervised://sysmon-second-head"), {.log = silent}};
  arb.attach(api);
  arb.start();
  for (;;) {
    // The same as the head with the board does, but for the board.
    const Input input = inputs.wait(1000ms);
    if (input.signal != 0) return;
    monitor.refresh(picture);
    api.changed(monitor.figures()).post({.ignore_errors = true});
  }
}

SecondHead::SecondHead(const std::string& url, std::function<void()> news)
    : news_(std::move(news)),
      supervisor_({"/proc/self/exe", "second-head", url},
                  {.name = "sysmon-second-head", .restart = vagus::Restart::always, .log = silent_}),
      arb_(vagus::connect(supervisor_), {.log = silent_}) {
  subscription_ = api_.changed.subscribe([this](const HeadFigures& figures) { take(figures); });
  listening_ = arb_.on_state([this](const vagus::LinkEvent& event) {
    if (event.state != vagus::LinkState::open) take({});
  });
  arb_.attach(api_);
  arb_.start();
}

void SecondHead::take(const HeadFigures& figures) {
  {
    const std::scoped_lock lock(mutex_);
    figures_ = figures;
  }
  news_();
}

HeadFigures SecondHead::figures() const {
  const std::scoped_lock lock(mutex_);
  return figures_;
}

}  // namespace sysmon
