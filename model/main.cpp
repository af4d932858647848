// Explores the ring as it is, then with one fault after the other.
#include <atomic>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "environment.hpp"
#include "explorer.hpp"
#include "scenario.hpp"

namespace vagus::model {
namespace {

struct Result {
  Outcome outcome;
  std::string error;

  bool as_expected(const Scenario& scenario) const {
    return error.empty() && outcome.broken == scenario.expected;
  }
};

Result explore_one(const Scenario& scenario) {
  Result result;
  try {
    result.outcome = explore(scenario);
  } catch (const std::exception& error) {
    result.error = error.what();
  }
  return result;
}

/// On all processors; the results in the order of the scenarios.
std::vector<Result> explore_all(const std::vector<Scenario>& scenarios) {
  std::vector<Result> results(scenarios.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < scenarios.size(); i = next++) results[i] = explore_one(scenarios[i]);
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(work);
  work();
  return results;
}

void print_trace(const Outcome& outcome) {
  for (const std::string& line : outcome.trace) std::printf("      %s\n", line.c_str());
}

const char* name_of(MemoryKind memory) { return memory == MemoryKind::tso ? "tso" : "weak"; }

void print(const Scenario& scenario, const Result& result) {
  const bool negative = scenario.expected != Property::none;
  const std::string verdict = !result.error.empty()           ? "ERROR: " + result.error
                              : !result.as_expected(scenario) ? "WRONG: "
                              : negative                      ? "fails: "
                                                              : "holds";
  const bool says_what = result.error.empty() && (negative || !result.as_expected(scenario));
  std::printf("  %-50s %-18s %-5s %9zu  %6.2f s  %s%s\n", std::string(scenario.name).c_str(),
              scenario.fault != Fault::none ? std::string(scenario.says).c_str() : "",
              name_of(scenario.memory), result.outcome.states, result.outcome.seconds, verdict.c_str(),
              says_what ? name_of(result.outcome.broken) : "");
  if (!negative && result.error.empty() && !result.as_expected(scenario)) print_trace(result.outcome);
}

/// How many are not as expected.
int run(const char* title, const std::vector<Scenario>& scenarios) {
  std::printf("%s\n", title);
  const std::vector<Result> results = explore_all(scenarios);
  int wrong = 0;
  for (std::size_t i = 0; i < scenarios.size(); ++i) {
    print(scenarios[i], results[i]);
    if (!results[i].as_expected(scenarios[i])) ++wrong;
  }
  return wrong;
}

int trace(std::string_view name) {
  std::vector<Scenario> scenarios = positive_scenarios();
  const std::vector<Scenario> controls = negative_controls();
  scenarios.insert(scenarios.end(), controls.begin(), controls.end());
  for (const Scenario& scenario : scenarios) {
    if (scenario.name != name) continue;
    const Result result = explore_one(scenario);
    print(scenario, result);
    if (scenario.expected != Property::none) print_trace(result.outcome);
    return result.as_expected(scenario) ? 0 : 1;
  }
  std::fprintf(stderr, "there is no scenario '%s'; without arguments all are run and named\n",
               std::string(name).c_str());
  return 2;
}

int run_all() {
  const int wrong = run("The ring as it is: every property has to hold", positive_scenarios()) +
                    run("With one fault each: the property has to fail", negative_controls());
  if (wrong != 0) {
    std::printf("%d are not as expected\n", wrong);
  } else {
    std::printf("all as expected\n");
  }
  return wrong == 0 ? 0 : 1;
}

}  // namespace
}  // namespace vagus::model

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.empty()) return vagus::model::run_all();
  if (arguments.size() == 2 && arguments[0] == "--trace") return vagus::model::trace(arguments[1]);
  std::fprintf(stderr, "usage: vagus_ring_model [--trace NAME]\n");
  return 2;
}
