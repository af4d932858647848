#include "job.hpp"

#include <stdexcept>

#include "chudnovsky.hpp"
#include "job_api.hpp"

namespace pi {

namespace {

/// Tells the caller how far it is, at most a hundred times.
class Progress {
 public:
  explicit Progress(vagus::Call& call) : call_(call) {}
  void operator()(double done) {
    if (done < told_ + 0.01) return;
    told_ = done;
    call_.try_progress(done);
  }

 private:
  vagus::Call& call_;
  double told_ = 0.0;
};

std::string text_of(std::chrono::nanoseconds duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count()) + " ms";
}

}  // namespace

void run_job() {
  JobApi job{"job"};
  job.compute.handle([](vagus::Call& call, std::int64_t digits) {
    Progress progress{call};
    return compute_pi(digits, [&](double done) { progress(done); });
  });
  vagus::ApiArb arb{vagus::listen("supervised://pi-job")};
  arb.attach(job);
  arb.run();
}

std::string compute_in_child(const JobOrder& order, const std::stop_token& stop,
                             const std::function<void(double)>& on_progress) {
  // All that they could say becomes the error of the call.
  static vagus::Log silent{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  vagus::Supervisor child{order.command,
                          {.name = "pi-job",
                           .restart = vagus::Restart::never,
                           .grace = std::chrono::nanoseconds(0),
                           .log = silent}};
  std::string how_it_ended;
  std::stop_source
      has_ended;  // a child that ends before it has its link would be waited for until the deadline
  const vagus::Registration watching = child.on_state([&](const vagus::SupervisorEvent& event) {
    if (!event.exit) return;
    how_it_ended = event.exit->to_string();
    has_ended.request_stop();
  });

  JobApi job{"job"};
  vagus::ApiArb arb{vagus::connect(child), {.name = "pi", .log = silent}};
  arb.attach(job);
  const auto computed = job.compute(order.digits).on_progress(on_progress).async({.timeout = order.deadline});
  const auto give_up = [&] { computed.cancel(); };
  const std::stop_callback if_ended(has_ended.get_token(), give_up);
  const std::stop_callback if_stopped(stop, give_up);
  computed.wait();

  const vagus::Result<std::string> result = computed.result();
  if (result) return *result;
  const std::string what = "computing " + std::to_string(order.digits) + " digits of pi: ";
  if (stop.stop_requested()) throw std::runtime_error(what + "nobody waits for them any more");
  if (has_ended.stop_requested()) throw std::runtime_error(what + "the process " + how_it_ended);
  if (result.error().code() == vagus::ErrorCode::transaction_timeout) {
    throw std::runtime_error(what + "not done after " + text_of(order.deadline) + ", and given up");
  }
  throw std::runtime_error(what + result.error().what());
}

}  // namespace pi
