// What the body does. These are ordinary classes, that could be tested without any Vagus: VAGUS_HANDLERS
// names the methods that they handle, `_handler_<name>` is the member that handles one.
#pragma once

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>

#include "mill_api.hpp"

class Axis {
 public:
  // It knows its API only in order to send the event.
  explicit Axis(AxisApi& api) : api_(api) {}

  VAGUS_HANDLERS(move_to, status)

  double _handler_move_to(double target_mm, double speed_mm_s) {
    // Whatever a handler throws, the caller in the other process catches.
    if (speed_mm_s <= 0.0) throw std::invalid_argument("an axis moves at more than 0 mm/s");
    {
      // With several workers, handlers of one API overlap: they guard what they share, as any other threads
      // do.
      const std::scoped_lock lock(mutex_);
      status_.position_mm = target_mm;
    }
    api_.moved(target_mm).post();
    return target_mm;
  }

  AxisStatus _handler_status() {
    const std::scoped_lock lock(mutex_);
    return status_;
  }

 private:
  AxisApi& api_;
  std::mutex mutex_;
  AxisStatus status_{.position_mm = 0.0, .moving = false, .faults = {"oil is low"}};
};

class Mill {
 public:
  VAGUS_HANDLERS(name, warm_up)

  std::string _handler_name() { return "mill no. 3"; }

  // A handler may take the call itself first. This sleep ends early, with an exception, when the caller has
  // given up.
  void _handler_warm_up(vagus::Call& call, int seconds) { call.sleep_for(std::chrono::seconds(seconds)); }
};

// The whole body but its link: the API, and who handles it.
class ServedMill {
 public:
  MillApi api{"mill", {.workers = 2}};  // up to two handlers at once

 private:
  Mill mill_;
  Axis x_{api.x};
  Axis y_{api.y};
  // Each registration keeps its handlers in place for as long as it lives.
  vagus::Registration serving_mill_ = vagus::serve(api, mill_);
  vagus::Registration serving_x_ = vagus::serve(api.x, x_);
  vagus::Registration serving_y_ = vagus::serve(api.y, y_);
};
