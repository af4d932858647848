#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include <vagus/testing/fake_clock.hpp>
#include <vagus/testing/faulty_transport.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/testing/through.hpp>
#include <vagus/vagus.hpp>

#include "forwarding_link.hpp"
#include "support/core/flag.hpp"
#include "testing/axis_api.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// A head that gets to its body by way of a faulty transport.
class AFaultyTransport : public ::testing::Test {
 protected:
  AFaultyTransport() {
    body_.expect("machine.x.move_to").any_number().answer([](double mm) { return mm; });
    head_.attach(axis_);
  }

  ScriptedPeer body_;
  const std::shared_ptr<FaultyTransport> faulty_ = make_faulty("inproc", {.seed = 1});
  AxisApi axis_{"machine.x"};
  ApiArb head_{through(faulty_, body_.endpoint())};
};

TEST_F(AFaultyTransport, does_nothing_wrong_unless_it_is_told_to) {
  for (int number = 0; number < 100; ++number) EXPECT_EQ(axis_.move_to(number).call(), number);
  EXPECT_EQ(faulty_->done(), 0u);
}

TEST_F(AFaultyTransport, ends_the_link_in_the_midst_of_a_message) {
  axis_.move_to(1.0).call();
  faulty_->set({.cut = 1});
  EXPECT_THROW(axis_.move_to(2.0).call(), TransportDisconnectedError);
  EXPECT_GE(faulty_->done(), 1u);
  faulty_->set({});
  // A link that was made before, and cut too, may not have noticed yet.
  const Deadline recovered = Deadline::after(generous);
  auto came = axis_.move_to(3.0).try_call();
  while (!came && !recovered.passed()) {
    head_.wait_open(generous);
    came = axis_.move_to(3.0).try_call();
  }
  EXPECT_EQ(came.value(), 3.0);
}

TEST_F(AFaultyTransport, ends_all_links_when_it_is_told_to) {
  Flag lost;
  const auto watching = head_.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) lost.raise();
  });
  axis_.move_to(1.0).call();
  faulty_->cut_all();
  EXPECT_TRUE(lost.await());
}

TEST(AFaultyTransportOverAByteStream, ends_the_link_in_the_midst_of_a_truncated_message) {
  ScriptedPeer body(listen("unix://@faulty-transport-test-" + std::to_string(::getpid())));
  body.expect("machine.x.move_to").any_number().answer([](double mm) { return mm; });
  const auto faulty = make_faulty("unix", {.seed = 1});
  AxisApi axis{"machine.x"};
  ApiArb head{through(faulty, body.endpoint())};
  head.attach(axis);
  EXPECT_EQ(axis.move_to(1.0).call(), 1.0);
  faulty->set({.truncate = 1});
  EXPECT_THROW(axis.move_to(2.0).call({.timeout = generous}), TransportDisconnectedError);
  faulty->set({});
}

/// Does something before it starts.
class LateLink final : public ForwardingLink {
 public:
  LateLink(std::unique_ptr<transport::Link> inner, const std::function<void()>& before)
      : ForwardingLink(std::move(inner)), before_(before) {}
  void start(transport::LinkObserver& observer) override {
    before_();
    ForwardingLink::start(observer);
  }

 private:
  const std::function<void()>& before_;
};

/// Connects by way of `inproc`.
class LateTransport final : public transport::Transport {
 public:
  explicit LateTransport(const std::function<void()>& before) : before_(before) {}

  std::unique_ptr<transport::Listener> listen(const Url&, const transport::TransportContext&,
                                              transport::LinkHandler) override {
    return nullptr;
  }
  std::unique_ptr<transport::Connecting> connect(const Url& url, const transport::TransportContext& context,
                                                 Deadline deadline,
                                                 transport::ConnectHandler connected) override {
    auto wrapped = [this, connected = std::move(connected)](Result<std::unique_ptr<transport::Link>> link) {
      if (!link) return connected(std::move(link));
      connected(
          std::unique_ptr<transport::Link>(std::make_unique<LateLink>(std::move(link).value(), before_)));
    };
    return inner_->connect(url, context, deadline, std::move(wrapped));
  }

 private:
  const std::function<void()>& before_;
  const std::shared_ptr<transport::Transport> inner_ = transport::TransportRegistry::builtin().find("inproc");
};

TEST(AFaultyTransportAroundALateOne, ends_no_link_that_has_not_begun) {
  std::function<void()> before;
  const auto faulty =
      std::make_shared<FaultyTransport>("inproc", std::make_shared<LateTransport>(before), Faults{.seed = 1});
  before = [&] { faulty->cut_all(); };
  ScriptedPeer body;
  body.expect("machine.x.move_to").any_number().answer([](double mm) { return mm; });
  AxisApi axis{"machine.x"};
  ApiArb head{through(faulty, body.endpoint())};
  head.attach(axis);
  EXPECT_EQ(axis.move_to(1.0).call({.timeout = generous}), 1.0);
}

TEST(AFaultyTransportThatDelays, shows_what_has_come_when_its_time_has) {
  FakeClock clock;
  const ClockInUse in_use{clock};
  ScriptedPeer body(ScriptedPeerOptions{.timeout = generous});
  const auto faulty = make_faulty("inproc", {.seed = 1});
  AxisApi axis{"machine.x"};
  ApiArb head{through(faulty, body.endpoint())};
  head.attach(axis);
  head.wait_open(generous);
  const auto homing = body.expect("machine.x.home").reply();
  faulty->set({.seed = 1, .delay = 1, .longest_delay = 1h});
  const auto pending = axis.home().async({.timeout = no_timeout});
  body.wait_for(homing);  // what this side sends is not late
  EXPECT_FALSE(pending.ready());
  // What had come before it, and is of the peers themselves, is late too: each is so by an hour at most.
  const auto end = std::chrono::steady_clock::now() + generous;
  while (!pending.ready() && std::chrono::steady_clock::now() < end) {
    clock.advance(1h);
    std::this_thread::yield();
  }
  ASSERT_TRUE(pending.ready());
  EXPECT_NO_THROW(pending.get());
}

TEST(AFaultyTransportWithASeed, does_the_same_to_the_same_messages) {
  std::optional<int> first_fault;
  for (int run = 0; run < 2; ++run) {
    ScriptedPeer body;
    body.expect("machine.x.move_to").any_number().answer([](double mm) { return mm; });
    const auto faulty = make_faulty("inproc", {.seed = 4, .cut = 0.05});
    AxisApi axis{"machine.x"};
    ApiArb head{through(faulty, body.endpoint())};
    head.attach(axis);
    int number = 0;
    while (faulty->done() == 0 && number < 10'000) static_cast<void>(axis.move_to(++number).try_call());
    EXPECT_LT(number, 10'000);
    if (!first_fault) first_fault = number;
    EXPECT_EQ(*first_fault, number);
  }
}

/// The number of the call that suffers the first fault of the link.
int first_fault(FaultyTransport& faulty, AxisApi& axis) {
  const auto before = faulty.done();
  int number = 0;
  while (faulty.done() == before && number < 10'000) static_cast<void>(axis.move_to(++number).try_call());
  return number;
}

TEST(AFaultyTransportWithASeed, does_the_same_however_often_it_had_to_connect) {
  std::optional<int> undisturbed;
  for (const bool refuses : {false, true}) {
    ScriptedPeer body;
    body.expect("machine.x.move_to").any_number().answer([](double mm) { return mm; });
    const auto faulty = make_faulty("inproc", {.refuse = refuses ? 1.0 : 0.0});
    AxisApi axis{"machine.x"};
    ApiArb head{through(faulty, body.endpoint())};
    head.attach(axis);
    if (refuses) {
      EXPECT_THROW(axis.home().call({.timeout = 50ms}), Error);
      ASSERT_GE(faulty->done(), 1u);
    }
    faulty->set({.seed = 4, .cut = 0.02});
    head.wait_open(generous);
    const int number = first_fault(*faulty, axis);
    EXPECT_LT(number, 10'000);
    if (!undisturbed) undisturbed = number;
    EXPECT_EQ(*undisturbed, number);
  }
}

/// Is asked for nothing but whether it finds many.
class Finder final : public transport::Transport {
 public:
  explicit Finder(bool finds_many) : finds_many_(finds_many) {}
  std::unique_ptr<transport::Listener> listen(const Url&, const transport::TransportContext&,
                                              transport::LinkHandler) override {
    return nullptr;
  }
  std::unique_ptr<transport::Connecting> connect(const Url&, const transport::TransportContext&, Deadline,
                                                 transport::ConnectHandler) override {
    return nullptr;
  }
  bool finds_many() const noexcept override { return finds_many_; }

 private:
  const bool finds_many_;
};

TEST(AFaultyTransportAroundAnother, finds_as_many_peers_as_that) {
  EXPECT_TRUE(FaultyTransport("multicast", std::make_shared<Finder>(true), {}).finds_many());
  EXPECT_FALSE(FaultyTransport("inproc", std::make_shared<Finder>(false), {}).finds_many());
}

TEST(AFaultyTransportInARegistry, has_a_scheme_of_its_own) {
  auto registry = transport::TransportRegistry::builtin();
  const auto faulty = add_faulty(registry, "inproc", {.refuse = 1});
  EXPECT_EQ(faulty->scheme(), "faulty+inproc");
  AxisApi axis{"machine.x"};
  ApiArb head{connect("faulty+inproc://nobody"), {.transports = registry}};
  head.attach(axis);
  EXPECT_THROW(axis.home().call({.timeout = 50ms}), Error);
  EXPECT_GE(faulty->done(), 1u);
  EXPECT_THROW(make_faulty("carrier-pigeon", {}), ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
