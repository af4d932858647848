#include "connector.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include <vagus/core/random_number.hpp>

namespace vagus {

namespace {

using namespace std::chrono_literals;

// The first pause is shorter than a person notices; the longest one is short enough that a body which comes
// up is found while one still looks at it.
constexpr Duration first_pause = 5ms;
constexpr Duration longest_pause = 250ms;
constexpr double growth = 1.6;
constexpr Duration attempt_time = 5s;
constexpr Duration stable_time = 100ms;

}  // namespace

Connector::Connector(std::shared_ptr<transport::Transport> transport, Url url,
                     const transport::TransportContext& context, LinkHandler connected, FailureHandler failed)
    : transport_(std::move(transport)),
      url_(std::move(url)),
      context_(context),
      connected_(std::move(connected)),
      failed_(std::move(failed)),
      jitter_(static_cast<std::minstd_rand::result_type>(detail::random_number())) {}

void Connector::start() {
  {
    MutexLock lock(mutex_);
    timer_ = std::make_unique<Timer>(context_.loop, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->attempt_on_loop();
    });
  }
  attempt();
}

void Connector::attempt_on_loop() {
  try {
    attempt();
  } catch (const Error& error) {
    // It could be done before: a file that is just being replaced, say.
    try_on(make_error(error.code(), error.what(), {}));
  } catch (const std::exception& error) {
    try_on(make_error<TransportDisconnectedError>(error.what()));
  }
}

void Connector::attempt() {
  std::unique_ptr<transport::Connecting>
      former;  // its destructor may wait for its handler, which takes the lock
  MutexLock lock(mutex_);
  if (stopped_) return;
  const auto number = ++attempts_;
  former = std::exchange(connecting_, nullptr);
  lock.unlock();
  former.reset();
  auto connecting =
      transport_->connect(url_, context_, Deadline::after(attempt_time),
                          [weak = weak_from_this()](Result<std::unique_ptr<transport::Link>> link) {
                            if (const auto self = weak.lock()) self->finished(std::move(link));
                          });
  lock.lock();
  // If it has failed already and the next attempt has begun, that one's is kept. What is not kept is
  // destroyed, and so cancelled, outside of the lock.
  if (!stopped_ && number == attempts_) connecting_.swap(connecting);
  lock.unlock();
}

Duration Connector::next_pause() {
  const double factor = std::pow(growth, std::min(failures_, 32));
  const auto pause = std::min(std::chrono::duration<double, std::nano>(longest_pause),
                              std::chrono::duration<double, std::nano>(first_pause) * factor);
  std::uniform_real_distribution<double> spread(0.75, 1.25);
  ++failures_;
  return std::chrono::duration_cast<Duration>(pause * spread(jitter_));
}

void Connector::finished(Result<std::unique_ptr<transport::Link>> link) {
  if (link.has_value()) {
    {
      MutexLock lock(mutex_);
      if (stopped_) return;
      connected_at_ = Deadline::now();
      last_error_ = nullptr;
    }
    connected_(std::move(link).value());
    return;
  }
  try_on(link.error_pointer());
}

void Connector::failed(const ErrorPtr& error) { try_on(error); }

void Connector::try_on(const ErrorPtr& error) {
  // Nobody there yet is how every start looks; anything else somebody should hear of.
  const bool matters = error->code() != ErrorCode::transport_disconnected;
  bool is_news = false;
  {
    MutexLock lock(mutex_);
    if (stopped_) return;
    is_news = !told_ || told_->code() != error->code();
    last_error_ = error;
    told_ = error;
    if (is_news && matters) {
      context_.log.warning("cannot connect to " + url_.to_string() + ", trying on: " + error->what());
    }
    timer_->start(Deadline::now() + next_pause());
  }
  if (failed_ && matters) failed_(error, is_news);
}

void Connector::lost() {
  MutexLock lock(mutex_);
  if (stopped_) return;
  told_ = nullptr;
  // A link that held is tried again at once; one that breaks as soon as it is made must not keep us busy.
  if (Deadline::now() - connected_at_ >= stable_time) failures_ = 0;
  timer_->start(failures_ == 0 ? Deadline::now() : Deadline::now() + next_pause());
  failures_ = std::max(failures_, 1);
}

void Connector::stop() {
  std::unique_ptr<transport::Connecting> connecting;
  std::unique_ptr<Timer> timer;
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    connecting.swap(connecting_);
    timer.swap(timer_);
  }
}

ErrorPtr Connector::last_error() const {
  MutexLock lock(mutex_);
  return last_error_;
}

}  // namespace vagus
