// The contract: what head and body have in common. Both processes are compiled with this header, and nothing
// else ties them together.
#pragma once

#include <string>
#include <vector>

#include <vagus/vagus.hpp>

// Arguments and results are ordinary types. A plain struct travels as it is, without a macro or a base class.
struct AxisStatus {
  double position_mm = 0.0;
  bool moving = false;
  std::vector<std::string> faults;

  bool operator==(const AxisStatus&) const = default;
};

// An API is a class with methods, which are answered, and events, which are not.
class AxisApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  // A caller may leave out what is declared as Default<>: the axis then moves at 10 mm/s.
  vagus::Method<double(double target_mm, vagus::Default<double> speed_mm_s)> move_to{
      this, "move_to", "Moves the axis; returns where it ended, in mm.",
      vagus::params("target_mm", vagus::param("speed_mm_s", 10.0))};

  vagus::Method<AxisStatus()> status{this, "status", "The axis as it stands now."};

  vagus::Event<void(double position_mm)> moved{this, "moved", "Sent after each move."};
};

// APIs form a tree: this one's method `name` is known as `mill.name`, that of its axis as `mill.x.move_to`.
class MillApi : public vagus::ApiBase {
 public:
  using ApiBase::ApiBase;

  AxisApi x{this, "x"};
  AxisApi y{this, "y"};

  vagus::Method<std::string()> name{this, "name", "What is written on the mill."};
  vagus::Method<void(int seconds)> warm_up{this, "warm_up", "Returns when the spindle is warm."};
};
