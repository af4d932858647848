// Hooks for what nothing handles.

#include <optional>
#include <semaphore>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "support/core/flag.hpp"

namespace vagus::testing {
namespace {

TEST(UnhandledHookOf, an_arbitrator_answers_later) {
  Flag asked;
  std::optional<Reply<Value>> reply;
  ApiArb body(listen("inproc://unhandled_hook"));
  body.on_unhandled([&](Call& call, const UnhandledCall&) -> std::optional<Value> {
    reply.emplace(call.defer<Value>());
    asked.raise();
    return std::nullopt;
  });
  body.start();
  ApiArb head(connect("inproc://unhandled_hook"));
  const auto answer = head.proxy().action("mill.speed").async<int>();
  ASSERT_TRUE(asked.await());
  EXPECT_FALSE(answer.ready());
  reply->complete(40);
  EXPECT_EQ(answer.get(generous), 40);
}

}  // namespace
}  // namespace vagus::testing
