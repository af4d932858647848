#pragma once

#include <sys/resource.h>

#include <algorithm>

#include <gtest/gtest.h>

namespace vagus::testing {

/// What the process may have of a resource is less, for as long as this object lives.
class LoweredLimit {
 public:
  LoweredLimit(__rlimit_resource_t resource, rlim_t most) : resource_(resource) {
    EXPECT_EQ(::getrlimit(resource_, &former_), 0);
    ::rlimit lower = former_;
    lower.rlim_cur = std::min(former_.rlim_max, most);
    EXPECT_EQ(::setrlimit(resource_, &lower), 0);
  }
  ~LoweredLimit() { ::setrlimit(resource_, &former_); }
  LoweredLimit(const LoweredLimit&) = delete;
  LoweredLimit& operator=(const LoweredLimit&) = delete;

 private:
  const __rlimit_resource_t resource_;
  ::rlimit former_{};
};

}  // namespace vagus::testing
