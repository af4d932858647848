#include "chaos/side.hpp"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <list>
#include <optional>
#include <sstream>
#include <string_view>

#include <vagus/core/fault_point.hpp>
#include <vagus/vagus.hpp>

#include "load/checks.hpp"
#include "load/child.hpp"
#include "load/load.hpp"
#include "load/service.hpp"
#include "support/holdings.hpp"

namespace vagus::chaos {

namespace {

using namespace std::chrono_literals;
using testing::Holdings;

constexpr Duration time_to_work = 20s;
constexpr Duration time_to_settle = 5s;

Holdings look_at_this_process() { return testing::look_at_this_process("/nowhere"); }

/// A call that is never answered while its peer lives.
struct Pending {
  std::int64_t process_id;
  std::atomic<std::int64_t> ended_ns{0};
  void release() noexcept { ended_ns.store(Deadline::now().time_since_epoch().count()); }
};

class Side {
 public:
  Side(Role role, const std::string& url, std::uint64_t seed, const load::Channel& channel,
       load::Figures& figures)
      : channel_(channel),
        checks_(figures, [this](const std::string& text) { channel_.send("fault " + text); }),
        log_([this](LogLevel level, std::string_view line) { on_log(level, line); }, LogLevel::warning),
        own_(to_string(role), {.workers = 2}),
        theirs_(to_string(opposite(role)), {.workers = 2}),
        service_(own_, theirs_, checks_),
        arb_(role == Role::body ? listen(url) : connect(url), {.name = to_string(role), .log = log_}),
        listening_(arb_.on_state([this](const LinkEvent& event) { on_state(event); })),
        load_(arb_, own_, theirs_, service_.kept(), checks_, seed, load::Load::Hearers::one) {
    arb_.attach(own_);
    arb_.attach(theirs_);
    arb_.start();
    load_.start();
  }

  /// Until it is told to end.
  void serve() {
    while (const auto line = channel_.receive()) {
      std::istringstream words(*line);
      std::string command;
      words >> command;
      if (command == "prove") prove();
      if (command == "arm") arm(words);
      if (command == "disarm") disarm();
      if (command == "settle") settle();
      if (command == "peer_ends") {
        checks_.peer_ends(true);
        channel_.send("ready");
      }
      if (command == "end") return stop();
    }
  }

 private:
  void on_log(LogLevel level, std::string_view line) const {
    // What a peer that dies leaves behind is never taken for a breach of the rules.
    const auto says = [&](std::string_view text) { return line.find(text) != std::string_view::npos; };
    if (level == LogLevel::error || says("the rules") || says("no valid message") || says("cut off") ||
        says("hook threw") || says("handler")) {
      checks_.fault("the log says: " + std::string(line));
    }
  }

  void on_state(const LinkEvent& event) {
    if (event.state != LinkState::open) return;
    checks_.peer_ends(false);
    Pending& pending = pending_.emplace_back(event.peer.process_id);
    channel_.send("open " + std::to_string(pending.process_id));
    theirs_.hold()
        .to(event.peer)
        .async(release(pending), {.timeout = no_timeout})
        .then([this, &pending](const Result<void>& result) { on_lost(pending, result.error_pointer()); });
  }

  void on_lost(const Pending& pending, const ErrorPtr& error) {
    if (!error) {
      checks_.fault("a call was answered that nobody answers");
    } else if (error->code() != ErrorCode::transport_disconnected) {
      checks_.call_ended("a call without a deadline", {}, no_timeout, error);
    }
    channel_.send("lost " + std::to_string(pending.process_id) + " " +
                  std::to_string(pending.ended_ns.load()));
  }

  void prove() {
    const std::string why_not = load_.prove(Deadline::after(time_to_work));
    if (!why_not.empty()) checks_.fault("it does not work: " + why_not);
    channel_.send("proven");
  }

  void arm(std::istringstream& words) {
    std::string point;
    unsigned passage = 0;
    std::string signal;
    words >> point >> passage >> signal;
    fault_points::arm(point, passage, [this, number = signal == "kill" ? SIGKILL : SIGSTOP] {
      checks_.figures().fault_ns.store(Deadline::now().time_since_epoch().count());
      ::kill(::getpid(), number);
    });
    channel_.send("armed");
  }

  void disarm() {
    fault_points::arm({}, 1, [] {});
    channel_.send("disarmed");
  }

  void settle() {
    const Deadline deadline = Deadline::after(time_to_settle);
    std::string left;
    do {
      if (!left.empty()) ::poll(nullptr, 0, 1);  // nothing tells when a descriptor is closed
      left.clear();
      const Stats stats = arb_.stats();
      if (stats.links != 0) left += "  a link\n";
      if (stats.calls_pending != 0) left += "  " + std::to_string(stats.calls_pending) + " pending calls\n";
      const Holdings now = look_at_this_process();
      if (settled_) {
        left += left_over(*settled_, now);
      } else if (left.empty()) {
        settled_ = now;
      }
    } while (!left.empty() && !deadline.passed());
    if (!left.empty()) checks_.fault("of a peer that is gone there is left:\n" + left);
    const Stats stats = arb_.stats();
    if (stats.unknown_replies != 0) checks_.fault("there were replies to calls that were never made");
    look_for_lost_messages();
    channel_.send("settled");
  }

  // A sender gives the number of a message that it could not send to the next one: what is missing has come
  // here, and full queues have dropped it. Each subscriber counts as one in both figures. What was dropped
  // and followed by nothing is in the second one only.
  void look_for_lost_messages() {
    // In this order: a drop is counted before what came after it is heard.
    const auto missed = checks_.figures().missed.load();
    const auto dropped = arb_.stats().messages_dropped;
    if (missed > dropped) {
      checks_.fault(std::to_string(missed) + " events or notes are missing, of which full queues dropped " +
                    std::to_string(dropped) + " at most");
    }
  }

  void stop() {
    checks_.stopping();
    load_.stop();
    arb_.stop(1s);
    checks_.expect_no_callbacks();
    if (const auto pending = arb_.stats().calls_pending; pending != 0) {
      checks_.fault(std::to_string(pending) + " calls are pending after the end");
    }
    look_for_lost_messages();
  }

  const load::Channel& channel_;
  load::Checks checks_;
  Log log_;
  load::LoadApi own_;
  load::LoadApi theirs_;
  load::Service service_;
  std::list<Pending> pending_;  // the listener's
  std::optional<Holdings> settled_;
  ApiArb arb_;
  Registration listening_;
  load::Load load_;
};

}  // namespace

int run_side(Role role, const std::string& url, std::uint64_t seed) {
  const load::Channel channel(load::channel_descriptor);
  const load::SharedFigures figures(load::figures_descriptor);
  const Holdings before = look_at_this_process();
  try {
    Side(role, url, seed, channel, *figures).serve();
  } catch (const std::exception& error) {
    channel.send(std::string("fault it ends: ") + error.what());
    return 1;
  }
  const std::string left = left_over(before, settled(before, look_at_this_process));
  if (!left.empty()) channel.send("fault after its end there is left:\n" + left);
  channel.send("ended");
  return 0;
}

}  // namespace vagus::chaos
