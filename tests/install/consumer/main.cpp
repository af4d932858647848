// Serves an API and calls it, in one process: enough to need every floor of the installed library.
#include <iostream>
#include <string>

#include <vagus/vagus.hpp>

namespace {

class GreeterApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  vagus::Method<std::string(std::string whom)> greet{this, "greet", "Greets somebody.",
                                                     vagus::params("whom")};
};

class Greeter {
 public:
  VAGUS_HANDLERS(greet)

  std::string _handler_greet(const std::string& whom) { return "hello from " + whom; }
};

}  // namespace

int main() {
  GreeterApi served{"greeter"};
  Greeter greeter;
  const auto serving = served.serve(greeter);
  vagus::ApiArb body{vagus::listen("inproc://consumer")};
  body.attach(served);
  body.start();

  GreeterApi called{"greeter"};
  vagus::ApiArb head{vagus::connect("inproc://consumer")};
  head.attach(called);
  std::cout << called.greet("the installed library").call() << '\n';
}
