#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <thread>

#include "arguments.hpp"
#include "commands.hpp"
#include "end.hpp"
#include "figures.hpp"
#include "json.hpp"
#include "known_method.hpp"
#include "load.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

constexpr Duration longest_warm_up = std::chrono::milliseconds(200);

/// The call, its arguments checked against what the peer tells of the method.
Load::Action checked_action(Connection& connection, const BenchOptions& options) {
  const ApiProxy proxy = connection.arb().proxy();
  if (connection.peer().plain) {
    auto [positional, named] = bind_arguments(options.arguments);
    if (!named.empty()) throw UsageError("a plain MessagePack-RPC peer takes no arguments by name");
    return proxy.apply(options.method, std::move(positional));
  }
  const Description told = connection.describe(options.method);
  const MemberDescription member = known_method(connection, told, options.method);
  auto [positional, named] = bind_arguments(member, JsonConverter(told.types), options.arguments);
  return proxy.apply(options.method, std::move(positional), std::move(named));
}

/// A first call, which fails as `vagus call` does if the method cannot be called at all.
void call_once(const Load::Action& action, Duration timeout) {
  const auto outcome = action.try_call<Value>({.timeout = timeout});
  const ErrorPtr error = outcome.error_pointer();
  if (!error || error->code() == ErrorCode::transport_finished || error->code() == ErrorCode::overloaded)
    return;
  if (error->execution() == Execution::not_sent || error->execution() == Execution::not_run) error->raise();
}

/// Calls until the plan is done or the end has come.
class Bench {
 public:
  Bench(Connection& connection, const BenchOptions& options)
      : connection_(connection),
        action_(checked_action(connection, options)),
        plan_(plan(options, connection.timeout())),
        warm_up_(action_, warm_up_plan(plan_), end_),
        measured_(action_, plan_, end_) {}

  LoadFigures run() {
    auto watching = end_when_lost(connection_, end_);
    std::thread driver([this] { drive(); });
    end_.await();
    watching = {};  // from here on it is this side that ends it
    warm_up_.stop();
    measured_.stop();
    connection_.arb().stop();
    driver.join();
    if (failure_) std::rethrow_exception(failure_);
    return figures_;
  }
  /// Throws why it has ended early, unless somebody wanted it to.
  void raise() const { end_.raise(); }

 private:
  static LoadPlan plan(const BenchOptions& options, Duration timeout) {
    LoadPlan plan;
    plan.count = options.count;
    plan.time = options.seconds;
    if (plan.time == Duration::zero() && plan.count == 0) plan.time = std::chrono::seconds(2);
    plan.callers = options.callers;
    plan.in_flight = options.in_flight;
    plan.rate = options.rate;
    plan.timeout = timeout;
    return plan;
  }
  static LoadPlan warm_up_plan(LoadPlan plan) {
    plan.time = std::min(plan.time / 10, longest_warm_up);
    return plan;
  }

  void drive() {
    try {
      call_once(action_, plan_.timeout);
      if (plan_.count == 0) warm_up_.run();  // who counts the calls wants no more of them
      if (!end_.has_come()) figures_ = measured_.run();
      // Calls may hear of it before those who watch the link.
      if (figures_.errors[ErrorCode::transport_disconnected] != 0) end_.come(link_lost(connection_, nullptr));
    } catch (...) {
      failure_ = std::current_exception();
    }
    end_.come();
  }

  Connection& connection_;
  const Load::Action action_;
  const LoadPlan plan_;
  End end_;
  Load warm_up_;
  Load measured_;
  LoadFigures figures_;         // belongs to drive() until that has returned
  std::exception_ptr failure_;  // likewise
};

double seconds_of(const LoadFigures& figures) { return std::chrono::duration<double>(figures.time).count(); }

double rate_of(const LoadFigures& figures) {
  const double seconds = seconds_of(figures);
  return seconds > 0 ? static_cast<double>(figures.times.count()) / seconds : 0.0;
}

double microseconds(Duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

Json as_json(const BenchOptions& options, const LoadFigures& figures) {
  Json errors = Json::object();
  for (std::size_t code = 0; code < error_code_count; ++code) {
    const auto kind = static_cast<ErrorCode>(code);
    if (figures.errors[kind] != 0) errors[to_string(kind)] = figures.errors[kind];
  }
  Json json{{"method", options.method},
            {"callers", options.callers},
            {"in_flight", options.in_flight},
            {"seconds", seconds_of(figures)},
            {"calls", figures.times.count()},
            {"calls_per_second", rate_of(figures)},
            {"mean_us", microseconds(figures.times.mean())},
            {"p50_us", microseconds(figures.times.p50())},
            {"p99_us", microseconds(figures.times.p99())},
            {"p99_9_us", microseconds(figures.times.quantile(0.999))},
            {"max_us", microseconds(figures.times.max())},
            {"failed", figures.errors.total()},
            {"errors", std::move(errors)},
            {"unfinished", figures.unfinished}};
  if (options.rate > 0) json["rate"] = options.rate;
  return json;
}

void print(const std::string& line) { std::printf("%s\n", fitted(line, terminal_width()).c_str()); }

void print(const std::string& peer, const BenchOptions& options, const LoadFigures& figures) {
  std::string title = peer + ", " + options.method + ", " + short_time(figures.time) + ", " +
                      std::to_string(options.callers) + (options.callers == 1 ? " caller" : " callers");
  if (options.in_flight > 1) title += ", " + std::to_string(options.in_flight) + " calls of each in flight";
  std::printf("%s\n", bold(fitted(title, terminal_width())).c_str());
  const Histogram& times = figures.times;
  print("calls   " + std::to_string(times.count()) + ", " + rate_text(rate_of(figures)) +
        (options.rate > 0 ? " of " + rate_text(options.rate) : "") +
        (figures.unfinished != 0 ? ", " + std::to_string(figures.unfinished) + " given up" : ""));
  print("times   p50 " + short_time(times.p50()) + ", p99 " + short_time(times.p99()) + ", p99.9 " +
        short_time(times.quantile(0.999)) + ", max " + short_time(times.max()));
  print("failed  " + (figures.errors.total() == 0 ? "0" : errors_text(figures.errors)));
}

}  // namespace

ExitCode bench(const ConnectionOptions& connection_options, const BenchOptions& options) {
  Connection connection(connection_options);
  const std::string peer = connection.peer().name;
  Bench bench(connection, options);
  const LoadFigures figures = bench.run();
  if (options.json) {
    std::puts(one_line(as_json(options, figures)).c_str());
  } else {
    print(peer, options, figures);
  }
  if (figures.first_error) {
    std::fprintf(stderr, "vagus: the first that failed: %s\n", figures.first_error->what());
  }
  std::fflush(stdout);
  bench.raise();
  return figures.errors.total() == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace vagus::tools
