/// The API that most of these tests call and handle.
#pragma once

#include <string>

#include <vagus/api/api_base.hpp>
#include <vagus/api/handlers_macro.hpp>
#include <vagus/api/method.hpp>

namespace vagus::testing {

class MotorApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> turn{this, "turn"};
  Method<void()> stop{this, "stop"};
};

class AxisApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  MotorApi motor{this, "motor"};
  Method<double(double, Default<double>, Default<std::string>)> move_to{
      this, "move_to", "Moves the axis.",
      params("target_mm", param("speed", 10.0), param("unit", std::string("mm")))};
  Method<int(int, int)> add{this, "add"};
  Method<std::string(std::string)> echo{this, "echo", "", params("text")};
  Method<void()> home{this, "home"};
  Event<void(double)> moved{this, "moved", "Sent after each move.", params("position_mm")};
};

}  // namespace vagus::testing
