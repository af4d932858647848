/// A contract with all that `vagus generate` can write, as a person would have written it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <msgpack.hpp>

#include <vagus/vagus.hpp>

namespace vagus::testing::original {

enum class Mode : std::uint8_t { slow, fast };
VAGUS_ENUMERATORS(Mode, slow, fast)

enum class Level : std::int64_t { lowest = std::numeric_limits<std::int64_t>::min(), ground = 0 };
VAGUS_ENUMERATORS(Level, lowest, ground)

/// Nobody says what its numbers are.
enum class Colour : std::uint16_t { red, green };

struct Zone {
  double from_mm = 0.0;
  double to_mm = 1.0;
};

struct Axis {
  std::string name;
  Zone zone;
  std::array<int, 3> wear = {};
  std::optional<Mode> mode;
};
VAGUS_FIELDS(Axis, name, zone, wear, mode)

struct Branch {
  std::string name;
  std::vector<Branch> branches;
};
VAGUS_FIELDS(Branch, name, branches)

/// Packs itself.
class Serial {
 public:
  MSGPACK_DEFINE(text_)

 private:
  std::string text_;
};

class AxisApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<Axis()> state{this, "state"};
  Method<void(double, Default<double>, Default<Mode>)> move_to{
      this,
      "move_to",
      "Moves \"it\".\nAt once.",
      params("target_mm", param("speed_mm_s", 10.0), param("mode", Mode::fast)),
      {.idempotent = true}};
  Event<void(double, Mode)> moved{this, "moved", "Each step.", params("position_mm", "mode")};
};

class ToolsApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<Streams<float, std::vector<std::string>>(std::set<int>)> measure{this, "measure"};
  Method<Streams<std::int16_t, void>()> count{this, "count"};
  Method<void()> delete_all{this, "delete", "", hidden};
  Method<std::variant<int, Zone, UnknownAlternative>(Level, Default<Colour>)> paint{
      this, "paint", "", params("level", param("colour", Colour::green))};
};

class MillApi : public ApiBase {
 public:
  MillApi() : ApiBase("mill", {.workers = 2, .docs = "A mill.", .version = "2.1"}) {}

  AxisApi x{this, "x", {.docs = "Left and right."}};
  ToolsApi tools{this, "tools"};
  Method<std::tuple<bool, std::pair<Bytes, Value>>(
      std::map<std::string, std::variant<std::monostate, int, Zone>>)>
      everything{this, "everything"};
  Method<Branch(Serial, std::chrono::milliseconds)> tree{this, "tree"};
  Method<std::chrono::system_clock::time_point(Default<std::vector<std::string>>, Default<std::optional<int>>,
                                               Default<Zone>, Default<std::uint64_t>)>
      plan{this, "plan", "",
           params(param("names", std::vector<std::string>{"a", "b"}), param("most", std::optional<int>()),
                  param("zone", Zone{0.5, 2.0}), param("least", std::uint64_t{7}))};
};

class LogApi : public ApiBase {
 public:
  LogApi() : ApiBase("mill.log") {}

  Method<void(std::string)> write{this, "write"};
};

}  // namespace vagus::testing::original
