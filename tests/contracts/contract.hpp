/// One contract in two versions, of every kind of type that its shape is made of.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <msgpack.hpp>

#include <vagus/vagus.hpp>

#ifndef CONTRACT_VERSION
#error "CONTRACT_VERSION is 1 or 2"
#endif

namespace contracts {

enum class Mode : std::uint8_t { manual, automatic };

template <class T>
struct Range {
  T least = {};
  T most = {};
};

struct Axis {
  std::string name;
  Range<double> travel_mm;
  std::optional<Mode> mode;
#if CONTRACT_VERSION == 2
  int temperature = 20;
#endif
};
#if CONTRACT_VERSION == 1
VAGUS_FIELDS(Axis, name, travel_mm, mode)
#else
VAGUS_FIELDS(Axis, name, travel_mm, mode, temperature)
#endif

/// Packs itself, so that only its name is known.
class Serial {
 public:
  Serial() = default;
  explicit Serial(std::string text) : text_(std::move(text)) {}
  const std::string& text() const { return text_; }
  MSGPACK_DEFINE(text_)

 private:
  std::string text_;
};

struct Local {
  std::array<int, 3> position = {};
  std::vector<std::uint8_t> picture;
};

using Everything = std::tuple<std::map<std::string, std::set<std::int64_t>>,
                              std::variant<int, std::string, Local>, std::pair<bool, float>,
                              std::chrono::milliseconds, std::chrono::system_clock::time_point, vagus::Value>;

struct MillApi : vagus::ApiBase {
  MillApi() : ApiBase("mill", {.version = CONTRACT_VERSION == 1 ? "1" : "2"}) {}

  vagus::Method<std::vector<Axis>()> axes{this, "axes"};
  vagus::Method<Everything(Everything)> everything{this, "everything"};
  vagus::Method<Serial(Serial)> serial{this, "serial"};
#if CONTRACT_VERSION == 1
  vagus::Method<double(double)> move_to{this, "move_to", "Moves.", vagus::params("target_mm")};
  vagus::Method<int(int)> feed{this, "feed"};
#else
  vagus::Method<double(double, vagus::Default<double>)> move_to{
      this, "move_to", "Moves.", vagus::params("target_mm", vagus::param("speed_mm_s", 10.0))};
  vagus::Method<int(double)> feed{this, "feed"};
#endif
  vagus::Method<void()> leave{this, "leave"};
};

}  // namespace contracts
