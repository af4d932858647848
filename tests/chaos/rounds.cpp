#include "chaos/rounds.hpp"

#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <utility>

#include "load/random.hpp"

namespace vagus::chaos {

namespace {

using namespace std::chrono_literals;

// Longer than anything takes on a slow machine; only a fault waits for so long.
constexpr auto time_to_work = 25s;
constexpr auto time_to_notice = 2s;
constexpr auto time_to_settle = 10s;
constexpr auto time_to_end = 10s;
/// A point that has not been passed by then is not waited for.
constexpr auto time_to_pass = 100ms;

std::string url_of(const Stretch& stretch, std::uint64_t first_round, const std::string& folder) {
  const std::string name = "chaos-" + std::to_string(::getpid()) + "-" + std::to_string(first_round);
  return "shm://" + (stretch.path ? folder + "/" + name : name) + stretch.options;
}

}  // namespace

Rounds::Rounds(std::uint64_t seed, std::uint64_t first_round, const std::string& folder, Tally& tally)
    : seed_(seed),
      stretch_(stretch_of(seed, first_round)),
      folder_(folder),
      url_(url_of(stretch_, first_round, folder)),
      tally_(tally),
      pair_(stretch_.survivor, [&tally](const load::Figures& figures) { tally.add(figures); }),
      survivor_(pair_.survivor()),
      victim_(pair_.victim()) {}

void Rounds::run(std::uint64_t round) {
  round_ = round;
  const Plan plan = plan_of(seed_, round);
  if (!survivor_.runs()) start(survivor_, {});
  if (plan.point != nullptr) tally_.planned(plan.point->name);
  kept_before_ns_ = survivor_.child().figures().kept_ns.load();
  if (plan.at_start()) {
    run_at_start(plan);
  } else if (plan.at_end()) {
    run_at_end(plan);
  } else {
    run_under_load(plan);
  }
}

void Rounds::start(SideHandle& side, const std::string& fault) {
  side.start(url_, load::mix(seed_) + round_, fault);
  if (&side != &victim_) return;
  started_ = Clock::now();
  proven_ = false;
}

void Rounds::prove() {
  if (!victim_.runs()) start(victim_, {});
  survivor_.tell("prove");
  victim_.tell("prove");
  expect([&] { return survivor_.has_said("proven") && victim_.has_said("proven"); }, time_to_work,
         "both sides call each other");
  if (!std::exchange(proven_, true)) tally_.worked_again(Clock::now() - started_);
}

void Rounds::expect(const std::function<bool()>& so, std::chrono::nanoseconds longest,
                    const std::string& what) {
  const auto dead = [](SideHandle& side) { return side.runs() && side.child().ended(); };
  const bool in_time = pair_.await([&] { return so() || dead(survivor_) || dead(victim_); }, longest);
  if (so()) return;
  throw RoundFailed("waiting until " + what + ": " +
                    (in_time ? "a process has ended"
                             : "not so after " + std::to_string(longest.count() / 1'000'000) + " ms") +
                    "\n" + standing());
}

std::string Rounds::standing() {
  std::string text;
  for (SideHandle* const side : {&survivor_, &victim_}) {
    text += "  " + side->name() + (side == &survivor_ ? ", the survivor: " : ", the victim: ");
    if (!side->runs()) {
      text += "not there\n";
    } else if (side->child().ended()) {
      text += "ended with " + std::to_string(side->child().status()) + "\n";
    } else {
      text += side->child().halted() ? "halted\n" : "runs\n";
    }
  }
  return text;
}

// The faults --------------------------------------------------------------------------------------

void Rounds::run_at_start(const Plan& plan) {
  if (victim_.runs()) end(victim_);
  start(victim_, std::string(plan.point->name) + ":" + std::to_string(plan.passage) +
                     (plan.fault == Plan::Fault::kill ? ":kill" : ":stop"));
  strike(plan);
}

void Rounds::run_at_end(const Plan& plan) {
  prove();
  survivor_.tell("peer_ends");
  expect([&] { return survivor_.has_said("ready"); }, time_to_settle, "the survivor knows");
  victim_.tell(std::string("arm ") + plan.point->name + " " + std::to_string(plan.passage) +
               (plan.fault == Plan::Fault::kill ? " kill" : " stop"));
  expect([&] { return victim_.has_said("armed"); }, time_to_settle, "the victim is armed");
  victim_.tell("end");
  if (!pair_.await([&] { return stands_or_is_dead(); }, time_to_end)) {
    throw RoundFailed("the victim does not end\n" + standing());
  }
  tally_.took_place(was_struck() ? plan.point->name : "at its end, its point not passed");
  if (!victim_.child().ended()) {
    pair_.pause(plan.freeze);
    victim_.child().signal(SIGKILL);
  }
  bury(Time());
}

void Rounds::run_under_load(const Plan& plan) {
  prove();
  if (plan.point != nullptr) {
    victim_.tell(std::string("arm ") + plan.point->name + " " + std::to_string(plan.passage) +
                 (plan.fault == Plan::Fault::kill ? " kill" : " stop"));
  }
  strike(plan);
}

bool Rounds::stands_or_is_dead() { return victim_.child().halted() || victim_.child().ended(); }

bool Rounds::was_struck() {
  const load::Child& child = victim_.child();
  return child.halted() || (child.ended() && child.status() == -SIGKILL);
}

void Rounds::strike(const Plan& plan) {
  if (plan.point != nullptr && pair_.await([&] { return stands_or_is_dead(); }, time_to_pass)) {
    tally_.took_place(plan.point->name);
    return after_the_fault(plan);
  }
  if (plan.point != nullptr) {
    victim_.tell("disarm");  // so that it is not halted a second time
    expect([&] { return victim_.has_said("disarmed") || stands_or_is_dead(); }, time_to_settle,
           "the victim is not armed any more");
    if (stands_or_is_dead()) {
      tally_.took_place(plan.point->name);
      return after_the_fault(plan);
    }
  }
  tally_.took_place(plan.point == nullptr ? "at any moment" : "at any moment, its point not passed");
  pair_.pause(plan.delay);
  if (plan.fault == Plan::Fault::kill) {
    victim_.child().figures().fault_ns.store(Clock::now().time_since_epoch().count());
  }
  victim_.child().signal(plan.fault == Plan::Fault::kill ? SIGKILL : SIGSTOP);
  expect([&] { return stands_or_is_dead(); }, time_to_end, "the signal takes effect");
  after_the_fault(plan);
}

void Rounds::after_the_fault(const Plan& plan) {
  if (plan.survivor_freezes) {
    survivor_.child().signal(SIGSTOP);
    pair_.await([&] { return survivor_.child().halted(); }, time_to_end);
    pair_.pause(plan.survivor_freeze);
    survivor_.child().signal(SIGCONT);
  }
  if (victim_.child().ended()) {
    const std::int64_t when = victim_.child().figures().fault_ns.load();
    return bury(when == 0 || plan.survivor_freezes ? Time() : Time(std::chrono::nanoseconds(when)));
  }
  pair_.pause(plan.freeze);
  if (plan.fault == Plan::Fault::freeze) return thaw(plan);
  const Time death = Clock::now();
  victim_.child().signal(SIGKILL);
  bury(death);
}

void Rounds::thaw(const Plan& /*plan*/) {
  victim_.child().signal(SIGCONT);
  expect([&] { return !victim_.child().halted(); }, time_to_end, "it goes on");
  prove();
}

void Rounds::bury(Time death) {
  pair_.await([&] { return victim_.child().ended(); }, time_to_end);
  if (!victim_.child().ended()) throw RoundFailed("a process that was killed does not end\n" + standing());
  if (const int status = victim_.child().status(); status != -SIGKILL && status != 0) {
    throw RoundFailed("the victim ended by itself, with " + std::to_string(status));
  }
  const pid_t dead = victim_.child().id();
  victim_.forget();
  survivor_.tell("settle");
  expect([&] { return survivor_.has_said("settled"); }, time_to_settle, "nothing is left of the victim");
  // The link may have opened at the very last moment: what the survivor says of it comes with what it has
  // settled.
  if (!survivor_.was_open_to(dead)) return;
  expect([&] { return survivor_.lost(dead).has_value(); }, time_to_settle,
         "calls pending to the victim have failed");
  if (death == Time()) return;
  const auto after = *survivor_.lost(dead) - death;
  tally_.noticed(after);
  const std::chrono::nanoseconds kept(survivor_.child().figures().kept_ns.load() - kept_before_ns_);
  if (after - kept > time_to_notice) {
    throw RoundFailed("a death was noticed after " + std::to_string(after.count() / 1'000'000) + " ms");
  }
}

void Rounds::end(SideHandle& side) {
  SideHandle& other = &side == &victim_ ? survivor_ : victim_;
  if (other.runs()) {
    other.tell("peer_ends");
    expect([&] { return other.has_said("ready"); }, time_to_settle, "the other side knows");
  }
  side.tell("end");
  const bool in_time = pair_.await([&] { return side.child().ended(); }, time_to_end);
  if (!in_time) throw RoundFailed(side.name() + " does not end\n" + standing());
  side.read();
  if (!side.has_said("ended") || side.child().status() != 0) {
    throw RoundFailed(side.name() + " ended with " + std::to_string(side.child().status()) + "\n" +
                      standing());
  }
  side.forget();
  if (!other.runs()) return;
  if (&other != &survivor_) return;
  other.tell("settle");
  expect([&] { return other.has_said("settled"); }, time_to_settle, "nothing is left of the other side");
}

void Rounds::finish() {
  if (!survivor_.runs()) return;
  prove();
  const bool survivor_first = (seed_ + round_) % 2 == 0;
  end(survivor_first ? survivor_ : victim_);
  end(survivor_first ? victim_ : survivor_);
  std::string left;
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    left += "  " + entry.path().string() + "\n";
  for (const auto& entry : std::filesystem::directory_iterator("/dev/shm")) {
    if (entry.path().string().find("vagus") != std::string::npos) left += "  " + entry.path().string() + "\n";
  }
  const std::string name = "chaos-" + std::to_string(::getpid()) + "-";
  std::ifstream sockets("/proc/net/unix");
  for (std::string line; std::getline(sockets, line);) {
    if (line.find(name) != std::string::npos) left += "  a socket: " + line + "\n";
  }
  if (!left.empty()) throw RoundFailed("both sides have ended, and there is left:\n" + left);
}

}  // namespace vagus::chaos
