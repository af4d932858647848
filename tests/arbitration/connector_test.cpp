#include "connector.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/worker_pool.hpp>

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;

/// A transport whose attempts end when the test says so, and whose first connect() returns when it may.
class ScriptedTransport final : public transport::Transport {
 public:
  std::unique_ptr<transport::Listener> listen(const Url&, const transport::TransportContext&,
                                              transport::LinkHandler) override {
    return nullptr;
  }

  std::unique_ptr<transport::Connecting> connect(const Url&, const transport::TransportContext& context,
                                                 Deadline, transport::ConnectHandler connected) override {
    std::unique_lock lock(mutex_);
    const std::size_t number = begun_++;
    changed_.notify_all();
    if (number == 0) {
      context.loop.post([connected] { connected(make_error<TransportDisconnectedError>("nobody there")); });
      EXPECT_TRUE(changed_.wait_for(lock, 30s, [&] { return begun_ > 1; }));
    }
    return std::make_unique<Attempt>(*this, number);
  }

  bool await_begun(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return begun_ >= count; });
  }
  bool await_cancelled(std::size_t number) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return was_cancelled(number); });
  }
  bool cancelled(std::size_t number) {
    const std::lock_guard lock(mutex_);
    return was_cancelled(number);
  }

 private:
  struct Attempt final : transport::Connecting {
    Attempt(ScriptedTransport& transport, std::size_t which) : owner(transport), number(which) {}
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;
    ~Attempt() override {
      const std::lock_guard lock(owner.mutex_);
      owner.cancelled_.push_back(number);
      owner.changed_.notify_all();
    }
    ScriptedTransport& owner;
    const std::size_t number;
  };

  bool was_cancelled(std::size_t number) const {
    return std::find(cancelled_.begin(), cancelled_.end(), number) != cancelled_.end();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t begun_ = 0;
  std::vector<std::size_t> cancelled_;
};

TEST(Connector, an_attempt_that_has_failed_before_it_was_kept_does_not_cancel_the_next) {
  const auto transport = std::make_shared<ScriptedTransport>();
  EventLoop loop;
  WorkerPool workers(loop);
  workers.resize(2);
  Log log;
  const auto connector = std::make_shared<Connector>(
      transport, Url::parse("test://place"),
      transport::TransportContext{.loop = loop, .log = log, .hello = {}, .limits = {}},
      [](std::unique_ptr<transport::Link>) {});

  // Returns after its failure has been told, and after the second attempt has begun because of that.
  connector->start();

  EXPECT_TRUE(transport->await_begun(2));
  EXPECT_TRUE(transport->await_cancelled(0));
  EXPECT_FALSE(transport->cancelled(1));
  connector->stop();
  EXPECT_TRUE(transport->await_cancelled(1));
  loop.finish();
  workers.join();
}

}  // namespace
}  // namespace vagus::testing
