#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/process.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// A head in this process, whose body is in another and kills itself after it has done what `last` says.
class ShmDying : public ::testing::Test {
 public:
  void connect_to_body_that(const std::function<void(End&)>& last) {
    body = std::make_unique<Process>([this, last] { live(last); });
    listening.wait();
    threads = std::make_unique<LoopThreads>();
    head.start(std::move(try_connect(url, make_context(threads->loop(), lines.log())).value()));
  }

  void TearDown() override { EXPECT_EQ(body->wait(), -SIGKILL); }

  const std::string url = fresh_url("shm", "?ring=65536&arena=0");
  Signpost listening;
  Signpost go_on;
  std::unique_ptr<Process> body;
  LogLines lines;
  std::unique_ptr<LoopThreads> threads;
  End head;

 private:
  void live(const std::function<void(End&)>& last) const {
    LoopThreads its_threads;
    LogLines its_lines;
    Body listens(url, make_context(its_threads.loop(), its_lines.log()));
    listening.raise();
    End end;
    end.start(listens.accept());
    last(end);
    ::kill(::getpid(), SIGKILL);
  }
};

TEST_F(ShmDying, in_the_midst_of_a_message_leaves_nothing_of_it) {
  connect_to_body_that([](End& end) {
    end.send("whole");
    Slot slot;
    if (end.link->try_claim(1000, slot) != ClaimStatus::claimed) throw std::runtime_error("no space");
    std::fill_n(slot.bytes.begin(), 500, std::byte{0xff});
  });
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(head.receive(), "whole");
  EXPECT_EQ(head.receive(), std::nullopt);
}

TEST_F(ShmDying, between_the_parts_of_a_large_message_leaves_nothing_of_it) {
  connect_to_body_that([](End& end) {
    end.send("whole");
    Slot slot;
    if (end.link->try_claim(1 << 20, slot) != ClaimStatus::claimed) throw std::runtime_error("no space");
    if (end.link->commit(slot, slot.bytes.size())) throw std::runtime_error("sent in one piece");
  });
  EXPECT_EQ(head.observer.await_closed()->code(), ErrorCode::transport_disconnected);
  EXPECT_EQ(head.receive(), "whole");
  EXPECT_EQ(head.receive(), std::nullopt);
}

TEST_F(ShmDying, with_a_message_in_its_hands_wakes_whoever_waits_for_space) {
  connect_to_body_that([this](End& end) {
    end.link->wait_readable(Deadline::after(ample_time));
    if (!end.link->try_receive()) throw std::runtime_error("no message");
    go_on.wait();  // not released
  });
  while (head.try_send(pattern(1000))) {
  }
  auto waiting = std::async(std::launch::async, [this] { head.link->wait_writable(Deadline::never()); });
  waiting.wait_for(2ms);
  go_on.raise();
  waiting.get();
  head.observer.await_closed();
  Slot slot;
  EXPECT_EQ(head.link->try_claim(1, slot), ClaimStatus::closed);
}

TEST_F(ShmDying, after_the_link_was_armed_calls_for_what_it_left) {
  connect_to_body_that([this](End& end) {
    go_on.wait();
    end.send("x");
  });
  EXPECT_TRUE(head.link->arm());
  go_on.raise();
  head.observer.await_readable();
  EXPECT_EQ(head.receive(), "x");
  EXPECT_EQ(head.receive(), std::nullopt);
}

}  // namespace
}  // namespace vagus::testing
