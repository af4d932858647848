// The bar of `vagus call`, in a terminal.

#include <unistd.h>

#include <semaphore>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "run_command.hpp"
#include "terminal.hpp"

namespace vagus::testing {
namespace {

struct HomingApi : ApiBase {
  using ApiBase::ApiBase;
  Method<Streams<double, int>()> home{this, "home"};
};

TEST(ProgressBar, is_drawn_while_the_method_runs_and_gone_with_its_result) {
  const std::string url = "unix:///tmp/vagus-progress-" + std::to_string(::getpid()) + ".socket";
  std::binary_semaphore seen(0);
  HomingApi mill("mill");
  ApiArb body(listen(url));
  mill.home.handle([&](Call& call) {
    call.progress(0.5);
    seen.acquire();
    call.progress(1.0);
    return 7;
  });
  body.attach(mill);
  body.start();
  TerminalSession session({"call", url, "mill.home", "--timeout", "60s"});
  EXPECT_TRUE(session.await("█·")) << session.shown();
  EXPECT_TRUE(session.await(" 50 %")) << session.shown();
  seen.release();
  EXPECT_TRUE(session.await("100 %")) << session.shown();
  EXPECT_EQ(session.finish(), 0);
  EXPECT_TRUE(session.await("\r\033[K")) << session.shown();
  EXPECT_EQ(plain_lines(session.shown()).back(), "7");
  for (const std::string& line : plain_lines(session.shown())) EXPECT_LE(tools::columns(line), 80u) << line;
}

}  // namespace
}  // namespace vagus::testing
