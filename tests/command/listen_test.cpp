// `vagus listen`, beside a body, by pipes.

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "piped_command.hpp"
#include "support/core/flag.hpp"

namespace vagus::testing {

struct Touch {
  int x = 0;
  std::string tool;
};
VAGUS_FIELDS(Touch, x, tool)

namespace {

struct LatheApi : ApiBase {
  using ApiBase::ApiBase;
  struct Axis : ApiBase {
    using ApiBase::ApiBase;
    Event<void(double, std::string)> moved{this, "moved"};
  };
  Axis x{this, "x"};
  Axis z{this, "z"};
  Event<void(Touch)> touched{this, "touched"};
  Event<void()> stopped{this, "stopped"};
};

class Listen : public ::testing::Test {
 protected:
  Listen() {
    body_.emplace(listen(url_), ArbOptions{.name = "shop"});
    body_->attach(lathe_);
    body_->start();
  }

  void start(std::vector<std::string> words) {
    words.insert(words.begin(), {"listen", url_});
    command_.emplace(std::move(words));
  }

  /// Sends an event until somebody hears it; once, then.
  template <typename Action>
  bool await_heard(const Action& action) {
    const auto end = std::chrono::steady_clock::now() + generous;
    while (body_->stats().messages_posted == 0) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::yield();
      action.post();
    }
    return true;
  }

  const std::string url_ = "unix:///tmp/vagus-listen-" + std::to_string(::getpid()) + ".socket";
  LatheApi lathe_{"lathe"};
  std::optional<ApiArb> body_;
  std::optional<PipedCommand> command_;
};

TEST_F(Listen, shows_each_event_at_once_and_ends_at_the_interrupt_key) {
  start({"lathe.**"});
  ASSERT_TRUE(await_heard(lathe_.stopped()));
  EXPECT_EQ(command_->output().line(), "lathe.stopped");
  lathe_.x.moved(1.5, "mm").post();
  EXPECT_EQ(command_->output().line(), "lathe.x.moved 1.5, \"mm\"");
  lathe_.touched(Touch{3, "drill"}).post();
  EXPECT_EQ(command_->output().line(), "lathe.touched {\"x\":3,\"tool\":\"drill\"}");
  command_->signal(SIGINT);
  EXPECT_EQ(command_->wait(), 0);
  EXPECT_EQ(command_->output().rest(), "");
  EXPECT_EQ(command_->errors().rest(), "");
}

TEST_F(Listen, shows_only_what_matches_and_ends_after_so_many) {
  start({"lathe.*.moved", "--count", "2"});
  ASSERT_TRUE(await_heard(lathe_.z.moved(0.5, "mm")));
  lathe_.stopped().post();
  lathe_.x.moved(1.0, "inch").post();
  EXPECT_EQ(command_->wait(), 0);
  EXPECT_EQ(command_->output().rest(), "lathe.z.moved 0.5, \"mm\"\nlathe.x.moved 1.0, \"inch\"\n");
}

TEST_F(Listen, writes_json_an_object_a_line) {
  start({"--json", "-n", "2"});
  ASSERT_TRUE(await_heard(lathe_.touched(Touch{3, "drill"})));
  body_->proxy("lathe").action("stopped", kw("why", "dull")).post();
  EXPECT_EQ(command_->wait(), 0);
  EXPECT_EQ(command_->output().line(), R"({"event":"lathe.touched","arguments":[{"x":3,"tool":"drill"}]})");
  EXPECT_EQ(command_->output().line(), R"({"event":"lathe.stopped","arguments":[],"named":{"why":"dull"}})");
}

TEST_F(Listen, says_when_the_link_is_lost) {
  start({});
  ASSERT_TRUE(await_heard(lathe_.stopped()));
  EXPECT_EQ(command_->output().line(), "lathe.stopped");
  body_.reset();
  EXPECT_EQ(command_->wait(), 3);
  const std::string errors = command_->errors().rest();
  EXPECT_TRUE(errors.starts_with("vagus: the link to shop was lost")) << errors;
}

TEST_F(Listen, remarks_that_no_such_event_is_declared_and_hears_it_all_the_same) {
  start({"lathe.stoped", "-n", "1"});
  EXPECT_EQ(command_->errors().line(),
            "vagus: shop declares no event lathe.stoped; did you mean lathe.stopped?");
  Event<void(int)> undeclared{&lathe_, "stoped"};
  ASSERT_TRUE(await_heard(undeclared(7)));
  EXPECT_EQ(command_->wait(), 0);
  EXPECT_EQ(command_->output().rest(), "lathe.stoped 7\n");
}

TEST_F(Listen, refuses_what_is_no_pattern) {
  start({"lathe.**moved"});
  EXPECT_EQ(command_->wait(), 2);
  const std::string errors = command_->errors().rest();
  EXPECT_NE(errors.find("**moved"), std::string::npos) << errors;
}

}  // namespace
}  // namespace vagus::testing
