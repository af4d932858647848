/// What the tests of this folder have in common: they hold for every transport.
#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "support/core/notes.hpp"
#include "support/own_address.hpp"

namespace vagus::testing {

using namespace std::chrono_literals;

struct Sample {
  double value = 0.0;
  std::string unit;
  std::vector<int> raw;

  bool operator==(const Sample&) const = default;
};

class PartApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> twice{this, "twice", "Twice its argument.", params("number")};
  Method<void()> idle{this, "idle", "Nothing handles it."};
};

/// The contract that head and body share in these tests; both may handle it.
class SampleApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  PartApi part{this, "part"};
  Method<int(int, int)> add{this, "add"};
  Method<double(double, Default<double>, Default<std::string>)> scale{
      this, "scale", "Multiplies.", params("value", param("factor", 2.0), param("unit", std::string("mm")))};
  Method<std::string(std::string)> echo{this, "echo"};
  Method<Sample(Sample)> sample{this, "sample"};
  Method<Bytes(Bytes)> bytes{this, "bytes"};
  Method<void()> nothing{this, "nothing"};
  Method<int(int)> work{this, "work", "What each test makes of it."};
  Method<int(int)> other{this, "other", "What each test makes of it."};
  Method<int(int)> serial{this, "serial", "Never overlaps.", MethodOptions{.serial = true}};
  Event<void(int)> ticked{this, "ticked"};
  Event<void(std::string, int)> said{this, "said"};
};

/// Handles what is the same in every test.
class SampleService {
 public:
  VAGUS_HANDLERS(add, scale, echo, sample, bytes, nothing)

  int _handler_add(int a, int b) { return a + b; }
  double _handler_scale(double value, double factor, const std::string&) { return value * factor; }
  std::string _handler_echo(const std::string& text) { return text; }
  Sample _handler_sample(Sample sample) { return sample; }
  Bytes _handler_bytes(Bytes bytes) { return bytes; }
  void _handler_nothing() {}
};

/// An address that nobody else uses; a tls:// one has all options that both ends need.
std::string unique_url(const std::string& scheme);
/// The same with one more option.
std::string with_option(const std::string& url, const std::string& option);

/// A body that serves the API `sample`, and a head that calls it. The head's own API is `desk`, for calls
/// back.
struct Pair {
  struct Options {
    unsigned workers = 1;
    unsigned desk_workers = 1;
    std::size_t queue = 1024;
    ArbOptions body = {};
    ArbOptions head = {};
    ApiOptions called = {};
  };

  explicit Pair(const std::string& url) : Pair(url, Options()) {}
  Pair(const std::string& url, const Options& options);

  /// The head has found its body.
  void open() { head.wait_open(generous); }

  RecordedLog body_log;
  RecordedLog head_log;
  SampleService service;
  SampleApi served;       ///< the body's
  SampleApi called;       ///< the head's stub of it
  SampleApi desk;         ///< the head's own
  SampleApi called_desk;  ///< the body's stub of that
  Registration serving;
  Registration serving_desk;
  ApiArb body;
  ApiArb head;

 private:
  static ArbOptions with_log(ArbOptions options, Log& log, std::string_view name);
};

/// A second API of a pair: what is called through it comes after what was sent before.
struct Pulse {
  explicit Pulse(Pair& pair) : serving(served.serve(service)) {
    pair.body.attach(served);
    pair.head.attach(called);
  }
  void beat() { called.nothing().call(); }

  SampleService service;
  SampleApi served{"pulse"};
  SampleApi called{"pulse"};
  Registration serving;
};

/// Has `call(timeout)` make a call that times out, again with more and more time if its handler has not
/// `begun`: on a slow machine the deadline may pass before the request is there.
template <typename Call>
void time_out_once_begun(const Flag& begun, const Call& call) {
  for (Duration timeout = 50ms; !begun.raised() && timeout < generous; timeout *= 2) call(timeout);
}

/// One test, over each transport.
class Conformance : public ::testing::TestWithParam<std::string> {
 protected:
  std::string url() const { return url_; }

 private:
  const std::string url_ = unique_url(GetParam());
};

/// Their schemes, without those that were left out of this build.
std::vector<std::string> all_transports();
/// And `udp`.
std::vector<std::string> all_transports_and_datagrams();

/// `VAGUS_OVER_EACH_TRANSPORT(Calls)` runs a suite over each transport.
#define VAGUS_OVER_EACH_TRANSPORT(SUITE)                                                         \
  INSTANTIATE_TEST_SUITE_P(Over, SUITE, ::testing::ValuesIn(::vagus::testing::all_transports()), \
                           [](const auto& transport) { return transport.param; })

/// The same, and over UDP. Not for what datagrams cannot do: carry more than 64 KiB, keep a flood of events
/// from being lost, or cut off who sends nonsense.
#define VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(SUITE)                                            \
  INSTANTIATE_TEST_SUITE_P(Over, SUITE,                                                           \
                           ::testing::ValuesIn(::vagus::testing::all_transports_and_datagrams()), \
                           [](const auto& transport) { return transport.param; })

/// The same, over those whose links hold as much as a test wants them to: `?ring=4096`.
#define VAGUS_OVER_EACH_TRANSPORT_OF_MEMORY(SUITE)                          \
  INSTANTIATE_TEST_SUITE_P(Over, SUITE, ::testing::Values("inproc", "shm"), \
                           [](const auto& transport) { return transport.param; })

/// The error that a call comes to; null if it comes to none.
template <typename Action>
ErrorPtr error_of(const Action& action, const CallOptions& options = {}) {
  return action.try_call(options).error_pointer();
}

/// A handler that stays inside until it is let go, and says how many are inside. To be declared after
/// whatever runs it; all else that a handler uses is declared before.
class Stage {
 public:
  ~Stage() {
    open();
    crowd_.await_empty();
  }

  int operator()(int number) {
    crowd_.enter();
    const bool opened = opened_.await();
    crowd_.leave();
    if (!opened) throw std::runtime_error("nobody opened the stage");
    return number;
  }
  void open() { opened_.raise(); }
  bool await(int inside) const { return crowd_.await(inside); }
  int most() const { return crowd_.most(); }

 private:
  Crowd crowd_;
  Flag opened_;
};

}  // namespace vagus::testing
