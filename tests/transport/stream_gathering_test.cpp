// What is sent over a stream of bytes while several messages have come at once: it waits for company, but
// only as long as somebody is about to look for messages.

#include <chrono>
#include <thread>

#include "transport/stream_link_test.hpp"

namespace vagus::testing {
namespace {

using namespace std::literals;

/// Gathers until it has to write.
class Gathering : public StreamLinkTest {
 protected:
  Gathering() : StreamLinkTest(transport::WaitPolicy::adaptive, std::chrono::hours(1)) {}
};

constexpr std::size_t message_size = one_message.size();

TEST_F(Gathering, writes_answers_together_whose_requests_came_together) {
  receive(3);
  for (int answer = 0; answer < 3; ++answer) send();
  EXPECT_EQ(come(), 0U);

  EXPECT_FALSE(link->try_receive());
  EXPECT_EQ(come(), 3 * message_size);
  EXPECT_EQ(counts.writes, 1);
}

TEST_F(Gathering, writes_the_answer_to_a_single_request_at_once) {
  receive(1);
  send();
  EXPECT_EQ(come(), message_size);
  receive(1);
  send();
  EXPECT_EQ(come(), message_size);
}

TEST_F(Gathering, writes_ahead_of_the_next_message_that_is_received) {
  receive(2);
  send();
  write(one_message);
  EXPECT_TRUE(link->try_receive());
  EXPECT_EQ(come(), message_size);
  link->release();
}

TEST_F(Gathering, ends_before_the_reader_waits) {
  receive(2);
  send();
  link->wait_readable(Deadline::after(1ms));
  EXPECT_EQ(come(), message_size);
  send();
  EXPECT_EQ(come(), message_size);
}

TEST_F(Gathering, ends_with_the_reader_role) {
  receive(2);
  send();
  ASSERT_TRUE(link->arm());
  EXPECT_EQ(come(), message_size);
  send();
  EXPECT_EQ(come(), message_size);
}

TEST_F(Gathering, keeps_nothing_back_while_another_thread_waits_for_messages) {
  receive(2);
  std::thread reader([this] { link->wait_readable(Deadline::after(ample_time)); });
  send();  // before or after that one sleeps
  EXPECT_EQ(come(message_size), message_size);
  write(one_message);
  reader.join();
}

TEST_F(Gathering, leaves_what_was_gathered_to_the_next_reader) {
  receive(2);
  send();
  std::thread next([this] { EXPECT_FALSE(link->try_receive()); });
  EXPECT_EQ(come(message_size), message_size);
  next.join();
}

TEST_F(Gathering, is_bounded) {
  receive(2);
  constexpr std::size_t large = std::size_t{20} << 10;
  send(large);
  EXPECT_EQ(come(), large);
}

TEST_F(Gathering, does_not_outlive_the_link) {
  receive(2);
  send();
  link->close(make_error<TransportFinishedError>("the test closes it"));
  EXPECT_EQ(come(message_size), message_size);
}

TEST_F(Gathering, holds_no_more_for_a_peer_that_reads_nothing_than_a_link_may) {
  receive(2);
  constexpr std::size_t size = 1000;
  std::size_t sent = 0;
  Slot slot;
  while (link->try_claim(size, slot) == ClaimStatus::claimed) {
    ASSERT_TRUE(link->commit(slot, size));
    sent += size;
    ASSERT_LT(sent, std::size_t{16} << 20);
  }
  // Room comes as the peer reads.
  EXPECT_TRUE(link->arm_writable());
  ASSERT_TRUE(link->arm());
  EXPECT_EQ(come(sent), sent);
  observer.await_writable();
}

}  // namespace
}  // namespace vagus::testing
