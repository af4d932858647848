#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/transaction_manager.hpp>

namespace vagus {
namespace {

class AnyCall final : public Transaction {
 public:
  AnyCall() : Transaction(std::make_shared<const std::string>("a.b"), Deadline::never()) {}

 private:
  void take(std::span<const std::byte>) override {}
};

std::shared_ptr<Transaction> a_call() { return std::make_shared<AnyCall>(); }

constexpr std::uint64_t link = 1;
constexpr std::uint64_t other_link = 2;

TEST(TransactionManager, gives_the_ids_of_the_side_that_makes_the_call) {
  TransactionManager transactions;
  const auto by_head = a_call();
  const auto by_body = a_call();
  EXPECT_EQ(transactions.open(by_head, Side::head, link), nullptr);
  EXPECT_EQ(transactions.open(by_body, Side::body, link), nullptr);
  EXPECT_EQ(to_string(by_head->id()), "1.head");
  EXPECT_EQ(to_string(by_body->id()), "1.body");
  EXPECT_EQ(transactions.pending(), 2u);
}

TEST(TransactionManager, finds_the_call_that_an_answer_belongs_to_once) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  EXPECT_EQ(transactions.take(call->id(), link), call);
  EXPECT_EQ(transactions.pending(), 0u);
  EXPECT_EQ(transactions.take(call->id(), link), nullptr);
  EXPECT_EQ(transactions.unknown_replies(), 1u);
}

TEST(TransactionManager, counts_and_drops_an_answer_to_a_call_that_was_never_made) {
  TransactionManager transactions;
  EXPECT_EQ(transactions.take(TransactionId(Side::head, 5), link), nullptr);
  EXPECT_EQ(transactions.unknown_replies(), 1u);
  EXPECT_EQ(transactions.late_replies(), 0u);
}

TEST(TransactionManager, does_not_take_an_answer_from_another_link) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  EXPECT_EQ(transactions.take(call->id(), other_link), nullptr);
  EXPECT_EQ(transactions.unknown_replies(), 1u);
  EXPECT_EQ(transactions.take(call->id(), link), call);
}

TEST(TransactionManager, counts_and_drops_an_answer_that_comes_after_the_end) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  EXPECT_TRUE(transactions.reserve(call->id()));
  EXPECT_EQ(transactions.pending(), 0u);
  EXPECT_EQ(transactions.reserved(), 1u);
  EXPECT_EQ(transactions.take(call->id(), link), nullptr);
  EXPECT_EQ(transactions.late_replies(), 1u);
  EXPECT_EQ(transactions.reserved(), 0u);
}

TEST(TransactionManager, reserves_nothing_for_a_call_that_was_answered) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  transactions.take(call->id(), link);
  EXPECT_FALSE(transactions.reserve(call->id()));
  EXPECT_EQ(transactions.reserved(), 0u);
}

TEST(TransactionManager, skips_ids_in_use_and_zero_when_the_numbers_wrap) {
  TransactionIdGenerator generator(Side::head, TransactionId::max_number);
  TransactionManager transactions(100, &generator);
  const auto last = a_call();
  transactions.open(last, Side::head, link);
  EXPECT_EQ(last->id().number(), TransactionId::max_number);
  const auto first = a_call();
  transactions.open(first, Side::head, link);
  EXPECT_EQ(first->id().number(), 1u);

  TransactionIdGenerator again(Side::head, TransactionId::max_number);
  TransactionManager wrapped(100, &again);
  const auto pending = a_call();
  const auto reserved = a_call();
  wrapped.open(pending, Side::head, link);
  wrapped.open(reserved, Side::head, link);
  wrapped.reserve(reserved->id());
  std::set<std::uint32_t> numbers{pending->id().number(), reserved->id().number()};
  for (int more = 0; more < 10; ++more) {
    const auto call = a_call();
    ASSERT_EQ(wrapped.open(call, Side::head, link), nullptr);
    EXPECT_TRUE(numbers.insert(call->id().number()).second);
  }
}

TEST(TransactionManager, finds_each_of_very_many_calls_and_gives_their_memory_back) {
  constexpr int count = 20'000;
  TransactionManager transactions;
  std::vector<std::shared_ptr<Transaction>> calls;
  for (int each = 0; each < count; ++each) {
    calls.push_back(a_call());
    // Every seventh stays for long, while the ids go on.
    const Side side = each % 2 == 0 ? Side::head : Side::body;
    ASSERT_EQ(transactions.open(calls.back(), side, link), nullptr);
    if (each % 7 != 0) {
      EXPECT_EQ(transactions.take(calls.back()->id(), link), calls.back());
    }
  }
  EXPECT_EQ(transactions.pending(), std::size_t{(count + 6) / 7});
  for (int each = 0; each < count; each += 7) {
    EXPECT_EQ(transactions.find(calls[static_cast<std::size_t>(each)]->id(), link),
              calls[static_cast<std::size_t>(each)]);
  }
  EXPECT_EQ(transactions.end_link(link).size(), std::size_t{(count + 6) / 7});
  EXPECT_EQ(transactions.pending(), 0u);
  EXPECT_EQ(transactions.open(calls.front(), Side::head, link), nullptr);
}

TEST(TransactionManager, takes_an_answer_without_an_id_for_one_to_no_call) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, 0);
  transactions.take(call->id(), 0);
  EXPECT_EQ(transactions.take(TransactionId{}, 0), nullptr);
  EXPECT_EQ(transactions.unknown_replies(), 1u);
  EXPECT_FALSE(transactions.reserve(TransactionId{}));
  EXPECT_EQ(transactions.pending(), 0u);
}

TEST(TransactionManager, refuses_more_calls_on_a_link_than_allowed_and_counts_reserved_ids) {
  TransactionManager transactions(2);
  const auto first = a_call();
  transactions.open(first, Side::head, link);
  transactions.open(a_call(), Side::head, link);
  transactions.reserve(first->id());
  const auto error = transactions.open(a_call(), Side::head, link);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::overloaded);
  EXPECT_EQ(error->execution(), Execution::not_sent);
  EXPECT_EQ(transactions.open(a_call(), Side::head, other_link), nullptr);
  transactions.take(first->id(), link);  // the late answer
  EXPECT_EQ(transactions.open(a_call(), Side::head, link), nullptr);
}

TEST(TransactionManager, gives_back_what_was_pending_on_a_link_that_ended) {
  TransactionManager transactions;
  const auto lost = a_call();
  const auto kept = a_call();
  const auto reserved = a_call();
  transactions.open(lost, Side::head, link);
  transactions.open(kept, Side::head, other_link);
  transactions.open(reserved, Side::head, link);
  transactions.reserve(reserved->id());
  const auto ended = transactions.end_link(link);
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended.front(), lost);
  EXPECT_EQ(transactions.pending(), 1u);
  EXPECT_EQ(transactions.reserved(), 0u);
}

TEST(TransactionManager, opens_nothing_any_more_after_it_was_closed) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  EXPECT_EQ(transactions.close().size(), 1u);
  const auto error = transactions.open(a_call(), Side::head, link);
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), ErrorCode::transport_finished);
}

TEST(TransactionManager, forgets_a_call_that_was_never_sent) {
  TransactionManager transactions(1);
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  EXPECT_TRUE(transactions.forget(call->id(), link));
  EXPECT_EQ(transactions.pending(), 0u);
  EXPECT_EQ(transactions.open(a_call(), Side::head, link), nullptr);
}

TEST(TransactionManager, forgets_no_call_that_goes_over_another_link_meanwhile) {
  TransactionManager transactions;
  const auto call = a_call();
  transactions.open(call, Side::head, link);
  transactions.end_link(link);
  EXPECT_FALSE(transactions.forget(call->id(), link));
  transactions.open(call, Side::head, link + 1);
  EXPECT_FALSE(transactions.forget(call->id(), link));
  EXPECT_EQ(transactions.find(call->id(), link + 1), call);
}

TEST(TransactionIdGenerator, gives_unique_ids_to_eight_threads_beginning_at_one) {
  TransactionIdGenerator generator(Side::body);
  std::mutex mutex;
  std::set<std::uint32_t> numbers;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      std::vector<std::uint32_t> drawn;
      for (int each = 0; each < 1000; ++each) {
        const auto id = generator.next();
        EXPECT_EQ(id.side(), Side::body);
        drawn.push_back(id.number());
      }
      const std::scoped_lock lock(mutex);
      numbers.insert(drawn.begin(), drawn.end());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(numbers.size(), 8000u);
  EXPECT_EQ(*numbers.begin(), 1u);
  EXPECT_EQ(*numbers.rbegin(), 8000u);
}

TEST(TransactionId, tells_its_side_from_the_top_bit_and_prints_it) {
  EXPECT_EQ(TransactionId(17).side(), Side::head);
  EXPECT_EQ(TransactionId(0x8000'0011u).side(), Side::body);
  EXPECT_EQ(to_string(TransactionId(17)), "17.head");
  EXPECT_EQ(to_string(TransactionId(0x8000'0011u)), "17.body");
  EXPECT_EQ(to_string(TransactionId()), "none");
}

}  // namespace
}  // namespace vagus
