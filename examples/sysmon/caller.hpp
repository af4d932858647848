/// The calls that one head makes while the demonstration harms the body.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <vagus/vagus.hpp>

#include "second_head_api.hpp"
#include "system_api.hpp"

namespace sysmon {

/// How often the quiet API was called beside a flood, and how long that took.
struct QuietSeen {
  std::chrono::nanoseconds median{};
  std::chrono::nanoseconds p99{};
};

/// Both heads have one. One function at a time. What is called while the body is away waits for it, 10 s at
/// most, and throws the error of the call then.
class Caller {
 public:
  /// Calls over the links of `arb`, which has to outlive it.
  explicit Caller(vagus::ApiArb& arb);
  ~Caller();
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  /// Makes so many calls that the body does not answer for a minute, once the link is open.
  void prepare(std::uint32_t calls, std::chrono::nanoseconds timeout = std::chrono::seconds(2));
  /// Waits until each has ended, or its deadline has passed, and until a call is answered again.
  DeathSeen death();

  FrostSeen frost(std::chrono::nanoseconds timeout) const;
  /// When one call was answered: the steady clock's nanoseconds.
  std::int64_t answered() const;

  /// Keeps thousands of calls in flight for so long.
  FloodSeen flood(std::chrono::nanoseconds duration) const;
  /// Makes one call after another, to another API than flood() does.
  QuietSeen quiet(std::chrono::nanoseconds duration) const;

 private:
  class Ends;

  vagus::ApiArb& arb_;
  LabApi lab_{"lab", {.timeout = std::chrono::seconds(10), .when_down = vagus::WhenDown::queue}};
  SystemApi system_{"system", {.timeout = std::chrono::seconds(10), .when_down = vagus::WhenDown::queue}};

  std::shared_ptr<Ends> ends_;  // of the calls that were prepared; theirs too, since some might hang
  std::size_t held_before_ = 0;
};

}  // namespace sysmon
