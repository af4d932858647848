#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "support/process.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// A process that listens, answers every message with the same, and ends when its peer does.
void be_echo(const std::string& url, const Signpost& listening) {
  LoopThreads threads;
  LogLines lines;
  Body body(url, make_context(threads.loop(), lines.log(), "echo"));
  listening.raise();
  End end;
  end.start(body.accept());
  while (const auto message = end.receive(Deadline::never())) end.send(*message);
}

/// A head in this process, whose body is in another.
class ShmProcess : public ::testing::TestWithParam<const char*> {
 public:
  ShmProcess() { listening.wait(); }

  void TearDown() override {
    echo.kill();
    echo.wait();
    // What nobody can remove who is killed.
    const std::string path = Url::parse(url).address;
    std::filesystem::remove(path);
    std::filesystem::remove(path + ".lock");
  }

  void connect() {
    head.start(std::move(try_connect(url, make_context(threads->loop(), lines.log())).value()));
  }
  void start() {
    threads = std::make_unique<LoopThreads>();
    connect();
  }
  std::string died() const { return "process " + std::to_string(echo.id()); }

  const std::string url = fresh_url(GetParam());
  Signpost listening;
  Process echo{[this] { be_echo(url, listening); }};
  LogLines lines;
  std::unique_ptr<LoopThreads> threads;
  End head;
};

INSTANTIATE_TEST_SUITE_P(Url, ShmProcess, ::testing::Values("shm", "shm+path"),
                         [](const auto& kind) { return std::string(kind.index == 0 ? "shm" : "shm_path"); });

TEST_P(ShmProcess, carries_messages_of_all_sizes_there_and_back) {
  start();
  EXPECT_EQ(head.link->peer_credentials().process_id, echo.id());
  for (unsigned i = 0; i < 2000; ++i) {
    const std::string message = pattern(i % 100 == 0 ? i * 200 : i % 300, i);
    head.send(message);
    ASSERT_TRUE(head.receive() == message) << i;
  }
  head.link.reset();
  EXPECT_EQ(echo.wait(), 0);
}

TEST_P(ShmProcess, carries_many_messages_in_flight) {
  start();
  constexpr unsigned count = 20'000;
  std::thread sender([&] {
    for (unsigned i = 0; i < count; ++i) head.send(pattern(i % 200, i));
  });
  for (unsigned i = 0; i < count; ++i) ASSERT_TRUE(head.receive() == pattern(i % 200, i)) << i;
  sender.join();
  head.link.reset();
  EXPECT_EQ(echo.wait(), 0);
}

TEST_P(ShmProcess, tells_a_thread_that_sleeps_of_the_death_of_its_peer) {
  start();
  auto waiting = std::async(std::launch::async, [&] { head.link->wait_readable(Deadline::never()); });
  waiting.wait_for(2ms);
  echo.kill();
  waiting.get();
  const ErrorPtr reason = head.observer.await_closed();
  EXPECT_EQ(reason->code(), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(reason->what()).find(died()), std::string::npos) << reason->what();
  EXPECT_NE(std::string(reason->what()).find("died"), std::string::npos) << reason->what();
  Slot slot;
  EXPECT_EQ(head.link->try_claim(1, slot), ClaimStatus::closed);
}

TEST_P(ShmProcess, tells_the_event_loop_of_the_death_of_the_peer) {
  start();
  EXPECT_TRUE(head.link->arm());
  echo.kill();
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_disconnected);
}

TEST_P(ShmProcess, says_closed_of_a_peer_that_leaves_in_order) {
  start();
  head.send("x");
  EXPECT_EQ(head.receive(), "x");
  head.link.reset();
  EXPECT_EQ(echo.wait(), 0);
}

TEST_P(ShmProcess, waits_for_a_frozen_peer_until_the_deadline_only) {
  start();
  echo.signal(SIGSTOP);
  while (head.try_send(pattern(1000))) {
  }
  const auto deadline = Deadline::after(20ms);
  head.link->wait_writable(deadline);
  EXPECT_TRUE(deadline.passed());
  while (head.try_receive()) {  // what it had answered before it froze
  }
  const auto later = Deadline::after(20ms);
  while (!later.passed()) {
    head.link->wait_readable(later);
    head.try_receive();
  }
  echo.signal(SIGCONT);
  EXPECT_EQ(head.receive(), pattern(1000));
}

TEST_P(ShmProcess, closes_at_once_while_its_peer_is_frozen) {
  start();
  echo.signal(SIGSTOP);
  head.link->close(make_error<TransportFinishedError>("enough"));
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_finished);
  head.link.reset();
}

TEST_P(ShmProcess, gives_its_address_free_by_its_death) {
  const Signpost again;
  echo.kill();
  echo.wait();
  Process next([&] { be_echo(url, again); });
  again.wait();
  start();
  head.send("x");
  EXPECT_EQ(head.receive(), "x");
  head.link.reset();
  EXPECT_EQ(next.wait(), 0);
}

TEST_P(ShmProcess, refuses_its_address_to_others_and_says_whose_it_is) {
  threads = std::make_unique<LoopThreads>();
  try {
    Body second(url, make_context(threads->loop(), lines.log()));
    FAIL() << "two listen at " << url;
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find(died()), std::string::npos) << error.what();
  }
  connect();
  head.send("x");
  EXPECT_EQ(head.receive(), "x");
}

// What is left after a death ----------------------------------------------------------------------

TEST(ShmDeath, leaves_what_was_published_to_be_read) {
  const std::string url = fresh_url("shm");
  const Signpost listening;
  const Signpost never;
  Process writer([&] {
    LoopThreads threads;
    LogLines lines;
    Body body(url, make_context(threads.loop(), lines.log()));
    listening.raise();
    End end;
    end.start(body.accept());
    for (int i = 0; i < 100; ++i) end.send(std::to_string(i));
    ::kill(::getpid(), SIGKILL);
  });
  listening.wait();
  LoopThreads threads;
  LogLines lines;
  End head;
  head.start(std::move(try_connect(url, make_context(threads.loop(), lines.log())).value()));
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_disconnected);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(head.receive(), std::to_string(i));
  EXPECT_EQ(head.receive(), std::nullopt);
}

std::set<int> open_descriptors() {
  std::set<int> open;
  for (int fd = 0; fd < 1024; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) open.insert(fd);
  }
  return open;
}

TEST(ShmLinks, leave_no_descriptor_after_two_hundred_of_them) {
  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url("shm");
  Body body(url, make_context(threads.loop(), lines.log()));
  const auto before = open_descriptors().size();
  for (int i = 0; i < 200; ++i) {
    End head;
    head.start(std::move(try_connect(url, make_context(threads.loop(), lines.log())).value()));
    End other;
    other.start(body.accept());
    if (i % 2 == 0) head.link.reset();
  }
  // The event loop lets go of the last ones.
  const Deadline limit = Deadline::after(std::chrono::seconds(30));
  while (open_descriptors().size() != before && !limit.passed()) std::this_thread::yield();
  EXPECT_EQ(open_descriptors().size(), before);
}

TEST(ShmLinks, pass_no_descriptor_on_to_programs_that_are_started) {
  const std::set<int> before = open_descriptors();
  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url("shm+path");
  Body body(url, make_context(threads.loop(), lines.log()));
  End head;
  head.start(std::move(try_connect(url, make_context(threads.loop(), lines.log())).value()));
  End other;
  other.start(body.accept());
  for (const int fd : open_descriptors()) {
    if (before.contains(fd)) continue;
    EXPECT_NE(::fcntl(fd, F_GETFD) & FD_CLOEXEC, 0)
        << std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd));
  }
}

}  // namespace
}  // namespace vagus::testing
