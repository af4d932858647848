// How bodies come to their end: asked, killed, or with their head.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "supervisor/supervisor_fixture.hpp"
#include "support/process.hpp"

namespace vagus::testing {
namespace {

using State = SupervisorState;
using SupervisorStops = SupervisorTest;

TEST_F(SupervisorStops, a_body_is_asked_first_and_waited_for) {
  Supervisor supervisor{{program, "serve"}, options(Restart::always)};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  const int body = head.crew.process_id().call();
  supervisor.stop();
  EXPECT_EQ(::kill(body, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(supervisor.state(), State::stopped);
  ASSERT_TRUE(diary.await(State::stopped));
  EXPECT_EQ(diary.states(), (std::vector{State::running, State::stopped}));
  EXPECT_EQ(diary.first_end().exit->to_string(), "exited with 0");
  ASSERT_TRUE(story.await(LinkState::disconnected));
  EXPECT_NE(std::string(story.last(LinkState::disconnected).reason->what()).find("closed the link"),
            std::string::npos);
  EXPECT_THROW(head.arb.wait_open(500ms), ConnectionTimeoutError);
  EXPECT_EQ(supervisor.state(), State::stopped);  // whoever connects does not start it again
}

TEST_F(SupervisorStops, a_body_that_does_not_listen_to_sigterm_is_killed) {
  Supervisor supervisor{{program, "stubborn"}, options(Restart::always)};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  static_cast<void>(head.crew.twice(1).call());
  supervisor.stop(20ms);
  ASSERT_TRUE(diary.await(State::stopped));
  EXPECT_EQ(diary.first_end().exit->to_string(), "was killed by SIGKILL");
  EXPECT_TRUE(log.transcript().contains("has not ended 20 ms after SIGTERM, and is killed"));
}

TEST_F(SupervisorStops, two_may_stop_it_at_once_and_it_may_be_started_again) {
  Supervisor supervisor{{program, "serve"}, options()};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  static_cast<void>(head.crew.twice(1).call());
  std::thread other([&] { supervisor.stop(); });
  supervisor.stop();
  other.join();
  ASSERT_TRUE(diary.await(State::stopped));
  EXPECT_EQ(diary.first_end().exit.value_or(ProcessExit{}).to_string(), "exited with 0");
  supervisor.start();
  ASSERT_TRUE(story.await(LinkState::open, 2));
  EXPECT_EQ(head.crew.twice(1).call(), 2);
}

TEST_F(SupervisorStops, many_may_start_and_stop_it_at_once) {
  Supervisor supervisor{{program, "serve"}, options(Restart::always)};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 10; ++turn) {
        supervisor.start();
        supervisor.stop();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  supervisor.stop();
  EXPECT_EQ(supervisor.state(), State::stopped);
  EXPECT_EQ(supervisor.process_id(), -1);
}

TEST_F(SupervisorStops, stopping_while_it_starts_or_rests_waits_for_neither) {
  SupervisorOptions chosen = options(Restart::always);
  chosen.pause = 1h;
  for (int i = 0; i < 10; ++i) {
    Supervisor supervisor{{program, "serve"}, options(Restart::always)};
    supervisor.start();
  }
  Supervisor supervisor{{program, "exit"}, chosen};
  const auto listening = listen_to(supervisor);
  supervisor.start();
  ASSERT_TRUE(diary.await(State::restarting, 2));
  supervisor.stop();
  EXPECT_EQ(supervisor.state(), State::stopped);
}

TEST_F(SupervisorStops, one_that_was_stopped_before_its_start_is_not_started_by_a_link) {
  Supervisor supervisor{{program, "serve"}, options()};
  supervisor.stop();
  Head head(supervisor, head_log, story);
  EXPECT_THROW(head.arb.wait_open(100ms), ConnectionTimeoutError);
  EXPECT_EQ(supervisor.process_id(), -1);
}

TEST_F(SupervisorStops, one_that_was_stopped_before_its_start_says_so_at_once) {
  Supervisor supervisor{{program, "serve"}, options()};
  const auto listening = listen_to(supervisor);
  supervisor.stop();
  ASSERT_TRUE(diary.await(State::stopped));
  EXPECT_EQ(diary.states(), std::vector{State::stopped});
}

TEST_F(SupervisorStops, a_forked_child_leaves_the_body_to_its_parent) {
  auto supervisor = std::make_unique<Supervisor>(std::vector<std::string>{program, "serve"}, options());
  const auto listening = listen_to(*supervisor);
  Head head(*supervisor, head_log, story);
  const int body = head.crew.process_id().call();
  const auto expect_refused = [](const auto& use) {
    try {
      use();
      ADD_FAILURE() << "it was not refused";
    } catch (const TransportFinishedError& error) {
      EXPECT_NE(std::string(error.what()).find("forked from the one that made the Supervisor crew"),
                std::string::npos)
          << error.what();
    }
  };
  Process child([&] {
    EXPECT_EQ(supervisor->state(), State::stopped);
    EXPECT_EQ(supervisor->process_id(), -1);
    expect_refused([&] { supervisor->start(); });
    expect_refused([&] { static_cast<void>(supervisor->on_state([](const SupervisorEvent&) {})); });
    supervisor->stop();
    supervisor.reset();
  });
  EXPECT_EQ(child.wait(), 0);
  EXPECT_EQ(supervisor->state(), State::running);
  EXPECT_EQ(supervisor->process_id(), body);
  EXPECT_EQ(head.crew.process_id().call(), body);
  ASSERT_TRUE(diary.await(State::running));
  EXPECT_EQ(diary.states(), std::vector{State::running});
}

/// What one of the test's programs writes, line by line.
class Output {
 public:
  Output() {
    if (::pipe(ends_) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  }
  ~Output() {
    ::close(ends_[0]);
    if (ends_[1] >= 0) ::close(ends_[1]);
  }
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// In the child.
  void become_standard_output() const { ::dup2(ends_[1], STDOUT_FILENO); }
  std::string read_line() {
    ::close(std::exchange(ends_[1], -1));
    std::string line;
    for (char c = 0; ::read(ends_[0], &c, 1) == 1 && c != '\n';) line += c;
    return line;
  }

 private:
  int ends_[2] = {-1, -1};
};

/// Orphans below this process become its children, so that their end can be waited for.
class Subreaper {
 public:
  Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
  ~Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0); }
  Subreaper(const Subreaper&) = delete;
  Subreaper& operator=(const Subreaper&) = delete;
};

/// Waits for the end of any process; minus the signal that killed it, or its exit code.
int wait_for(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0) {
    if (errno != EINTR) return 1000 + errno;
  }
  return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

TEST(SupervisorDeath, a_head_that_is_killed_takes_its_body_along) {
  const Subreaper subreaper;
  Output output;
  Process head([&] {
    output.become_standard_output();
    ::execl(VAGUS_SUPERVISED_BODY, VAGUS_SUPERVISED_BODY, "head", nullptr);
  });
  const auto body = static_cast<pid_t>(std::stol(output.read_line()));
  head.kill();
  EXPECT_EQ(head.wait(), -SIGKILL);
  EXPECT_EQ(wait_for(body), -SIGKILL);
}

TEST_F(SupervisorStops, a_body_that_a_script_starts_ends_with_its_script) {
  const Subreaper subreaper;
  Supervisor supervisor{{"/bin/sh", "-c", "\"$0\" serve; exit $?", program}, options(Restart::never)};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  const int body = head.crew.process_id().call();
  ASSERT_NE(body, supervisor.process_id());
  ASSERT_EQ(::kill(static_cast<pid_t>(supervisor.process_id()), SIGKILL), 0);
  ASSERT_TRUE(diary.await(State::ended));
  EXPECT_EQ(wait_for(body), 0);  // it got SIGTERM, and ended well
}

}  // namespace
}  // namespace vagus::testing
