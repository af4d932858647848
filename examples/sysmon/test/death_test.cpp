// What a head sees of calls that its body takes along, or does not.
#include <chrono>
#include <cstdint>
#include <string>

#include <vagus/vagus.hpp>

#include "caller.hpp"
#include "expect.hpp"
#include "trials.hpp"

namespace {

using namespace std::chrono_literals;

void calls_that_end_by_their_own_deadline_have_hung() {
  const std::string url = "inproc://sysmon-death-test";
  sysmon::LabApi lab{"lab"};
  lab.wait.handle([](vagus::Call& call, double) { call.sleep_for(1h); });  // until nobody waits for it
  lab.echo.handle([](int number) { return number; });
  vagus::ApiArb body{vagus::listen(url)};
  body.attach(lab);
  body.start();

  vagus::ApiArb head{vagus::connect(url)};
  sysmon::Caller caller{head};
  caller.prepare(3, 50ms);
  const sysmon::DeathSeen seen = caller.death();
  EXPECT(seen.hung == 3);
  EXPECT(seen.failed == 0);
  EXPECT(seen.last_failure == 0);
  EXPECT(seen.answered > 0);
}

void a_report_is_as_promised_if_all_calls_failed() {
  constexpr std::int64_t killed = 1'000'000'000;
  const auto report_of = [](const sysmon::DeathSeen& seen) {
    return sysmon::report_of_death(seen, killed, 3);
  };
  const sysmon::Report all = report_of({3, 0, 0, killed + 600'000, killed + 12'000'000});
  EXPECT(all.text == "body killed: 3 calls failed in 0.6 ms, restarted in 12 ms, 0 hung, 0 left over");
  EXPECT(all.as_promised);
  const sysmon::Report none = report_of({0, 3, 0, 0, killed + 2'000'000'000});
  EXPECT(none.text == "body killed: 0 calls failed in 0.0 ms, restarted in 2.0 s, 3 hung, 0 left over");
  EXPECT(!none.as_promised);
  EXPECT(!report_of({2, 1, 0, killed, killed}).as_promised);
  EXPECT(!report_of({2, 0, 0, killed, killed}).as_promised);
  EXPECT(!report_of({3, 0, 1, killed, killed}).as_promised);
}

}  // namespace

int main() {
  calls_that_end_by_their_own_deadline_have_hung();
  a_report_is_as_promised_if_all_calls_failed();
}
