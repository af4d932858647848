// Calls that are made before everybody is there.

#include <functional>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "conformance/conformance.hpp"
#include "conformance/story.hpp"

namespace vagus::testing {
namespace {

class StartOrder : public Conformance {};

struct Body {
  Body(const std::string& url, const char* name)
      : served(name), serving(serve(served, service)), arb(listen(url), {.name = name, .log = log.log()}) {
    arb.attach(served);
  }
  RecordedLog log;
  SampleService service;
  SampleApi served;
  Registration serving;
  ApiArb arb;
};

/// A head with two bodies, the second of which is still to come.
class TwoBodies : public Conformance {
 protected:
  TwoBodies() {
    here.arb.start();
    head.attach(alpha);
    head.attach(beta);
  }

  const std::string here_url = unique_url(GetParam());
  const std::string later_url = unique_url(GetParam());
  Body here{here_url, "plant.alpha"};
  Body later{later_url, "plant.beta"};
  SampleApi alpha{"plant.alpha"};
  SampleApi beta{"plant.beta"};
  RecordedLog log;
  ApiArb head{{connect(here_url), connect(later_url)}, {.name = "head", .log = log.log()}};
};

TEST_P(TwoBodies, a_call_waits_for_the_body_that_has_its_api_and_holds_up_no_other) {
  Notes order;
  later.served.serial.handle([&](int number) {
    order.add(std::to_string(number));
    return number;
  });
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
  std::vector<AsyncResult<int>> waiting;
  for (int number = 0; number < 5; ++number) waiting.push_back(beta.serial(number).async());
  EXPECT_EQ(alpha.add(3, 4).call(), 7);
  EXPECT_EQ(error_of(head.proxy("plant.alpha").action("nothing_of_the_kind").as<void>())->code(),
            ErrorCode::unsupported_api);
  EXPECT_EQ(error_of(beta.add(1, 1), {.timeout = 20ms})->execution(), Execution::not_sent);
  for (const auto& call : waiting) EXPECT_FALSE(call.ready());
  later.arb.start();
  for (int number = 0; number < 5; ++number) {
    EXPECT_EQ(waiting[static_cast<std::size_t>(number)].get(), number);
  }
  EXPECT_EQ(order.lines(), (std::vector<std::string>{"0", "1", "2", "3", "4"}));
  EXPECT_EQ(beta.add(5, 6).call(), 11);
}

TEST_P(TwoBodies, a_call_made_before_either_is_there_goes_to_the_right_one) {
  const std::string first_url = unique_url(GetParam());
  const std::string second_url = unique_url(GetParam());
  Body first(first_url, "alpha");
  Body second(second_url, "beta");
  SampleApi first_stub{"alpha"};
  SampleApi second_stub{"beta"};
  ApiArb early({connect(first_url), connect(second_url)}, {.name = "early", .log = log.log()});
  early.attach(first_stub);
  early.attach(second_stub);
  const auto to_second = second_stub.add(1, 1).async();
  const auto to_first = first_stub.add(2, 2).async();
  first.arb.start();
  EXPECT_EQ(to_first.get(), 4);
  EXPECT_FALSE(to_second.ready());
  second.arb.start();
  EXPECT_EQ(to_second.get(), 2);
}

TEST_P(TwoBodies, a_message_waits_for_the_body_that_has_its_api_and_overtakes_no_call) {
  Notes order;
  later.served.serial.handle([&](int number) {
    order.add(std::to_string(number));
    return number;
  });
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
  std::vector<AsyncResult<int>> waiting;
  std::thread poster([&] {
    for (int number = 0; number < 20; ++number) waiting.push_back(beta.serial(number).async());
    beta.serial(20).post();
  });
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
  alpha.nothing().post();  // neither is held up
  later.arb.start();
  poster.join();
  ASSERT_TRUE(order.await(21));
  std::vector<std::string> expected;
  for (int number = 0; number <= 20; ++number) expected.push_back(std::to_string(number));
  EXPECT_EQ(order.lines(), expected);
}

TEST_P(TwoBodies, an_event_is_not_held_up_by_a_call_that_waits_for_another_body) {
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
  const auto waiting = beta.add(3, 4).async({.timeout = no_timeout});
  Flag posted;
  std::thread poster([&] {
    beta.ticked(1).post({.timeout = no_timeout});
    posted.raise();
  });
  EXPECT_TRUE(posted.await());
  EXPECT_FALSE(waiting.ready());
  EXPECT_EQ(head.stats().events_unheard, 1u);
  later.arb.start();
  poster.join();
  EXPECT_EQ(waiting.get(), 7);
}

/// An API whose parts different bodies have.
class PlantApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  SampleApi alpha{this, "alpha"};
  SampleApi beta{this, "beta"};
};

TEST_P(TwoBodies, a_call_to_a_body_that_is_there_passes_those_to_another_part_of_its_api) {
  Flag received;
  here.served.work.handle([&](int number) {
    received.raise();
    return number;
  });
  PlantApi plant("plant");
  head.attach(plant);
  EXPECT_EQ(plant.alpha.add(1, 2).call(), 3);
  const auto waiting = plant.beta.add(3, 4).async({.timeout = no_timeout});
  const auto passing = plant.alpha.add(5, 6).async({.timeout = no_timeout});
  EXPECT_TRUE(passing.wait(generous));
  std::thread poster([&] { plant.alpha.work(7).post({.timeout = no_timeout}); });
  EXPECT_TRUE(received.await());
  EXPECT_FALSE(waiting.ready());
  later.arb.start();
  poster.join();
  EXPECT_EQ(passing.get(), 11);
  EXPECT_EQ(waiting.get(), 7);
}

TEST_P(TwoBodies, a_call_that_nobody_knew_goes_to_the_body_that_begins_to_handle_it) {
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
  const auto waiting = beta.add(3, 4).async({.timeout = no_timeout});
  SampleService service;
  SampleApi served("plant.beta");
  const Registration serving = serve(served, service);
  here.arb.attach(served);
  ASSERT_TRUE(waiting.wait(generous));
  EXPECT_EQ(waiting.get(), 7);
}

TEST_P(TwoBodies, a_call_that_waits_for_a_body_ends_with_the_head) {
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
  const auto pending = beta.add(1, 1).async({.timeout = no_timeout});
  head.stop();
  EXPECT_THROW(pending.get(), TransportFinishedError);
  EXPECT_EQ(pending.error()->execution(), Execution::not_sent);
}

TEST_P(TwoBodies, a_call_to_one_that_was_lost_fails_at_once_and_says_which) {
  later.arb.start();
  EXPECT_EQ(beta.add(1, 1).call(), 2);
  later.arb.stop();
  while (head.peers().size() > 1) std::this_thread::yield();
  const auto error = error_of(beta.add(1, 1));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(error->what()).find(later_url), std::string::npos) << error->what();
  EXPECT_EQ(alpha.add(1, 2).call(), 3);
}

TEST_P(StartOrder, a_listener_may_post_when_the_link_opens_though_a_call_waited_for_it) {
  Body body(url(), "sample");
  SampleApi called{"sample"};
  Flag posted;
  ApiArb head(connect(url()), {.name = "head"});
  head.attach(called);
  const auto listening = head.on_state([&](const LinkEvent& event) {
    if (event.state != LinkState::open) return;
    called.said("hello", 1).post();
    posted.raise();
  });
  const auto pending = called.add(1, 2).async();
  body.arb.start();
  EXPECT_EQ(pending.get(), 3);
  EXPECT_TRUE(posted.await());
}

TEST_P(StartOrder, a_listener_may_wait_for_a_call_before_the_link_opens) {
  Body body(url(), "sample");
  SampleApi called{"sample"};
  Flag inside;
  Flag answered;
  ApiArb head(connect(url()), {.name = "head"});
  head.attach(called);
  const auto listening = head.on_state([&](const LinkEvent& event) {
    if (event.state != LinkState::connecting) return;
    inside.raise();
    EXPECT_EQ(called.add(1, 2).call(), 3);
    answered.raise();
  });
  head.start();
  ASSERT_TRUE(inside.await());
  body.arb.start();
  EXPECT_TRUE(answered.await());
}

TEST_P(StartOrder, calls_of_a_body_whose_name_is_taken_fail_and_throw_nothing_unasked) {
  Body body(url(), "sample");
  body.arb.start();
  SampleApi called{"sample"};
  ApiArb second(listen(url()), {.name = "second"});
  second.attach(called);
  const auto error = error_of(called.add(1, 2));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  const auto pending = called.add(1, 2).async();
  EXPECT_THROW(pending.get(), TransportDisconnectedError);
  EXPECT_NO_THROW(called.nothing().post({.ignore_errors = true}));
  EXPECT_THROW(called.nothing().post(), TransportDisconnectedError);
}

/// Cannot start, but only after something that was waited for.
class Unfortunate : public ApiArb {
 public:
  Unfortunate(const Endpoint& endpoint, const std::function<void()>& wait)
      : ApiArb(endpoint, {.name = "unfortunate"}) {
    around_start([this, wait](const std::function<void()>& start) {
      start();
      if (std::exchange(fails_, false)) {
        wait();
        throw std::runtime_error("not today");
      }
    });
  }

 private:
  bool fails_ = true;
};

TEST_P(StartOrder, a_start_that_fails_leaves_no_link) {
  Story story;
  Body body(url(), "sample");
  const auto listening = story.listen_to(body.arb);
  body.arb.start();
  SampleApi called("sample");
  Unfortunate head(connect(url()), [&] { EXPECT_TRUE(story.await(LinkState::open)); });
  head.attach(called);
  EXPECT_THROW(head.start(), std::runtime_error);
  EXPECT_FALSE(head.connected());
  EXPECT_TRUE(story.await(LinkState::disconnected));
  EXPECT_EQ(called.add(1, 2).call(), 3);
  EXPECT_EQ(body.arb.peers().size(), 1u);
}

TEST_P(StartOrder, a_call_to_all_waits_for_the_first_link) {
  SampleApi called("sample");
  ApiArb head(connect(url()), {.name = "head"});
  head.attach(called);
  const auto all = called.add(1, 2).all().async();
  EXPECT_FALSE(all.ready());
  Body body(url(), "sample");
  body.arb.start();
  const auto results = all.get();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].peer.name, "sample");
  EXPECT_EQ(results[0].result.value(), 3);
}

TEST_P(StartOrder, a_call_to_all_that_nobody_comes_for_ends_at_its_deadline_or_when_it_is_cancelled) {
  SampleApi called("sample");
  ApiArb head(connect(url()), {.name = "head"});
  head.attach(called);
  const auto late = called.add(1, 2).all().try_call({.timeout = 20ms});
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code(), ErrorCode::transaction_timeout);
  EXPECT_EQ(late.error().execution(), Execution::not_sent);
  const auto waiting = called.add(1, 2).all().async();
  EXPECT_TRUE(waiting.cancel());
  EXPECT_THROW(waiting.get(), TransactionCancelled);
  const auto stopped = called.add(1, 2).all().async();
  head.stop();
  EXPECT_THROW(stopped.get(), TransportFinishedError);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(StartOrder);
VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(TwoBodies);

}  // namespace
}  // namespace vagus::testing
