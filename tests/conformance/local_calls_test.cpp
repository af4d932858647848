// Calls of a process to itself, and how they end.

#include <optional>

#include <malloc.h>

#include "conformance/conformance.hpp"

namespace vagus::testing {
namespace {

/// Bytes of the heap in use. A sanitizer's own heap says nothing of it.
std::size_t allocated() {
  const auto heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
}

class LocalCalls : public ::testing::Test {
 protected:
  LocalCalls() { arb_->attach(api_); }

  SampleApi api_{"sample", {.workers = 1}};
  std::unique_ptr<ApiArb> arb_ =
      std::make_unique<ApiArb>(listen(unique_url("inproc")), ArbOptions{.name = "body"});
};

TEST_F(LocalCalls, whose_reply_is_still_owed_end_with_their_arbitrator) {
  std::optional<Reply<int>> owed;
  Flag begun;
  api_.work.handle([&](Call& call, int) {
    owed.emplace(call.defer<int>());
    begun.raise();
  });
  const auto pending = api_.work(1).local().async({.timeout = no_timeout});
  ASSERT_TRUE(begun.await());
  arb_->stop();
  ASSERT_TRUE(pending.wait(generous));
  EXPECT_THROW(pending.get(), TransportFinishedError);
  owed->complete(1);  // too late, and no harm
}

TEST_F(LocalCalls, that_run_are_told_to_stop_with_their_arbitrator) {
  Flag begun;
  api_.work.handle([&](Call& call, int number) {
    begun.raise();
    Flag told;
    const std::stop_callback on_stop(call.stop_token(), [&] { told.raise(); });
    return told.await() ? number : -1;
  });
  const auto pending = api_.work(1).local().async({.timeout = no_timeout});
  ASSERT_TRUE(begun.await());
  arb_->stop(0ms);
  EXPECT_THROW(pending.get(), TransportFinishedError);
}

TEST_F(LocalCalls, are_refused_after_the_stop) {
  arb_->stop();
  EXPECT_EQ(error_of(api_.add(1, 2).local())->code(), ErrorCode::transport_finished);
}

TEST_F(LocalCalls, that_have_ended_are_kept_by_nobody_until_their_deadline) {
  constexpr std::size_t size = 64 * 1024;
  constexpr std::size_t times = 400;
  api_.bytes.handle([](Bytes bytes) { return bytes; });
  const std::size_t before = allocated();
  for (std::size_t time = 0; time < times; ++time) {
    const auto result = api_.bytes(Bytes(size)).local().async({.timeout = 1h});
    EXPECT_EQ(result.get().size(), size);
  }
  EXPECT_LT(allocated(), before + times * size / 4);
}

}  // namespace
}  // namespace vagus::testing
