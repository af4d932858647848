// Head and body in one process: the same code, the same contract, another URL. This is how a split
// application is debugged as one program, and how one that is not split yet begins.
#include <chrono>
#include <exception>
#include <iostream>

#include "mill.hpp"
#include "use_mill.hpp"

int main() {
  try {
    ServedMill served;
    vagus::ApiArb body{vagus::listen("inproc://mill")};
    body.attach(served.api);
    body.start();  // in the background

    MillApi mill{"mill", {.timeout = std::chrono::seconds(20)}};
    vagus::ApiArb head{vagus::connect("inproc://mill")};
    head.attach(mill);
    use_mill(mill, head);
    std::cout << "single: all as expected\n";
  } catch (const std::exception& error) {
    std::cerr << "single: " << error.what() << '\n';
    return 1;
  }
}
