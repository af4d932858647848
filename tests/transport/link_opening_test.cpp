#include <unistd.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "transport/link_suite.hpp"

namespace vagus::testing {
namespace {

using LinkOpening = LinkTest;
VAGUS_INSTANTIATE_LINK_TESTS(LinkOpening, link_kinds);

ErrorCode code_of(const Result<std::unique_ptr<Link>>& result) {
  if (result.has_value()) throw std::runtime_error("there is a link");
  return result.error().code();
}

TEST_P(LinkOpening, tells_each_end_who_the_other_is) {
  const std::string url = fresh_url();
  auto body_context = context("the body");
  body_context.hello.role = wire::Role::body;
  body_context.hello.incarnation = 77;
  body_context.hello.capabilities = {"progress", "cancel"};
  auto head_context = context("the head");
  head_context.hello.incarnation = 78;
  Body listening(url, body_context);
  EXPECT_EQ(listening.url(), url);
  head.start(std::move(try_connect(url, head_context).value()));
  body.start(listening.accept());
  EXPECT_EQ(head.link->peer_hello(), body_context.hello);
  EXPECT_EQ(body.link->peer_hello(), head_context.hello);
  for (const End* end : {&head, &body}) {
    const transport::Credentials peer = end->link->peer_credentials();
    // TCP vouches for nobody.
    EXPECT_EQ(peer.process_id, is_tcp() ? -1 : ::getpid());
    EXPECT_EQ(peer.user_id, is_tcp() ? -1 : static_cast<std::int64_t>(::geteuid()));
    EXPECT_EQ(peer.group_id, is_tcp() ? -1 : static_cast<std::int64_t>(::getegid()));
    EXPECT_TRUE(end->link->traits().sees_death);
    EXPECT_EQ(end->link->traits().crosses_processes, !is_inproc());
  }
}

TEST_P(LinkOpening, fails_at_once_where_nobody_listens) {
  const auto result = try_connect(fresh_url(), context());
  EXPECT_EQ(code_of(result), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(result.error().what()).find("nobody listens"), std::string::npos)
      << result.error().what();
}

TEST_P(LinkOpening, is_refused_to_a_second_listener_of_one_address) {
  const std::string url = fresh_url();
  Body listening(url, context());
  try {
    Body second(url, context());
    FAIL() << "two listen at " << url;
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find("is taken"), std::string::npos) << error.what();
    const std::string owner = is_inproc() ? "this process" : "process " + std::to_string(::getpid());
    EXPECT_NE(std::string(error.what()).find(owner), std::string::npos) << error.what();
  }
  head.start(std::move(try_connect(url, context()).value()));
  body.start(listening.accept());
  head.send("x");
  EXPECT_EQ(body.receive(), "x");
}

TEST_P(LinkOpening, goes_on_under_the_same_address_after_the_listener_is_gone) {
  const std::string url = fresh_url();
  for (int i = 0; i < 3; ++i) {
    Body listening(url, context());
    head.start(std::move(try_connect(url, context()).value()));
    body.start(listening.accept());
  }
  EXPECT_EQ(code_of(try_connect(url, context())), ErrorCode::transport_disconnected);
}

TEST_P(LinkOpening, leaves_open_links_alone_when_the_listener_goes) {
  const std::string url = fresh_url();
  {
    Body listening(url, context());
    head.start(std::move(try_connect(url, context()).value()));
    body.start(listening.accept());
  }
  head.send("x");
  EXPECT_EQ(body.receive(), "x");
}

TEST_P(LinkOpening, gives_each_head_a_link_of_its_own) {
  const std::string url = fresh_url();
  Body listening(url, context());
  std::vector<std::unique_ptr<End>> heads;
  std::vector<std::unique_ptr<End>> bodies;
  for (int i = 0; i < 20; ++i) {
    heads.push_back(std::make_unique<End>());
    heads.back()->start(std::move(try_connect(url, context()).value()));
    bodies.push_back(std::make_unique<End>());
    bodies.back()->start(listening.accept());
  }
  for (int i = 0; i < 20; ++i) heads[static_cast<std::size_t>(i)]->send(std::to_string(i));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(bodies[static_cast<std::size_t>(i)]->receive(), std::to_string(i));
}

TEST_P(LinkOpening, turns_heads_away_beyond_the_limit_of_the_listener) {
  const std::string url = fresh_url();
  auto few = context();
  few.max_links = 2;
  Body listening(url, few);
  auto first = try_connect(url, context());
  auto second = try_connect(url, context());
  const auto third = try_connect(url, context());
  EXPECT_EQ(code_of(third), ErrorCode::transport_disconnected);
  EXPECT_NE(std::string(third.error().what()).find("2 links"), std::string::npos) << third.error().what();
  EXPECT_TRUE(lines.await("away"));
  listening.accept().reset();
  EXPECT_TRUE(try_connect(url, context()).has_value());
}

TEST_P(LinkOpening, is_given_up_when_the_attempt_is_destroyed) {
  const Url url = Url::parse(fresh_url());
  const auto registry = transport::TransportRegistry::builtin();
  Body listening(url.to_string(), context());
  for (int i = 0; i < 100; ++i) {
    auto called = std::make_shared<std::atomic<bool>>(false);
    auto connecting = registry.find(url.scheme)
                          ->connect(url, context(), Deadline::never(),
                                    [called](const auto& /*result*/) { *called = true; });
    connecting.reset();
    const bool before = *called;
    std::promise<void> later;
    threads.loop().post([&] { later.set_value(); });
    later.get_future().get();
    EXPECT_EQ(*called, before);
  }
}

TEST_P(LinkOpening, says_what_is_wrong_with_the_url) {
  const auto registry = transport::TransportRegistry::builtin();
  const std::string plain = testing::fresh_url(GetParam().scheme);
  const auto refused = [&](const std::string& text, const std::string& reason) {
    const Url url = Url::parse(text);
    try {
      registry.find(url.scheme)->listen(url, context(), [](std::unique_ptr<Link>) {});
      ADD_FAILURE() << text << " was accepted";
    } catch (const ApiParamError& error) {
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
    const auto connect = [&] {
      registry.find(url.scheme)->connect(url, context(), Deadline::never(), [](auto) {});
    };
    EXPECT_THROW(connect(), ApiParamError) << text;
  };
  if (is_stream()) {
    const char* const more = plain.find('?') == std::string::npos ? "?" : "&";
    refused(plain + more + "rings=4096", "no option rings; there are: wait, hello, idle, keep_alive, ");
    refused(plain + more + "idle=30", "a time such as");
    refused(plain + more + "idle=0s", "a time such as");
    refused(plain + more + "keep_alive=-5s", "a time such as");
    refused(plain + more + "hello=99999999h", "a time such as");
    refused(plain + more + "wait=busy", "adaptive, spin and block");
    return;
  }
  refused(plain + "?rings=4096", "no option rings; there are: ring, arena, wait, trust");
  refused(plain + "?ring=1000", "power of two");
  refused(plain + "?ring=2048", "power of two");
  refused(plain + "?ring=4294967296", "power of two");
  refused(plain + "?ring=4096x", "power of two");
  refused(plain + "?ring=-4096", "power of two");
  refused(plain + "?wait=busy", "adaptive, spin and block");
  refused(plain + "?trust=all", "is not peer");
  const std::string scheme = plain.substr(0, plain.find(':'));
  refused(scheme + "://a,b", "letters, digits");
  refused(scheme + "://a/b", "letters, digits");
  refused(scheme + "://" + std::string(65, 'x'), "at most 64");
}

}  // namespace
}  // namespace vagus::testing
