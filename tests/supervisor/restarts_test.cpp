// What a Supervisor does when its body ends, or never comes to be.

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "supervisor/supervisor_fixture.hpp"
#include "support/holdings.hpp"

namespace vagus::testing {
namespace {

using State = SupervisorState;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

/// The error of a call that a body takes to its grave.
template <typename Action>
std::string error_of(const Action& action) {
  const auto error = action.try_call().error_pointer();
  if (!error) {
    ADD_FAILURE() << "the call was answered";
    return "";
  }
  EXPECT_EQ(error->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(error->execution(), Execution::unknown);
  return error->what();
}

/// What wait_open() complains of.
std::string why_not_open(ApiArb& arb) {
  try {
    arb.wait_open(1s);
    ADD_FAILURE() << "it is open";
    return "";
  } catch (const ConnectionTimeoutError& error) {
    return error.what();
  }
}

using SupervisorRestarts = SupervisorTest;

TEST_F(SupervisorRestarts, a_killed_body_comes_back_to_the_same_objects) {
  Supervisor supervisor{{program, "serve"}, options()};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  const int first = head.crew.process_id().call();

  const std::string error = error_of(head.crew.raise(SIGKILL));
  EXPECT_TRUE(has(error, "process " + std::to_string(first))) << error;
  EXPECT_TRUE(has(error, "was killed by SIGKILL")) << error;

  ASSERT_TRUE(story.await(LinkState::open, 2));
  EXPECT_EQ(head.crew.twice(21).call(), 42);
  EXPECT_NE(head.crew.process_id().call(), first);
  EXPECT_TRUE(story.last(LinkState::open).peer_restarted);
  EXPECT_TRUE(has(story.last(LinkState::disconnected).reason->what(), "was killed by SIGKILL"));
  ASSERT_TRUE(diary.await(State::running, 2));
  EXPECT_EQ(diary.states(), (std::vector{State::running, State::restarting, State::running}));
  const SupervisorEvent end = diary.first_end();
  EXPECT_EQ(end.name, "crew");
  EXPECT_EQ(end.process_id, first);
  EXPECT_EQ(end.pause, Duration::zero());
  EXPECT_EQ(end.exit->how, ProcessExit::How::killed);
  EXPECT_EQ(end.exit->signal, SIGKILL);
  EXPECT_TRUE(
      log.transcript().contains("supervised body crew was killed by SIGKILL, and is started again at once"));
}

TEST_F(SupervisorRestarts, an_exit_code_is_told_to_whoever_waits) {
  Supervisor supervisor{{program, "serve"}, options()};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  const std::string error = error_of(head.crew.exit_with(7));
  EXPECT_TRUE(has(error, "exited with 7")) << error;
  ASSERT_TRUE(diary.await(State::restarting));
  EXPECT_EQ(diary.first_end().exit->how, ProcessExit::How::exited);
  EXPECT_EQ(diary.first_end().exit->code, 7);
  ASSERT_TRUE(story.await(LinkState::open, 2));
}

TEST_F(SupervisorRestarts, on_failure_lets_a_body_end_well) {
  Supervisor supervisor{{program, "serve"}, options(Restart::on_failure)};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  EXPECT_TRUE(has(error_of(head.crew.exit_with(0)), "exited with 0"));
  ASSERT_TRUE(diary.await(State::ended));
  EXPECT_EQ(diary.states(), (std::vector{State::running, State::ended}));
  EXPECT_EQ(supervisor.process_id(), -1);
  const std::string why = why_not_open(head.arb);
  EXPECT_TRUE(has(why, "supervised://crew: it exited with 0, and is not started again (Restart::on_failure)"))
      << why;
}

TEST_F(SupervisorRestarts, always_starts_it_again_whatever_its_end) {
  Supervisor supervisor{{program, "serve"}, options(Restart::always)};
  Head head(supervisor, head_log, story);
  error_of(head.crew.exit_with(0));
  ASSERT_TRUE(story.await(LinkState::open, 2));
  EXPECT_EQ(head.crew.twice(2).call(), 4);
}

TEST_F(SupervisorRestarts, never_leaves_it_to_the_program) {
  Supervisor supervisor{{program, "serve"}, options(Restart::never)};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  error_of(head.crew.raise(SIGKILL));
  ASSERT_TRUE(diary.await(State::ended));
  EXPECT_EQ(diary.states(), (std::vector{State::running, State::ended}));
  EXPECT_THROW(head.crew.twice(1).call(), TransportDisconnectedError);
  supervisor.start();
  ASSERT_TRUE(story.await(LinkState::open, 2));
  EXPECT_EQ(head.crew.twice(1).call(), 2);
}

TEST_F(SupervisorRestarts, what_ends_too_often_is_given_up) {
  SupervisorOptions chosen = options();
  chosen.max_restarts = 3;
  chosen.pause = 1ms;
  Supervisor supervisor{{program, "exit"}, chosen};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  head.arb.start();
  ASSERT_TRUE(diary.await(State::given_up));
  EXPECT_EQ(diary.states(),
            (std::vector{State::running, State::restarting, State::running, State::restarting, State::running,
                         State::restarting, State::running, State::given_up}));
  EXPECT_TRUE(log.transcript().contains("exited with 3, and is given up after 3 restarts within 10000 ms"));
  const std::string why = why_not_open(head.arb);
  EXPECT_TRUE(has(why, "it exited with 3, and is given up: it was started again 3 times within 10000 ms"))
      << why;
  supervisor.start();
  ASSERT_TRUE(diary.await(State::given_up, 2));
}

TEST_F(SupervisorRestarts, a_program_that_is_not_there_is_named) {
  SupervisorOptions chosen = options();
  chosen.max_restarts = 0;
  Supervisor supervisor{{"/nowhere/mill_body"}, chosen};
  const auto listening = listen_to(supervisor);
  Head head(supervisor, head_log, story);
  const std::string why = why_not_open(head.arb);
  EXPECT_TRUE(has(why, "could not be started: execve(/nowhere/mill_body): No such file or directory")) << why;
  ASSERT_TRUE(diary.await(State::given_up));
  EXPECT_EQ(diary.states(), std::vector{State::given_up});
  EXPECT_EQ(diary.first_end().exit->how, ProcessExit::How::not_started);
  EXPECT_EQ(diary.first_end().process_id, -1);
}

/// How the Supervisor of a program that it cannot start complains of it.
std::string complaint(std::vector<std::string> command, SupervisorOptions options) {
  options.restart = Restart::never;
  Diary diary;
  Supervisor supervisor{std::move(command), std::move(options)};
  const auto listening = supervisor.on_state([&](const SupervisorEvent& event) { diary.add(event); });
  supervisor.start();
  if (!diary.await(State::ended)) return "nothing";
  return diary.first_end().exit->to_string();
}

TEST_F(SupervisorRestarts, what_cannot_be_started_is_told_with_the_reason_of_the_system) {
  const std::string plain = (std::filesystem::temp_directory_path() / "plain.txt").string();
  std::ofstream(plain) << "no program\n";
  EXPECT_EQ(complaint({plain}, options()), "could not be started: execve(" + plain + "): Permission denied");
  std::filesystem::permissions(plain, std::filesystem::perms::owner_all);
  EXPECT_EQ(complaint({plain}, options()), "could not be started: execve(" + plain + "): Exec format error");
  std::filesystem::remove(plain);
  EXPECT_TRUE(has(complaint({"no_such_program_anywhere"}, options()),
                  "could not be started: no program no_such_program_anywhere is in PATH"));
  SupervisorOptions chosen = options();
  chosen.directory = "/nowhere";
  EXPECT_EQ(complaint({program}, chosen), "could not be started: chdir(/nowhere): No such file or directory");
}

/// Holds up what this process forks, before it does anything, until it is let go. One at a time.
class HeldUp {
 public:
  HeldUp() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
    reading_ = ends[0];
    writing_ = ends[1];
    static const int registered = ::pthread_atfork(nullptr, nullptr, wait_in_child);
    EXPECT_EQ(registered, 0);
    waits_at = reading_;
  }
  ~HeldUp() {
    waits_at = -1;
    ::close(reading_);
    ::close(writing_);
  }
  HeldUp(const HeldUp&) = delete;
  HeldUp& operator=(const HeldUp&) = delete;

  void let_go() const { EXPECT_EQ(::write(writing_, "g", 1), 1); }

 private:
  static void wait_in_child() {
    char go = 0;
    if (waits_at >= 0 && ::read(waits_at, &go, 1) != 1) ::_exit(1);
  }

  static inline std::atomic<int> waits_at{-1};
  int reading_;
  int writing_;
};

/// How a Supervisor complains of a program that it has taken to run before that could not be started.
std::string late_complaint(std::vector<std::string> command, SupervisorOptions options) {
  options.restart = Restart::never;
  Diary diary;
  const HeldUp held_up;
  Supervisor supervisor{std::move(command), std::move(options)};
  const auto listening = supervisor.on_state([&](const SupervisorEvent& event) { diary.add(event); });
  supervisor.start();
  const bool runs = diary.await(State::running);
  held_up.let_go();
  if (!runs || !diary.await(State::ended)) return "nothing";
  return diary.first_end().exit->to_string();
}

TEST_F(SupervisorRestarts, what_cannot_be_started_and_is_slow_to_find_out_is_told_with_the_reason_too) {
  EXPECT_EQ(late_complaint({"/nowhere/mill_body"}, options()),
            "could not be started: execve(/nowhere/mill_body): No such file or directory");
  SupervisorOptions chosen = options();
  chosen.directory = "/nowhere";
  EXPECT_EQ(late_complaint({program}, chosen),
            "could not be started: chdir(/nowhere): No such file or directory");
  EXPECT_EQ(late_complaint({program, "exit"}, options()), "exited with 3");
}

TEST_F(SupervisorRestarts, fifty_restarts_leave_no_descriptor_and_no_zombie) {
  SupervisorOptions chosen = options();
  chosen.max_restarts = 50;
  chosen.within = 1h;
  chosen.pause = 0ms;
  Supervisor supervisor{{program, "serve"}, chosen};
  Head head(supervisor, head_log, story);
  static_cast<void>(head.crew.twice(1).call());
  const Holdings before = look_at_this_process("/nowhere");
  for (int i = 1; i <= 50; ++i) {
    head.crew.exit_with(1).post();
    ASSERT_TRUE(story.await(LinkState::open, i + 1));
  }
  static_cast<void>(head.crew.twice(1).call());
  const auto settled_down = settled(before, [&] {
    Holdings now = look_at_this_process("/nowhere");
    now.files.clear();
    now.children.erase(std::to_string(supervisor.process_id()));
    return now;
  });
  EXPECT_EQ(left_over(before, settled_down), "");
  EXPECT_EQ(look_at_this_process("/nowhere").files.size(), before.files.size());
}

TEST_F(SupervisorRestarts, a_listener_may_stop_it) {
  SupervisorOptions chosen = options(Restart::always);
  chosen.pause = 1h;
  Supervisor supervisor{{program, "exit"}, chosen};
  const auto listening = listen_to(supervisor);
  const auto stopping = supervisor.on_state([&](const SupervisorEvent& event) {
    if (event.state == State::restarting && event.pause > Duration::zero()) supervisor.stop();
  });
  supervisor.start();
  ASSERT_TRUE(diary.await(State::stopped));
  EXPECT_EQ(supervisor.state(), State::stopped);
}

TEST_F(SupervisorRestarts, an_exception_that_leaves_a_listener_is_logged) {
  Supervisor supervisor{{program, "exit-well"}, options()};
  const auto failing = supervisor.on_state([](const SupervisorEvent&) { throw std::runtime_error("oh"); });
  const auto listening = listen_to(supervisor);
  supervisor.start();
  ASSERT_TRUE(diary.await(State::ended));
  EXPECT_TRUE(log.transcript().contains("an exception left a listener of a Supervisor: oh"));
}

}  // namespace
}  // namespace vagus::testing
