// Head and body as their users start them, and killed as nobody should.
//
//   pi_program_test PI
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "children.hpp"
#include "expect.hpp"
#include "pi_api.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t long_work = 8'000'000;

std::string program;
std::string url;

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
  std::cout << output;
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

Child start_body() { return Child::program({program, "body", url}); }

/// Somebody who asks, as somebody else might have written it.
struct Asking {
  Asking() {
    arb.attach(api);
    arb.wait_open(30s);
  }
  pi::PiApi api{"pi", {.timeout = 100s}};
  vagus::ApiArb arb{vagus::connect(url)};
};

/// The process that computes for the body, once there is one.
pid_t job_of(const Child& body) {
  EXPECT(eventually([&] { return children_of(body.id()).size() == 1; }));
  return children_of(body.id()).front();
}

void wrong_arguments_are_explained() {
  for (const char* wrong : {"", "tail", "head --pause", "head nonsense", "body carrier-pigeon://home"}) {
    const Ran ran = run(wrong);
    EXPECT(ran.status == 2 || ran.status == 1);
    EXPECT(ran.output.starts_with("pi: "));
  }
  EXPECT(run("job").status == 1);
  EXPECT(run("--help").status == 0);
}

void a_head_prints_its_table() {
  Child body = start_body();
  const Ran ran = run("head '" + url + "' --pause 0");
  EXPECT(ran.status == 0);
  EXPECT(ran.output.find('\x1b') == std::string::npos);
  for (const char* line_end :
       {" 14159\n", " 3421170679\n", " 2164201989\n", " 5256375678\n", " 5493624646\n", " 5779458151\n"}) {
    EXPECT(ran.output.find(line_end) != std::string::npos);
  }
  unsigned long computed = 0;
  const auto said = ran.output.find("The body has computed ");
  EXPECT(said != std::string::npos &&
         std::sscanf(ran.output.c_str() + said, "The body has computed %lu times", &computed) == 1);
  EXPECT(computed == 6);
  EXPECT(body.terminate() == 0);
}

void a_body_that_is_told_to_end_does_so_in_the_middle_of_its_work() {
  Child body = start_body();
  Asking asking;
  const auto call = asking.api.digits(long_work).async();
  const pid_t job = job_of(body);
  EXPECT(body.terminate() == 0);
  EXPECT(call.wait(30s) && call.error());
  EXPECT(eventually([&] { return !runs(job); }));
}

void a_body_that_is_killed_leaves_no_process() {
  Child body = start_body();
  Child head = Child::program({program, "head", url, "--pause", "3"});
  Asking asking;
  const auto call = asking.api.digits(long_work).async();
  EXPECT(eventually([&] { return !children_of(body.id()).empty(); }));
  const auto jobs = children_of(body.id());
  ::kill(body.id(), SIGKILL);
  EXPECT(body.wait(30s) == 128 + SIGKILL);
  EXPECT(call.wait(30s) && call.error()->code() == vagus::ErrorCode::transport_disconnected);
  for (const pid_t job : jobs) EXPECT(eventually([&] { return !runs(job); }));
  EXPECT(head.wait(60s) == 1);
}

void a_head_that_is_killed_ends_its_computation_and_nothing_else() {
  Child body = start_body();
  Child other = Child::run([] {  // before this process has threads
    Asking mine;
    mine.api.digits(long_work).call();
    return 0;
  });
  Asking asking;
  const pid_t job = job_of(body);
  ::kill(other.id(), SIGKILL);
  EXPECT(other.wait(30s) == 128 + SIGKILL);
  EXPECT(eventually([&] { return !runs(job); }));
  EXPECT(eventually([&] { return asking.api.statistics().call().cancelled == 1; }));
  EXPECT(asking.api.digits(100).call().ends_with("3421170679"));
  EXPECT(body.terminate() == 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: pi_program_test PI\n";
    return 2;
  }
  program = argv[1];
  url = own_url("pi-test");
  wrong_arguments_are_explained();
  a_head_prints_its_table();
  a_body_that_is_told_to_end_does_so_in_the_middle_of_its_work();
  a_body_that_is_killed_leaves_no_process();
  a_head_that_is_killed_ends_its_computation_and_nothing_else();
}
