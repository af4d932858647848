// Peers whose hello says that they take only small messages.

#include <string>

#include "conformance/conformance.hpp"
#include "conformance/raw_peer.hpp"

namespace vagus::testing {
namespace {

using Array = Value::Array;

class NarrowApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> x{this, "x"};
};

/// A body of which there is little to tell.
class SmallPeers : public Conformance {
 protected:
  SmallPeers() {
    served_.x.handle([](int number) {
      if (number < 0) throw std::runtime_error(std::string(500, '!'));
      return number;
    });
    body_.attach(served_);
    body_.start();
    head_.attach(called_);
  }
  /// Says that it takes `size` bytes at most.
  RawHead small_head(std::uint64_t size) { return RawHead(url(), 1, size); }

  RecordedLog log_;
  NarrowApi served_{"m", {.workers = 1}};
  NarrowApi called_{"m"};
  ApiArb body_{listen(url()), {.name = "body", .max_links = 2, .log = log_.log()}};
  ApiArb head_{connect(url()), {.name = "head", .log = log_.log()}};
};

TEST_P(SmallPeers, that_cannot_be_told_what_is_handled_are_cut_off_and_take_no_place) {
  for (int round = 0; round < 3; ++round) {
    RawHead small = small_head(8);
    EXPECT_NE(small->await_closed(), nullptr);
  }
  EXPECT_TRUE(log_.transcript().await_line("it cannot be told what is handled here"));
  EXPECT_EQ(called_.x(3).call(), 3);
  EXPECT_EQ(body_.peers().size(), 1u);
}

TEST_P(SmallPeers, that_cannot_be_answered_are_cut_off_and_keep_no_worker) {
  RawHead small = small_head(120);
  small->open();
  small->send(Array{0, 1, "m.x", Array{-1}});
  EXPECT_NE(small->await_closed(), nullptr);
  EXPECT_TRUE(log_.transcript().await_line("it cannot be answered"));
  EXPECT_EQ(called_.x(3).call(), 3);
}

TEST_P(SmallPeers, that_cannot_be_told_of_a_change_are_cut_off_and_the_others_are_told) {
  RawHead small = small_head(120);
  small->open();
  NarrowApi added(std::string(60, 'a') + "." + std::string(60, 'b'));
  added.x.handle([](int number) { return 2 * number; });
  NarrowApi called_too(added.name_space());
  head_.attach(called_too);
  head_.wait_open(generous);
  body_.attach(added);
  EXPECT_NE(small->await_closed(), nullptr);
  EXPECT_EQ(called_too.x(3).call(), 6);
}

// Not inproc: in one process both sides know each other's limits without a hello.
INSTANTIATE_TEST_SUITE_P(Over, SmallPeers, ::testing::ValuesIn([] {
                           auto transports = all_transports();
                           std::erase(transports, "inproc");
                           return transports;
                         }()),
                         [](const auto& transport) { return transport.param; });

}  // namespace
}  // namespace vagus::testing
