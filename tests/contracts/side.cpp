// A body or a head of one version of the contract. The head says what it finds, and fails if that is not what
// its version and that of the body have to come to.

#include <atomic>
#include <iostream>
#include <stdexcept>
#include <string_view>

#include "contract.hpp"

namespace {

using namespace contracts;
using namespace std::chrono_literals;

void expect(bool holds, std::string_view what) {
  if (!holds) throw std::runtime_error("does not hold: " + std::string(what));
}

int run_body(const std::string& url) {
  MillApi mill;
  vagus::ApiArb arb{vagus::listen(url)};
  mill.axes.handle([] {
    Axis axis;
    axis.name = "x";
    axis.travel_mm = {.least = -1.0, .most = 1.0};
    axis.mode = Mode::automatic;
    return std::vector<Axis>{axis};
  });
  mill.everything.handle([](const Everything& given) { return given; });
  mill.serial.handle([](const Serial& given) { return Serial(given.text() + "!"); });
#if CONTRACT_VERSION == 1
  mill.move_to.handle([](double target) { return target; });
  mill.feed.handle([](int speed) { return speed; });
#else
  mill.move_to.handle([](double target, double speed) { return target * speed; });
  mill.feed.handle([](double speed) { return static_cast<int>(speed); });
#endif
  mill.leave.handle([&arb] { arb.stop(); });
  arb.attach(mill);
  arb.run();
  return 0;
}

void check_types(MillApi& mill) {
  const auto axes = mill.axes().call();
  expect(axes.size() == 1 && axes[0].name == "x" && axes[0].travel_mm.most == 1.0, "structs arrive");
  expect(axes[0].mode == Mode::automatic, "enums arrive");
  Everything given;
  std::get<0>(given)["a"].insert(7);
  std::get<1>(given) = Local{{1, 2, 3}, {4}};
  const auto back = mill.everything(given).call();
  expect(std::get<0>(back).at("a").count(7) == 1, "containers arrive");
  expect(std::get<Local>(std::get<1>(back)).position[2] == 3, "variants arrive");
  expect(mill.serial(Serial("sn")).call().text() == "sn!", "what packs itself arrives");
}

void check_shapes(const vagus::Description& own, const vagus::Description& told, bool same_version) {
  for (const auto& member : own.members) {
    const auto* const other = told.member(member.name_space);
    expect(other != nullptr, member.name_space + " is there");
    const bool changed = member.name_space != "mill.everything" && member.name_space != "mill.serial" &&
                         member.name_space != "mill.leave";
    expect((other->shape == member.shape) == (same_version || !changed),
           member.name_space + " here is " + member.signature + " and there " + other->signature);
  }
}

int run_head(const std::string& url) {
  MillApi mill;
  vagus::ApiArb arb{vagus::connect(url)};
  arb.attach(mill);
  arb.wait_open(60s);
  const auto told = arb.describe(arb.peers().at(0), "mill.**", 60s);
  const int other = std::stoi(told.api("mill")->version);
  check_types(mill);
  check_shapes(arb.describe("mill.**"), told, other == CONTRACT_VERSION);
  expect(mill.move_to(2.0).call() == (other == 1 ? 2.0 : 20.0), "a parameter may be left out");
  const auto fed = mill.feed(3).try_call();
  if (other == CONTRACT_VERSION) {
    expect(fed && *fed == 3, "what is alike is handled");
  } else {
    expect(!fed && fed.error_pointer()->code() == vagus::ErrorCode::contract_mismatch,
           "what differs is refused");
  }
  mill.leave().call();
  std::cout << "a head of version " << CONTRACT_VERSION << " and a body of version " << other << ": "
            << (fed ? "all methods fit" : fed.error_pointer()->what()) << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string role = argc == 3 ? argv[1] : "";
  try {
    if (role == "body") return run_body(argv[2]);
    if (role == "head") return run_head(argv[2]);
    std::cerr << "usage: " << argv[0] << " body|head URL\n";
    return 2;
  } catch (const std::exception& failure) {
    std::cerr << "the " << role << " of version " << CONTRACT_VERSION << ": " << failure.what() << '\n';
    return 1;
  }
}
