// Serves and calls what only a text describes, with the component `configuration` of the installed library.
#include <iostream>
#include <string>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/configuration/configured_arb.hpp>

int main() {
  const std::string api =
      "url = \"inproc://consumer\"\n"
      "[api.greeter.methods.greet]\n"
      "parameters = [{name = \"whom\", type = \"string\", default = \"the installed library\"}]\n"
      "result = \"string\"\n";
  const auto bodys = vagus::Configuration::from_text("[[listen]]\n" + api);
  vagus::ConfiguredApi served{bodys, "greeter"};
  served.handle("greet", [](const std::string& whom) { return "hello from " + whom; });
  vagus::ConfiguredArb body{bodys};
  body.attach(served);
  body.start();

  const auto heads = vagus::Configuration::from_text("[[connect]]\n" + api);
  vagus::ConfiguredApi called{heads, "greeter"};
  vagus::ConfiguredArb head{heads};
  head.attach(called);
  std::cout << called.method("greet")().call<std::string>() << '\n';
}
