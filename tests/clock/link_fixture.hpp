#pragma once

#include <unistd.h>

#include <atomic>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"

namespace vagus::testing {

class TimedApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> twice{this, "twice"};
  Method<int(int)> wait{this, "wait", "What each test makes of it."};
};

/// A body and a head, over each transport.
class Timed : public ::testing::TestWithParam<std::string> {
 protected:
  Timed() {
    served_.twice.handle([](int number) { return 2 * number; });
    head_.attach(called_);
  }

  void start_body() {
    body_.emplace(listen(url_), ArbOptions{.name = "body"});
    body_->attach(served_);
    body_->start();
  }

  /// To be made after what handlers use: nothing of them runs any more when that goes.
  class Stop {
   public:
    explicit Stop(Timed& timed) : timed_(timed) {}
    ~Stop() {
      timed_.head_.stop();
      timed_.body_.reset();
    }
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;

   private:
    Timed& timed_;
  };

 private:
  static std::string unique_url() {
    static std::atomic<int> number{0};
    return GetParam() + "://clock-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
  }

 protected:
  const std::string url_ = unique_url();
  TimedApi served_{"timed", {.workers = 2}};
  TimedApi called_{"timed"};
  std::optional<ApiArb> body_;
  ApiArb head_{connect(url_), {.name = "head"}};
};

#define VAGUS_TIMED_OVER_EACH_TRANSPORT(SUITE)                              \
  INSTANTIATE_TEST_SUITE_P(Over, SUITE, ::testing::Values("inproc", "shm"), \
                           [](const auto& transport) { return transport.param; })

}  // namespace vagus::testing
