// The head as a process of its own. It may be started before the body, and then waits for it.
#include <chrono>
#include <exception>
#include <iostream>

#include "use_mill.hpp"

int main(int argc, char** argv) {
  try {
    MillApi mill{"mill", {.timeout = std::chrono::seconds(20)}};
    vagus::ApiArb arb{vagus::connect(argc > 1 ? argv[1] : "shm://mill")};
    arb.attach(mill);
    arb.wait_open(std::chrono::seconds(20));
    use_mill(mill, arb);
    std::cout << "head: all as expected\n";
  } catch (const std::exception& error) {
    std::cerr << "head: " << error.what() << '\n';
    return 1;
  }
}
