#include "body.hpp"

#include <signal.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "sampler.hpp"
#include "system_api.hpp"

namespace sysmon {

namespace {

using namespace std::chrono_literals;

// Handlers are members of ordinary classes: `_handler_load` handles the method `load` of whatever API it
// serves.

class Cpu {
 public:
  explicit Cpu(const Sampler& sampler) : sampler_(sampler) {}
  VAGUS_HANDLERS(load)
  std::vector<double> _handler_load() { return sampler_.load(); }

 private:
  const Sampler& sampler_;
};

class Memory {
 public:
  VAGUS_HANDLERS(usage)
  MemoryUsage _handler_usage() { return parse_memory(read_file("/proc/meminfo")); }
};

class Processes {
 public:
  Processes(const Sampler& sampler, bool allow_signal) : sampler_(sampler), allow_signal_(allow_signal) {}
  VAGUS_HANDLERS(top, signal)

  std::vector<ProcessInfo> _handler_top(std::uint32_t count, SortBy by) { return sampler_.top(count, by); }

  /// What is thrown here, the caller in the other process catches.
  void _handler_signal(std::int64_t process_id, int number) {
    if (!allow_signal_) {
      throw std::runtime_error("signals are off: start sysmon with --allow-signal");
    }
    const auto id = static_cast<pid_t>(process_id);
    // Zero and below mean whole groups of processes.
    if (process_id <= 0 || id != process_id) {
      throw std::invalid_argument(std::to_string(process_id) + " is no process id");
    }
    if (::kill(id, number) != 0) {
      throw std::system_error(errno, std::generic_category(),
                              "signal to process " + std::to_string(process_id));
    }
  }

 private:
  const Sampler& sampler_;
  const bool allow_signal_;
};

class Lab {
 public:
  VAGUS_HANDLERS(wait, echo)

  /// Cut short when nobody waits for it any more.
  void _handler_wait(vagus::Call& call, double seconds) {
    call.sleep_for(std::chrono::round<vagus::Duration>(std::chrono::duration<double>(seconds)));
  }
  int _handler_echo(int number) { return number; }
};

/// The link that a demonstration's head has made, besides the URL where other heads find this body.
std::unique_ptr<vagus::ApiArb> make_arbitrator(const std::string& url) {
  const auto first = vagus::listen_supervised_or(url);
  if (first.url().scheme != "supervised") return std::make_unique<vagus::ApiArb>(first);
  const std::initializer_list<vagus::Endpoint> both{first, vagus::listen(url)};
  // The terminal is the head's.
  static vagus::Log silent{[](vagus::LogLevel, std::string_view) {}, vagus::LogLevel::off};
  return std::make_unique<vagus::ApiArb>(both, vagus::ArbOptions{.log = silent});
}

/// Does something each second, for as long as it lives.
class EachSecond {
 public:
  explicit EachSecond(std::function<void()> work) : work_(std::move(work)) {}

 private:
  void run(const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any never;
    auto next =
        std::chrono::steady_clock::now() + 250ms;  // the first one soon: somebody looks at an empty board
    while (!never.wait_until(lock, stop, next, [] { return false; })) {
      if (stop.stop_requested()) return;
      work_();
      next = std::max(next + 1s, std::chrono::steady_clock::now());
    }
  }

  std::function<void()> work_;
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

}  // namespace

void serve_until_signal(vagus::ApiArb& arb, const BodyOptions& options, bool allow_signal) {
  SystemApi system{"system", options.system};

  Sampler sampler;
  Cpu cpu{sampler};
  Memory memory;
  Processes processes{sampler, allow_signal};
  // Each of these keeps the handlers in place for as long as it lives.
  const auto serving_cpu = vagus::serve(system.cpu, cpu);
  const auto serving_memory = vagus::serve(system.memory, memory);
  const auto serving_processes = vagus::serve(system.processes, processes);

  LabApi lab_api{"lab", options.lab};
  Lab lab;
  const auto serving_lab = vagus::serve(lab_api, lab);

  arb.attach(system);
  arb.attach(lab_api);
  arb.start();
  const EachSecond ticking{[&] {
    // An event goes to every head that listens. One that cannot be sent is not worth stopping for: the next
    // one follows.
    system.cpu.changed(sampler.sample()).post({.ignore_errors = true});
  }};
  arb.run_until_signal();
}

void run_body(const std::string& url, bool allow_signal) {
  serve_until_signal(*make_arbitrator(url), {}, allow_signal);
}

}  // namespace sysmon
