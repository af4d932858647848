#include <algorithm>
#include <atomic>
#include <random>
#include <thread>
#include <vector>

#include "transport/link_suite.hpp"

namespace vagus::testing {
namespace {

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr int scale = 1;
#else
constexpr int scale = 10;
#endif

using LinkStress = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkStress, link_kinds);

/// The sizes of a stream of messages, the same at both ends.
class Sizes {
 public:
  explicit Sizes(unsigned seed) : random_(seed) {}
  std::size_t next() {
    const auto kind = random_() % 100;
    if (kind == 0) return random_() % 100'000;
    if (kind < 10) return random_() % 3000;
    return random_() % 100;
  }

 private:
  std::mt19937 random_;
};

TEST_P(LinkStress, carries_both_directions_at_once_with_a_thread_for_each_half) {
  connect();
  constexpr int messages = 2000 * scale;
  const auto send = [](End& end, unsigned seed) {
    Sizes sizes(seed);
    for (int i = 0; i < messages; ++i) end.send(pattern(sizes.next(), static_cast<unsigned>(i)));
  };
  const auto receive = [](End& end, unsigned seed) {
    Sizes sizes(seed);
    for (int i = 0; i < messages; ++i) {
      const auto message = end.receive();
      ASSERT_TRUE(message == pattern(sizes.next(), static_cast<unsigned>(i))) << "message " << i;
    }
  };
  std::thread halves[] = {std::thread([&] { send(head, 1); }), std::thread([&] { send(body, 2); }),
                          std::thread([&] { receive(head, 2); }), std::thread([&] { receive(body, 1); })};
  for (std::thread& half : halves) half.join();
}

TEST_P(LinkStress, loses_nothing_under_a_storm_of_interrupts) {
  connect();
  const int rounds = 1000 * scale;
  std::atomic<bool> done{false};
  std::thread storm([&] {
    while (!done) {
      head.link->interrupt();
      body.link->interrupt();
      std::this_thread::yield();
    }
  });
  std::thread echo([&] {
    for (int i = 0; i < rounds; ++i) body.send(body.receive().value_or("nothing"));
  });
  for (int i = 0; i < rounds; ++i) {
    head.send(std::to_string(i));
    ASSERT_EQ(head.receive(), std::to_string(i));
  }
  echo.join();
  done = true;
  storm.join();
}

TEST_P(LinkStress, ends_every_wait_by_its_interrupt) {
  connect();
  const int rounds = 500 * scale;
  std::atomic<int> waited{0};
  std::thread reader([&] {
    for (int i = 0; i < rounds; ++i) {
      body.link->wait_readable(Deadline::never());
      waited = i + 1;
      waited.notify_all();
    }
  });
  for (int i = 0; i < rounds; ++i) {
    body.link->interrupt();
    waited.wait(i);
  }
  reader.join();
}

/// Answers each message, driven by the event loop alone: holds the reader role from on_readable() to arm().
void echo_by_event_loop(End& end, std::atomic<int>& answered) {
  do {
    while (const auto message = end.try_receive()) {
      end.send(*message);
      ++answered;
    }
  } while (!end.link->arm());
}

TEST_P(LinkStress, loses_no_message_between_the_event_loop_and_a_thread) {
  const std::string url = fresh_url();
  Body listening(url, context());
  head.start(std::move(try_connect(url, context()).value()));
  std::atomic<int> answered{0};
  body.observer.when_readable = [&] { echo_by_event_loop(body, answered); };
  body.start(listening.accept());
  echo_by_event_loop(body, answered);

  const int rounds = 500 * scale;
  std::mt19937 random(3);
  for (int i = 0; i < rounds; ++i) {
    const int burst = static_cast<int>(random() % 3) + 1;
    for (int k = 0; k < burst; ++k) head.send(std::to_string(i));
    for (int k = 0; k < burst; ++k) ASSERT_EQ(head.receive(), std::to_string(i));
  }
  body.link->stop();
}

TEST_P(LinkStress, loses_no_message_when_the_reader_role_wanders) {
  connect();
  const int rounds = 500 * scale;
  std::thread sender([&] {
    for (int i = 0; i < rounds; ++i) {
      head.send(std::to_string(i));
      if (i % 7 == 0) std::this_thread::yield();
    }
  });
  int calls = 0;
  for (int i = 0; i < rounds;) {
    if (const auto message = body.try_receive()) {
      ASSERT_EQ(*message, std::to_string(i++));
    } else if (i % 3 == 0) {
      body.link->wait_readable(Deadline::never());
    } else if (body.link->arm()) {
      if (i % 3 == 1) {
        // A call that was on its way when a former round disarmed may come first.
        body.observer.await_readable(calls + 1);
        calls = body.observer.readable();
      } else {
        body.link->disarm();
      }
    }
  }
  sender.join();
}

}  // namespace
}  // namespace vagus::testing
