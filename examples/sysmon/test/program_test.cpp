// The program without a terminal, and its body asked by another head.
//
//   sysmon_program_test SYSMON
#include <chrono>
#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"
#include "system_api.hpp"

namespace {

using namespace std::chrono_literals;

std::string program;

struct Ran {
  int status;
  std::string output;
};

Ran run(const std::string& arguments) {
  FILE* pipe = ::popen(("'" + program + "' " + arguments + " 2>&1 </dev/null").c_str(), "r");
  EXPECT(pipe != nullptr);
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

void without_a_terminal_it_prints_lines() {
  const Ran ran = run("--seconds 2");
  std::cout << ran.output;
  EXPECT(ran.status == 0);
  std::istringstream lines(ran.output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (count == 2) {
      double failed_in = -1.0;
      double restarted_in = -1.0;
      EXPECT(std::sscanf(line.c_str(),
                         "body killed: 3 calls failed in %lf %*[ms], restarted in %lf %*[ms], 0 hung",
                         &failed_in, &restarted_in) == 2);
      EXPECT(line.ends_with("0 hung, 0 left over"));
      continue;
    }
    int cpu = -1;
    double used = -1.0;
    double total = -1.0;
    EXPECT(std::sscanf(line.c_str(), "cpu %d %%  memory %lf %*[KMGT]iB of %lf", &cpu, &used, &total) == 3);
    EXPECT(cpu >= 0 && cpu <= 100 && used > 0.0 && total > 0.0);
    double median = 0.0;
    const auto top = line.find("  top ");
    const auto call = line.rfind("  call p50 ");
    EXPECT(top != std::string::npos && call != std::string::npos && top < call);
    double second = 0.0;
    EXPECT(std::sscanf(line.c_str() + call, "  call p50 %lf %*[um]s, of head 2 %lf %*[um]s", &median,
                       &second) == 2);
    EXPECT(median > 0.0 && second > 0.0);
  }
  EXPECT(count == 3);
}

void wrong_arguments_are_explained() {
  for (const char* wrong :
       {"--fast", "head", "head nonsense", "head carrier-pigeon://home", "--seconds 0", "second-head"}) {
    const Ran ran = run(wrong);
    EXPECT(ran.status == 2);
    EXPECT(ran.output.starts_with("sysmon: "));
  }
  EXPECT(run("--help").status == 0);
}

/// A head of our own, as somebody else might write it.
void check_body(const std::string& url, bool allow_signal) {
  sysmon::SystemApi system{"system", {.timeout = 10s}};
  vagus::ApiArb arb{vagus::connect(url)};
  arb.attach(system);
  arb.wait_open(10s);

  EXPECT(!system.cpu.load().call().empty());
  EXPECT(system.memory.usage().call().total_bytes > 0);
  const auto top = system.processes.top(2, sysmon::SortBy::memory).call();
  EXPECT(top.size() == 2 && top[0].memory_bytes >= top[1].memory_bytes && !top[0].command.empty());
  EXPECT(system.processes.top(1).call().size() == 1);  // by cpu, the declared default

  Child victim = Child::program({"/bin/sleep", "60"});
  const auto id = static_cast<std::int64_t>(victim.id());
  if (allow_signal) {
    system.processes.signal(id, SIGTERM).call();
    EXPECT(victim.wait(10s) == 128 + SIGTERM);
    EXPECT(throws<std::invalid_argument>([&] { system.processes.signal(-1, SIGTERM).call(); }));
    EXPECT(throws<vagus::RemoteError>([&] { system.processes.signal(::getpid(), 12345).call(); }));
  } else {
    const auto refused = system.processes.signal(id, SIGTERM).try_call();
    EXPECT(!refused.has_value());
    EXPECT(std::string(refused.error().what()).find("--allow-signal") != std::string::npos);
    EXPECT(victim.wait(0ms) == -1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: sysmon_program_test SYSMON\n";
    return 2;
  }
  program = argv[1];
  wrong_arguments_are_explained();
  without_a_terminal_it_prints_lines();
  for (const bool allow_signal : {false, true}) {
    const std::string url = own_url("sysmon-test");
    std::vector<std::string> command{program, "body", url};
    if (allow_signal) command.emplace_back("--allow-signal");
    Child body = Child::program(command);
    check_body(url, allow_signal);
    EXPECT(body.terminate() == 0);
  }
}
