// The body as a process of its own: serves the mill until Ctrl-C or SIGTERM.
#include <exception>
#include <iostream>

#include "mill.hpp"

int main(int argc, char** argv) {
  try {
    ServedMill mill;
    vagus::ApiArb arb{vagus::listen(argc > 1 ? argv[1] : "shm://mill")};
    arb.attach(mill.api);
    arb.run_until_signal();
  } catch (const std::exception& error) {  // a second body under the same name, say
    std::cerr << "body: " << error.what() << '\n';
    return 1;
  }
}
