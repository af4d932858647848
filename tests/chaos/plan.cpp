#include "chaos/plan.hpp"

#include <array>
#include <string_view>

#include "load/random.hpp"

namespace vagus::chaos {

namespace {

using load::mix;
using load::Random;
using Where = Point::Where;

constexpr std::array all_points{
    Point{"attach.added", Where::start, 2},
    Point{"listen.bound", Where::body_start, 1},
    Point{"listen.listening", Where::body_start, 1},
    Point{"connect.connected", Where::head_start, 1},
    Point{"connect.hello_sent", Where::head_start, 1},
    Point{"connect.hello_received", Where::head_start, 1},
    Point{"accept.accepted", Where::body_start, 1},
    Point{"accept.hello_received", Where::body_start, 1},
    Point{"accept.hello_sent", Where::body_start, 1},
    Point{"open.before_picture", Where::start, 1},
    Point{"open.picture_received", Where::start, 1},
    Point{"ring.claimed", Where::running, 200},
    Point{"ring.before_publish", Where::running, 200},
    Point{"ring.published", Where::running, 200},
    Point{"ring.rung", Where::running, 200},
    Point{"ring.part_sent", Where::running, 3},
    Point{"ring.given_back", Where::running, 20},
    Point{"read.received", Where::running, 200},
    Point{"read.dispatched", Where::running, 200},
    Point{"parked.for_records", Where::running, 20},
    Point{"parked.for_space", Where::running, 2},
    Point{"parked.event_loop", Where::running, 20},
    Point{"reply.before", Where::running, 100},
    Point{"reply.sent", Where::running, 100},
    Point{"loan.borrowed", Where::running, 5, true},
    Point{"loan.lent", Where::running, 5, true},
    Point{"loan.received", Where::running, 5, true},
    Point{"loan.kept", Where::running, 5, true},
    Point{"loan.before_return", Where::running, 5, true},
    Point{"close.before_farewell", Where::end, 1},
};

/// Can it be passed at all in this stretch?
bool fits(const Point& point, const Stretch& stretch) noexcept {
  const Role victim = opposite(stretch.survivor);
  if (point.where == Where::body_start) return victim == Role::body;
  if (point.where == Where::head_start) return victim == Role::head;
  return !point.needs_arena || stretch.arena;
}

}  // namespace

std::span<const Point> points() noexcept { return all_points; }

Stretch stretch_of(std::uint64_t seed, std::uint64_t round) {
  Random random(mix(mix(seed) + round / stretch_length));
  Stretch stretch;
  stretch.survivor = random.one_in(2) ? Role::body : Role::head;
  stretch.path = random.one_in(3);
  constexpr const char* rings[] = {"", "&ring=16384", "&ring=65536"};
  constexpr const char* arenas[] = {"", "", "&arena=0", "&arena=2097152"};
  const char* const arena = random.one_of(arenas);
  stretch.arena = std::string_view(arena) != "&arena=0";
  constexpr const char* waits[] = {"adaptive", "block"};
  stretch.options = std::string("?wait=") + random.one_of(waits) + random.one_of(rings) + arena;
  return stretch;
}

Plan plan_of(std::uint64_t seed, std::uint64_t round) {
  Random random(mix(mix(~seed) + round));
  const Stretch stretch = stretch_of(seed, round);
  Plan plan{};
  if (!random.one_in(4)) {
    do {
      plan.point = &all_points[random.below(all_points.size())];
    } while (!fits(*plan.point, stretch));
    plan.passage = static_cast<unsigned>(random.between(1, plan.point->most_passages));
  }
  const auto kind = random.below(8);
  plan.fault = kind < 4 ? Plan::Fault::kill : kind < 6 ? Plan::Fault::freeze : Plan::Fault::freeze_and_kill;
  plan.delay = std::chrono::microseconds(random.below(10'000));
  // Most are as short as a hiccup of the scheduler, some outlast deadlines.
  plan.freeze = std::chrono::microseconds(random.below(random.one_in(8) ? 150'000 : 10'000));
  plan.survivor_freezes = random.one_in(8);
  plan.survivor_freeze = std::chrono::microseconds(random.below(10'000));
  return plan;
}

std::string to_string(const Stretch& stretch, const Plan& plan) {
  constexpr const char* faults[] = {"is killed", "is frozen", "is frozen, then killed"};
  std::string text = std::string("the ") + to_string(opposite(stretch.survivor)) + " " +
                     faults[static_cast<std::size_t>(plan.fault)];
  if (plan.point != nullptr) {
    text += std::string(" at passage ") + std::to_string(plan.passage) + " of " + plan.point->name;
  } else {
    text += " after " + std::to_string(plan.delay.count()) + " us";
  }
  if (plan.fault != Plan::Fault::kill) text += ", for " + std::to_string(plan.freeze.count()) + " us";
  if (plan.survivor_freezes) {
    text += "; the other one is frozen then for " + std::to_string(plan.survivor_freeze.count()) + " us";
  }
  return text + "; shm" + (stretch.path ? " at a path, " : " by name, ") + stretch.options;
}

}  // namespace vagus::chaos
