// Made by `vagus generate`, of what a program tells of itself: not to be edited, but made anew.
// clang-format off
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <vagus/vagus.hpp>

namespace generated {

struct Branch;

struct Zone {
  double field_1 = {};
  double field_2 = {};
};

enum class Mode : std::uint8_t {
  slow = 0U,
  fast = 1U
};
VAGUS_ENUMERATORS(Mode, slow, fast)

struct Axis {
  std::string name;
  Zone zone = {};
  std::array<int, 3> wear = {};
  std::optional<Mode> mode;
};
VAGUS_FIELDS(Axis, name, zone, wear, mode)

struct Branch {
  std::string name;
  std::vector<Branch> branches;
};
VAGUS_FIELDS(Branch, name, branches)

// What its numbers mean is not described.
enum class Colour : std::uint16_t {};

enum class Level : std::int64_t {
  lowest = std::numeric_limits<std::int64_t>::min(),
  ground = 0LL
};
VAGUS_ENUMERATORS(Level, lowest, ground)

class MillToolsApi : public vagus::ApiBase {
 public:
  using vagus::ApiBase::ApiBase;

  vagus::Method<vagus::Streams<std::int16_t>()> count{this, "count"};
  vagus::Method<vagus::Streams<float, std::vector<std::string>>(std::set<int>)> measure{this, "measure"};
  vagus::Method<std::variant<int, Zone, vagus::UnknownAlternative>(Level, vagus::Default<Colour>)> paint{
      this, "paint", "", vagus::params("level", vagus::param("colour", static_cast<Colour>(1U)))};
};

class MillXApi : public vagus::ApiBase {
 public:
  using vagus::ApiBase::ApiBase;

  vagus::Method<void(double, vagus::Default<double>, vagus::Default<Mode>)> move_to{
      this, "move_to", "Moves \"it\".\nAt once.", vagus::params("target_mm", vagus::param("speed_mm_s", 10.0), vagus::param("mode", Mode::fast)), vagus::MethodOptions{.idempotent = true}};
  vagus::Event<void(double, Mode)> moved{this, "moved", "Each step.", vagus::params("position_mm", "mode")};
  vagus::Method<Axis()> state{this, "state"};
};

class MillApi : public vagus::ApiBase {
 public:
  MillApi() : vagus::ApiBase("mill", {.docs = "A mill.", .version = "2.1"}) {}

  MillToolsApi tools{this, "tools"};
  MillXApi x{this, "x", {.docs = "Left and right."}};
  vagus::Method<std::tuple<bool, std::tuple<vagus::Bytes, vagus::Value>>(std::map<std::string, std::variant<std::monostate, int, Zone>>)> everything{
      this, "everything"};
  vagus::Method<std::chrono::system_clock::time_point(vagus::Default<std::vector<std::string>>, vagus::Default<std::optional<int>>, vagus::Default<Zone>, vagus::Default<std::uint64_t>)> plan{
      this, "plan", "", vagus::params(vagus::param("names", std::vector<std::string>{std::string("a"), std::string("b")}), vagus::param("most", std::optional<int>()), vagus::param("zone", Zone{0.5, 2.0}), vagus::param("least", std::uint64_t{7ULL}))};
  vagus::Method<Branch(vagus::Value, std::chrono::nanoseconds)> tree{this, "tree"};
};

class MillLogApi : public vagus::ApiBase {
 public:
  MillLogApi() : vagus::ApiBase("mill.log") {}

  vagus::Method<void(std::string)> write{this, "write"};
};

}  // namespace generated
