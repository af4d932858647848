// Tests a head with a body that is played: enough to need the installed component.
#include <iostream>
#include <string>

#include <vagus/testing.hpp>
#include <vagus/vagus.hpp>

int main() {
  vagus::testing::ScriptedPeer body;
  body.expect("greeter.greet", "the installed library").answer([](const std::string& whom) {
    return "hello from " + whom;
  });
  vagus::ApiArb head{body.endpoint()};
  std::cout << head.proxy("greeter").action("greet", "the installed library").call<std::string>() << '\n';
  body.verify();
}
