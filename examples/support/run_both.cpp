// run_both body-first|head-first BODY HEAD
//
// Runs a body and a head, each given the same URL. The head has to end with 0, and so has the body when it is
// told to.
#include <chrono>
#include <iostream>
#include <optional>
#include <string>
#include <thread>

#include "child.hpp"
#include "expect.hpp"

int main(int argc, char** argv) {
  using namespace std::chrono_literals;
  if (argc != 4) {
    std::cerr << "usage: run_both body-first|head-first BODY HEAD\n";
    return 2;
  }
  const bool body_first = std::string(argv[1]) == "body-first";
  const std::string url = own_url("run-both");

  std::optional<Child> body;
  if (body_first) body.emplace(Child::program({argv[2], url}));
  Child head = Child::program({argv[3], url});
  if (!body_first) {
    std::this_thread::sleep_for(300ms);  // until it looks for a body in vain
    body.emplace(Child::program({argv[2], url}));
  }
  EXPECT(head.wait(60s) == 0);
  EXPECT(body->terminate() == 0);
}
