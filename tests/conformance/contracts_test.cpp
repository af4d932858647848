// Head and body that were built from different versions of a contract.

#include "conformance/conformance.hpp"

namespace vagus::testing {

namespace v1 {

struct Status {
  double position_mm = 0.0;
  bool moving = false;
};
VAGUS_FIELDS(Status, position_mm, moving)

struct Size {
  int width = 0;
  int height = 0;
};
VAGUS_FIELDS(Size, width, height)

struct MillApi : ApiBase {
  MillApi() : ApiBase("mill") {}
  Method<Status()> status{this, "status"};
  Method<double(Status)> follow{this, "follow"};
  Method<double(double)> move_to{this, "move_to"};
  Method<int(int)> feed{this, "feed"};
  Method<Size()> size{this, "size"};
  Event<void(int)> jammed{this, "jammed"};
  Event<void(int)> done{this, "done"};
};

}  // namespace v1

namespace v2 {

struct Status {
  double position_mm = 0.0;
  bool moving = false;
  std::string fault = "unknown";  // appended
};
VAGUS_FIELDS(Status, position_mm, moving, fault)

struct Size {
  int width = 0;
  int depth = 0;  // another name
};
VAGUS_FIELDS(Size, width, depth)

struct MillApi : ApiBase {
  MillApi() : ApiBase("mill") {}
  Method<Status()> status{this, "status"};
  Method<double(Status)> follow{this, "follow"};
  Method<double(double, Default<double>)> move_to{
      // a parameter more
      this, "move_to", "", params("target_mm", param("speed_mm_s", 10.0))};
  Method<int(double)> feed{this, "feed"};  // another type
  Method<Size()> size{this, "size"};
  Method<void()> clean{this, "clean"};              // new
  Event<void(std::string)> jammed{this, "jammed"};  // another type
  Event<void(int)> done{this, "done"};
};

}  // namespace v2

namespace {

class Contracts : public Conformance {};

struct OldBody : Pair {
  explicit OldBody(const std::string& url) : Pair(url) {
    mill.status.handle([] { return v1::Status{1.5, true}; });
    mill.follow.handle([](const v1::Status& status) { return status.position_mm; });
    mill.move_to.handle([](double target) { return target; });
    mill.feed.handle([this](int speed) { return fed = speed; });
    mill.size.handle([] { return v1::Size{2, 3}; });
    body.attach(mill);
  }

  v1::MillApi mill;
  std::atomic<int> fed{-1};
};

struct NewBody : Pair {
  explicit NewBody(const std::string& url) : Pair(url) {
    mill.status.handle([] { return v2::Status{2.5, false, "none"}; });
    mill.follow.handle([](const v2::Status& status) { return status.fault == "unknown" ? 1.0 : 0.0; });
    mill.move_to.handle([](double target, double speed) { return target * speed; });
    body.attach(mill);
  }

  v2::MillApi mill;
};

TEST_P(Contracts, an_appended_field_is_skipped_by_an_older_head) {
  NewBody pair(url());
  v1::MillApi called;
  pair.head.attach(called);
  pair.open();
  EXPECT_EQ(called.status().call().position_mm, 2.5);
  EXPECT_EQ(called.follow(v1::Status{1.0, true}).call(), 1.0);
}

TEST_P(Contracts, an_appended_field_of_an_older_body_keeps_its_initialiser) {
  OldBody pair(url());
  v2::MillApi called;
  pair.head.attach(called);
  pair.open();
  const auto status = called.status().call();
  EXPECT_EQ(status.position_mm, 1.5);
  EXPECT_TRUE(status.moving);
  EXPECT_EQ(status.fault, "unknown");
  EXPECT_EQ(called.follow(v2::Status{1.0, true, "much"}).call(), 1.0);
}

TEST_P(Contracts, an_appended_parameter_has_its_default_if_the_head_does_not_know_it) {
  NewBody pair(url());
  v1::MillApi called;
  pair.head.attach(called);
  pair.open();
  EXPECT_EQ(called.move_to(2.0).call(), 20.0);
}

TEST_P(Contracts, an_appended_parameter_that_is_left_out_does_not_trouble_an_older_body) {
  OldBody pair(url());
  v2::MillApi called;
  pair.head.attach(called);
  pair.open();
  EXPECT_EQ(called.move_to(2.0).call(), 2.0);
  EXPECT_THROW(called.move_to(2.0, 5.0).call(), ApiParamError);
}

TEST_P(Contracts, a_changed_type_fails_its_method_before_the_handler_runs_and_no_other) {
  OldBody pair(url());
  v2::MillApi called;
  pair.head.attach(called);
  pair.open();
  for (int times = 0; times < 2; ++times) {
    const auto answer = called.feed(3.0).try_call();
    ASSERT_FALSE(answer);
    const auto error = answer.error_pointer();
    EXPECT_EQ(error->code(), ErrorCode::contract_mismatch);
    EXPECT_EQ(error->execution(), Execution::not_run);
    EXPECT_EQ(error->name_space(), "mill.feed");
    const std::string text = error->what();
    EXPECT_NE(text.find("parameter 1 is double for the caller and int for the handler"), std::string::npos)
        << text;
    EXPECT_NE(text.find("(double) -> int"), std::string::npos) << text;
    EXPECT_NE(text.find("(int) -> int"), std::string::npos) << text;
  }
  EXPECT_EQ(called.move_to(2.0).call(), 2.0);
  EXPECT_EQ(pair.fed, -1);
}

TEST_P(Contracts, a_field_that_has_another_name_is_another_field) {
  OldBody pair(url());
  v2::MillApi called;
  pair.head.attach(called);
  pair.open();
  EXPECT_THROW(called.size().call(), ContractMismatchError);
}

TEST_P(Contracts, a_new_method_is_not_handled_by_an_older_body) {
  OldBody pair(url());
  v2::MillApi called;
  pair.head.attach(called);
  pair.open();
  EXPECT_THROW(called.clean().call(), UnsupportedApiError);
}

TEST_P(Contracts, what_is_attached_while_the_link_is_open_is_compared_too) {
  OldBody pair(url());
  pair.open();
  v2::MillApi called;
  pair.head.attach(called);
  EXPECT_THROW(called.feed(3.0).call(), ContractMismatchError);
  EXPECT_EQ(called.move_to(2.0).call(), 2.0);
}

TEST_P(Contracts, a_handler_that_no_contract_declares_takes_what_it_can_read) {
  Pair pair(url());
  ApiBase mill("mill");
  mill.set_handler("feed", [](int speed) { return speed; });
  pair.body.attach(mill);
  v2::MillApi called;
  pair.head.attach(called);
  pair.open();
  EXPECT_THROW(called.feed(3.5).call(), ApiParamError);
}

TEST_P(Contracts, an_event_of_another_shape_is_not_delivered_and_those_behind_it_are) {
  OldBody pair(url());
  v2::MillApi heard;
  std::atomic<int> jammed{0};
  Flag done;
  const auto jams = heard.jammed.subscribe([&](const std::string&) { ++jammed; });
  const auto ends = heard.done.subscribe([&](int) { done.raise(); });
  pair.head.attach(heard);
  pair.open();
  pair.called.nothing().call();  // behind it, the body knows what the head listens to
  pair.mill.jammed(1).post();
  pair.mill.done(1).post();
  EXPECT_TRUE(done.await());
  EXPECT_EQ(jammed, 0);
}

VAGUS_OVER_EACH_TRANSPORT_AND_DATAGRAMS(Contracts);

}  // namespace
}  // namespace vagus::testing
