// The bodies and heads that the tests of vagus::Supervisor run, one for each first argument.

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "supervisor/crew_api.hpp"

namespace vagus::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> open_descriptors() {
  std::vector<std::string> targets;
  for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
    std::error_code closed_meanwhile;
    const fs::path target = fs::read_symlink(entry.path(), closed_meanwhile);
    if (!closed_meanwhile) targets.push_back(entry.path().filename().string() + " " + target.string());
  }
  return targets;
}

std::vector<int> signals_not_by_default() {
  sigset_t blocked;
  ::sigprocmask(SIG_SETMASK, nullptr, &blocked);
  std::vector<int> found;
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    struct sigaction action {};
    ::sigaction(signal, nullptr, &action);
    if (action.sa_handler == SIG_IGN || ::sigismember(&blocked, signal) == 1) found.push_back(signal);
  }
  return found;
}

/// What was open before this program did anything.
const std::vector<std::string> descriptors_at_first = open_descriptors();
const std::vector<int> signals_at_first = signals_not_by_default();

/// Of the command line, without the program.
std::vector<std::string> arguments;

void handle(CrewApi& api) {
  api.twice.handle([](int number) { return 2 * number; });
  api.process_id.handle([] { return static_cast<int>(::getpid()); });
  api.exit_with.handle([](int code) { std::_Exit(code); });
  api.raise.handle([](int signal) {
    ::kill(::getpid(), signal);
    ::pause();
  });
  api.descriptors.handle([] { return descriptors_at_first; });
  api.arguments.handle([] { return arguments; });
  api.variable.handle([](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  });
  api.directory.handle([] { return fs::current_path().string(); });
  api.ignored_signals.handle([] { return signals_at_first; });
}

int serve(const std::string& url) {
  CrewApi api{"crew"};
  handle(api);
  ApiArb arb{listen_supervised_or(url)};
  arb.attach(api);
  arb.run_until_signal();
  return 0;
}

/// Two arbitrators one after the other, and then two at once.
int serve_anew() {
  ApiArb(listen("supervised://first")).wait_open(std::chrono::seconds(30));  // until the head has come
  ApiArb arb{listen("supervised://second")};
  CrewApi api{"crew"};
  handle(api);
  arb.attach(api);
  arb.start();
  try {
    ApiArb(listen("supervised://third")).start();
    return 1;
  } catch (const TransportDisconnectedError& error) {
    std::cerr << error.what() << '\n';
  }
  arb.run_until_signal();
  return 0;
}

/// Says who its body is, and waits to be killed.
int be_head(const std::string& program) {
  Supervisor supervisor{{program, "serve"}};
  CrewApi api{"crew"};
  ApiArb arb{connect(supervisor)};
  arb.attach(api);
  std::cout << api.process_id().call() << std::endl;
  while (true) ::pause();
}

int run(const std::string& program) {
  const std::string role = arguments.empty() ? "" : arguments.front();
  if (role == "serve") return serve("shm://nobody_starts_this_by_hand");
  if (role == "serve-anew") return serve_anew();
  if (role == "head") return be_head(program);
  if (role == "exit") return 3;
  if (role == "exit-well") return 0;
  if (role == "stubborn") {
    ::signal(SIGTERM, SIG_IGN);
    std::thread([] { ::pause(); }).detach();
    CrewApi api{"crew"};
    handle(api);
    ApiArb arb{listen("supervised://stubborn")};
    arb.attach(api);
    arb.run();
  }
  if (role == "by-hand") {
    ApiArb(listen("supervised://by-hand")).start();
  }
  return 2;
}

}  // namespace
}  // namespace vagus::testing

int main(int argc, char** argv) {
  try {
    vagus::testing::arguments.assign(argv + 1, argv + argc);
    return vagus::testing::run(argv[0]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 4;
  }
}
