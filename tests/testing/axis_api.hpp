#pragma once

#include <cstdint>
#include <string>

#include <vagus/vagus.hpp>

namespace vagus::testing {

class AxisApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<double(double target_mm)> move_to{this, "move_to", {}, params("target_mm")};
  Method<void()> home{this, "home"};
  Method<std::string(std::string text, int times)> say{this, "say", {}, params("text", "times")};
  Method<std::int64_t(Bytes bytes)> write{this, "write", {}, params("bytes")};
  Event<void(double position_mm)> moved{this, "moved"};
};

}  // namespace vagus::testing
