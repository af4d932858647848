#include "monitor.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

namespace sysmon {

namespace {

constexpr std::size_t longest_history = 120;

}  // namespace

BodyToWatch body_at(const vagus::Endpoint& endpoint) {
  return {.connect = [endpoint](vagus::Log& log) {
    return std::make_shared<vagus::ApiArb>(endpoint, vagus::ArbOptions{.log = log});
  }};
}

Monitor::Monitor(const vagus::Endpoint& body, std::function<void()> news)
    : Monitor(body_at(body), std::move(news)) {}

Monitor::Monitor(const BodyToWatch& body, std::function<void()> news)
    : news_(std::move(news)), system_("system", body.system), arb_(body.connect(log_)) {
  // Events come on a worker of the API, changes of the link on another thread: both only note down what they
  // hear.
  told_.head.process_id = ::getpid();
  subscription_ = system_.cpu.changed.subscribe([this](std::vector<double> load) { heard(std::move(load)); });
  listening_ = arb_->on_state([this](const vagus::LinkEvent& event) { link_changed(event); });
  arb_->attach(system_);
  arb_->start();
}

template <typename T, typename Action>
bool Monitor::ask(Picture& picture, T& answer, const Action& action) {
  const auto begin = std::chrono::steady_clock::now();
  vagus::Result<T> result = action.try_call();  // the value or the error; nothing is thrown
  ++calls_;
  if (!result) {
    ++calls_failed_;
    picture.trouble = result.error().what();
    return false;
  }
  latencies_.add(std::chrono::steady_clock::now() - begin);
  answer = std::move(*result);
  return true;
}

void Monitor::refresh(Picture& picture) {
  picture.trouble.clear();
  // A body that is frozen costs one timeout, not three.
  const auto count = static_cast<std::uint32_t>(picture.process_count);
  static_cast<void>(ask(picture, picture.load, system_.cpu.load()) &&
                    ask(picture, picture.memory, system_.memory.usage()) &&
                    ask(picture, picture.processes, system_.processes.top(count, picture.sort_by)));
  const std::scoped_lock lock(mutex_);
  told_.head.calls = calls_;
  told_.head.calls_failed = calls_failed_;
  told_.head.call_median = latencies_.quantile(0.5).count();
  told_.head.call_p99 = latencies_.quantile(0.99).count();
  picture.head = told_.head;
}

void Monitor::collect(Picture& picture) const {
  const std::scoped_lock lock(mutex_);
  picture.link = told_.link;
  picture.body_process = told_.body_process;
  picture.history = told_.history;
  picture.head = told_.head;
}

HeadFigures Monitor::figures() const {
  const std::scoped_lock lock(mutex_);
  return told_.head;
}

void Monitor::signal(Picture& picture, const ProcessInfo& process, int number) {
  try {
    system_.processes.signal(process.id, number).call();
    picture.message = "told process " + std::to_string(process.id) + " to end";
  } catch (const vagus::RemoteError& refused) {
    picture.message = refused.message();  // what the handler in the body threw
  } catch (const vagus::Error& error) {
    picture.message = error.what();
  }
}

void Monitor::heard(std::vector<double> load) {
  {
    const std::scoped_lock lock(mutex_);
    told_.history.push_back(mean(load));
    if (told_.history.size() > longest_history) told_.history.pop_front();
    ++told_.head.events;
  }
  news_();
}

void Monitor::link_changed(const vagus::LinkEvent& event) {
  {
    const std::scoped_lock lock(mutex_);
    told_.link = event.state;
    told_.head.open = event.state == vagus::LinkState::open;
    told_.body_process = event.peer.process_id;
  }
  news_();
}

}  // namespace sysmon
