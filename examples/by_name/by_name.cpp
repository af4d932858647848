// Calls by name: for scripts, consoles, test tools, and whatever else knows an API only when it runs. The
// caller below has not seen the class LampApi.
#include <chrono>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"

using namespace std::chrono_literals;

// The body
// ------------------------------------------------------------------------------------------------------------

struct Shade {
  std::string colour;
  double brightness = 0.0;
};

class LampApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  // The names of the parameters make keyword arguments and good error messages possible.
  vagus::Method<std::string(std::string colour, vagus::Default<double> brightness,
                            vagus::Default<int> seconds)>
      light{this, "light", "Lights the lamp.",
            vagus::params("colour", vagus::param("brightness", 1.0), vagus::param("seconds", 60))};
  vagus::Method<std::vector<Shade>()> shades{this, "shades"};
  vagus::Method<void()> polish{this, "polish"};  // declared, but nobody handles it
};

int run_lamp(const std::string& url) {
  LampApi lamp{"lamp"};
  lamp.light.handle([](const std::string& colour, double brightness, int seconds) {
    return colour + " at " + std::to_string(static_cast<int>(brightness * 100)) + " % for " +
           std::to_string(seconds) + " s";
  });
  lamp.shades.handle([] { return std::vector<Shade>{{"red", 0.5}, {"green", 1.0}}; });

  // What was never declared can be handled, too: the types of the callable count.
  lamp.set_handler("bulb.age", [](int lamp_number) { return lamp_number * 100; });

  // And what nothing handles can be answered in general, or left alone: then the caller gets an error that
  // says so.
  lamp.on_unhandled([](vagus::Call& call, const auto&) -> std::optional<vagus::Value> {
    if (call.name_space() == "lamp.polish") return std::nullopt;
    return vagus::Value("what is " + call.name_space() + "?");
  });

  vagus::ApiArb arb{vagus::listen(url)};
  arb.attach(lamp);
  arb.run_until_signal();
  return 0;
}

// The head
// ------------------------------------------------------------------------------------------------------------

/// Makes a call that is wrong, and shows what its author gets to read. The text has to hold a hint.
template <typename Error, typename Function>
void expect_help(Function&& wrong_call, const std::string& hint) {
  try {
    wrong_call();
  } catch (const Error& error) {
    std::cout << "by_name: " << error.what() << '\n';
    EXPECT(std::string(error.what()).find(hint) != std::string::npos);
    return;
  }
  const bool failed = false;  // the call went well: the lesson would be wrong
  EXPECT(failed);
}

void right_calls(const vagus::ApiProxy& lamp) {
  // The type of the result is said with the verb. Arguments by position; what has a default may be left out.
  EXPECT(lamp.action("light", "red").call<std::string>() == "red at 100 % for 60 s");
  EXPECT(lamp.action("light", "red", 0.5).call<std::string>() == "red at 50 % for 60 s");
  // By name, in any order, and skipping some.
  EXPECT(lamp.action("light", "red", vagus::kw("seconds", 5)).call<std::string>() == "red at 100 % for 5 s");
  EXPECT(lamp.action("light", vagus::kw("seconds", 5), vagus::kw("colour", "blue")).call<std::string>() ==
         "blue at 100 % for 5 s");
  EXPECT(lamp.action("bulb.age", 7).call<int>() == 700);
  EXPECT(lamp.action("bulb.price").call<std::string>() == "what is lamp.bulb.price?");

  // All verbs are there.
  EXPECT(lamp.action("light", "red").async<std::string>().get() == "red at 100 % for 60 s");
  EXPECT(lamp.action("light", "red").try_call<std::string>().has_value());
}

void results_of_any_type(const vagus::ApiProxy& lamp) {
  // A Value takes whatever comes. It can be looked into, and printed.
  const auto shades = lamp.action("shades").call<vagus::Value>();
  std::cout << "by_name: shades are " << vagus::to_string(shades) << '\n';
  EXPECT(shades.array().size() == 2);
  EXPECT(shades.array()[0].array()[0].string() == "red");
  EXPECT(shades.array()[1].array()[1].real() == 1.0);
}

void wrong_calls(const vagus::ApiProxy& lamp, vagus::ApiArb& arb) {
  using vagus::kw;
  expect_help<vagus::ApiParamError>([&] { lamp.action("light").call<std::string>(); }, "colour");
  expect_help<vagus::ApiParamError>([&] { lamp.action("light", "red", kw("secs", 5)).call<std::string>(); },
                                    "seconds");
  expect_help<vagus::ApiParamError>(
      [&] { lamp.action("light", "red", kw("colour", "blue")).call<std::string>(); }, "colour");
  expect_help<vagus::ApiParamError>([&] { lamp.action("light", "red", "bright").call<std::string>(); },
                                    "brightness");
  expect_help<vagus::ApiParamError>([&] { lamp.action("light", "red", 1.0, 2, 3).call<std::string>(); },
                                    "light");
  expect_help<vagus::ApiParamError>([&] { lamp.action("not a name").call<void>(); }, "not a name");
  expect_help<vagus::UnsupportedApiError>([&] { lamp.action("polish").call<void>(); }, "lamp.polish");
  expect_help<vagus::UnknownApiError>([&] { arb.proxy("lump").action("light", "red").call<std::string>(); },
                                      "lump");
  expect_help<vagus::ContractMismatchError>([&] { lamp.action("light", "red").call<int>(); }, "lamp.light");
}

int main() {
  const std::string url = own_url("by-name");
  Child body = Child::run([&] { return run_lamp(url); });
  {
    vagus::ApiArb arb{vagus::connect(url)};
    arb.wait_open(20s);
    const vagus::ApiProxy lamp = arb.proxy("lamp");
    right_calls(lamp);
    results_of_any_type(lamp);
    wrong_calls(lamp, arb);
  }
  EXPECT(body.terminate() == 0);
  std::cout << "by_name: all as expected\n";
}
