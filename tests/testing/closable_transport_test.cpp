// What ends the lives of a scripted peer.

#include "closable_transport.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/testing/through.hpp>
#include <vagus/vagus.hpp>

#include "forwarding_link.hpp"
#include "support/core/flag.hpp"
#include "support/core/notes.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// What is told of what a transport has made.
struct Told {
  std::function<void()> started = [] {};
  std::function<void()> closed = [] {};
  std::function<void()> freed = [] {};
};

class ToldLink final : public ForwardingLink {
 public:
  ToldLink(std::unique_ptr<transport::Link> inner, const Told& told)
      : ForwardingLink(std::move(inner)), told_(told) {}
  ~ToldLink() override { stop(); }

  void start(transport::LinkObserver& observer) override {
    ForwardingLink::start(observer);
    told_.started();
  }
  void close(const ErrorPtr& reason) noexcept override {
    told_.closed();
    ForwardingLink::close(reason);
  }

 private:
  const Told& told_;
};

class ToldListener final : public transport::Listener {
 public:
  ToldListener(std::unique_ptr<Listener> inner, const Told& told) : told_(told), inner_(std::move(inner)) {}
  ~ToldListener() override {
    inner_.reset();
    told_.freed();
  }
  ToldListener(const ToldListener&) = delete;
  ToldListener& operator=(const ToldListener&) = delete;
  std::string url() const override { return inner_->url(); }

 private:
  const Told& told_;
  std::unique_ptr<Listener> inner_;
};

/// By way of `inproc`.
class ToldTransport final : public transport::Transport {
 public:
  explicit ToldTransport(const Told& told) : told_(told) {}

  std::unique_ptr<transport::Listener> listen(const Url& url, const transport::TransportContext& context,
                                              transport::LinkHandler accepted) override {
    auto inner = inner_->listen(
        url, context, [this, accepted = std::move(accepted)](std::unique_ptr<transport::Link> link) {
          accepted(std::make_unique<ToldLink>(std::move(link), told_));
        });
    return std::make_unique<ToldListener>(std::move(inner), told_);
  }
  std::unique_ptr<transport::Connecting> connect(const Url& url, const transport::TransportContext& context,
                                                 Deadline deadline,
                                                 transport::ConnectHandler connected) override {
    auto wrapped = [this, connected = std::move(connected)](Result<std::unique_ptr<transport::Link>> link) {
      if (!link) return connected(std::move(link));
      connected(std::unique_ptr<transport::Link>(std::make_unique<ToldLink>(std::move(link).value(), told_)));
    };
    return inner_->connect(url, context, deadline, std::move(wrapped));
  }

 private:
  const Told& told_;
  const std::shared_ptr<transport::Transport> inner_ = transport::TransportRegistry::builtin().find("inproc");
};

const std::string url = "inproc://closable-transport-test";

TEST(AClosableTransport, frees_its_address_before_its_links_end) {
  Notes notes;
  Told told;
  told.closed = [&] { notes.add("ended"); };
  told.freed = [&] { notes.add("free"); };
  const auto closable = std::make_shared<ClosableTransport>(std::make_shared<ToldTransport>(told));
  ApiArb body{through(closable, listen(url))};
  body.start();
  ApiArb head{connect(url)};
  head.wait_open(generous);
  closable->close();
  EXPECT_EQ(notes.lines(), (std::vector<std::string>{"free", "ended"}));
  closable->close();
}

TEST(AClosableTransport, ends_a_link_that_comes_about_while_it_closes) {
  Flag ended;
  Told told;
  const auto closable = std::make_shared<ClosableTransport>(std::make_shared<ToldTransport>(told));
  told.started = [&] { closable->close(); };
  told.closed = [&] { ended.raise(); };
  ApiArb body{listen(url)};
  body.start();
  ApiArb head{through(closable, connect(url))};
  head.start();
  EXPECT_TRUE(ended.await());
}

TEST(AClosableTransport, reaches_nobody_and_keeps_nobody_away_once_it_is_closed) {
  Flag started;
  Flag freed;
  Told told;
  told.started = [&] { started.raise(); };
  told.freed = [&] { freed.raise(); };
  const auto closable = std::make_shared<ClosableTransport>(std::make_shared<ToldTransport>(told));
  closable->close();
  ApiArb dead{through(closable, listen(url))};
  dead.start();
  EXPECT_TRUE(freed.raised());
  ApiArb body{listen(url)};
  EXPECT_NO_THROW(body.start());
  ApiArb head{through(closable, connect(url))};
  EXPECT_THROW(head.wait_open(10ms), ConnectionTimeoutError);
  EXPECT_FALSE(started.raised());
}

}  // namespace
}  // namespace vagus::testing
