// `vagus listen`, beside a body, by pipes.

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"
#include "support/process.hpp"

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

/// What a program writes, read as it comes.
class Output {
 public:
  Output() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  }
  ~Output() {
    ::close(ends_[0]);
    close_writing_end();
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  int writing_end() const noexcept { return ends_[1]; }
  void close_writing_end() noexcept {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  /// Without its end; what there is if it does not come.
  std::string line() {
    std::size_t end = text_.find('\n');
    while (end == std::string::npos && read_some()) end = text_.find('\n');
    const std::string line = text_.substr(0, end);
    text_.erase(0, end == std::string::npos ? end : end + 1);
    return line;
  }
  std::string rest() {
    while (read_some()) {
    }
    return text_;
  }

 private:
  bool read_some() {
    pollfd watched{ends_[0], POLLIN, 0};
    if (::poll(&watched, 1, 30'000) != 1) return false;
    std::array<char, 4096> piece{};
    const auto size = ::read(ends_[0], piece.data(), piece.size());
    if (size > 0) text_.append(piece.data(), static_cast<std::size_t>(size));
    return size > 0;
  }

  std::array<int, 2> ends_{-1, -1};
  std::string text_;
};

class Listen : public ::testing::Test {
 protected:
  Listen() {
    body_.emplace(listen(url_), ArbOptions{.name = "shop"});
    body_->attach(lathe_);
    body_->start();
  }

  void start(std::vector<std::string> words) {
    words.insert(words.begin(), {VAGUS_COMMAND, "listen", url_});
    process_ = std::make_unique<Process>([&] {
      ::dup2(output_.writing_end(), STDOUT_FILENO);
      ::dup2(errors_.writing_end(), STDERR_FILENO);
      std::vector<char*> argv;
      for (std::string& word : words) argv.push_back(word.data());
      argv.push_back(nullptr);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    });
    output_.close_writing_end();
    errors_.close_writing_end();
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
  Output output_;
  Output errors_;
  std::unique_ptr<Process> process_;
};

TEST_F(Listen, shows_each_event_at_once_and_ends_at_the_interrupt_key) {
  start({"lathe.**"});
  ASSERT_TRUE(await_heard(lathe_.stopped()));
  EXPECT_EQ(output_.line(), "lathe.stopped");
  lathe_.x.moved(1.5, "mm").post();
  EXPECT_EQ(output_.line(), "lathe.x.moved 1.5, \"mm\"");
  lathe_.touched(Touch{3, "drill"}).post();
  EXPECT_EQ(output_.line(), "lathe.touched {\"x\":3,\"tool\":\"drill\"}");
  process_->signal(SIGINT);
  EXPECT_EQ(process_->wait(), 0);
  EXPECT_EQ(output_.rest(), "");
  EXPECT_EQ(errors_.rest(), "");
}

TEST_F(Listen, shows_only_what_matches_and_ends_after_so_many) {
  start({"lathe.*.moved", "--count", "2"});
  ASSERT_TRUE(await_heard(lathe_.z.moved(0.5, "mm")));
  lathe_.stopped().post();
  lathe_.x.moved(1.0, "inch").post();
  EXPECT_EQ(process_->wait(), 0);
  EXPECT_EQ(output_.rest(), "lathe.z.moved 0.5, \"mm\"\nlathe.x.moved 1.0, \"inch\"\n");
}

TEST_F(Listen, writes_json_an_object_a_line) {
  start({"--json", "-n", "2"});
  ASSERT_TRUE(await_heard(lathe_.touched(Touch{3, "drill"})));
  body_->proxy("lathe").action("stopped", kw("why", "dull")).post();
  EXPECT_EQ(process_->wait(), 0);
  EXPECT_EQ(output_.line(), R"({"event":"lathe.touched","arguments":[{"x":3,"tool":"drill"}]})");
  EXPECT_EQ(output_.line(), R"({"event":"lathe.stopped","arguments":[],"named":{"why":"dull"}})");
}

TEST_F(Listen, says_when_the_link_is_lost) {
  start({});
  ASSERT_TRUE(await_heard(lathe_.stopped()));
  EXPECT_EQ(output_.line(), "lathe.stopped");
  body_.reset();
  EXPECT_EQ(process_->wait(), 3);
  const std::string errors = errors_.rest();
  EXPECT_TRUE(errors.starts_with("vagus: the link to shop was lost")) << errors;
}

TEST_F(Listen, remarks_that_no_such_event_is_declared_and_hears_it_all_the_same) {
  start({"lathe.stoped", "-n", "1"});
  EXPECT_EQ(errors_.line(), "vagus: shop declares no event lathe.stoped; did you mean lathe.stopped?");
  Event<void(int)> undeclared{&lathe_, "stoped"};
  ASSERT_TRUE(await_heard(undeclared(7)));
  EXPECT_EQ(process_->wait(), 0);
  EXPECT_EQ(output_.rest(), "lathe.stoped 7\n");
}

TEST_F(Listen, refuses_what_is_no_pattern) {
  start({"lathe.**moved"});
  EXPECT_EQ(process_->wait(), 2);
  const std::string errors = errors_.rest();
  EXPECT_NE(errors.find("**moved"), std::string::npos) << errors;
}

}  // namespace
}  // namespace vagus::testing
