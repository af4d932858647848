#include "service.hpp"

#include <exception>
#include <stdexcept>
#include <utility>

#include "job.hpp"

namespace pi {

Service::Service(ServiceOptions options) : options_(std::move(options)), cache_(options_.cache_bytes) {
  for (unsigned worker = 0; worker < options_.processes; ++worker) {
    workers_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
}

Service::~Service() {
  for (std::jthread& worker : workers_) worker.request_stop();
  workers_.clear();
  for (const auto& [digits, computation] : under_way_) {
    for (const auto& waiter : computation->waiters) {
      waiter->reply.fail(std::runtime_error("the service ends, and has not begun with these digits of pi"));
    }
  }
}

std::string Service::_handler_digits(vagus::Call& call, std::int64_t count) {
  if (count < 1 || count > max_digits) {
    throw std::out_of_range("digits: " + std::to_string(count) + " is not from 1 to " +
                            std::to_string(max_digits));
  }
  std::shared_ptr<const std::string> known;
  std::shared_ptr<Waiter> waiter;
  Shared computation;
  {
    const std::scoped_lock lock(mutex_);
    known = cache_.find(count);
    if (known) {
      ++statistics_.from_cache;
    } else {
      computation = computation_of(count);
      waiter = std::make_shared<Waiter>(call.defer<std::string>());
      computation->waiters.push_back(waiter);
    }
  }
  if (known) return known->substr(0, text_length(count));
  waiter->leaving.emplace(call.stop_token(), [this, weak = std::weak_ptr(computation), who = waiter.get()] {
    if (const Shared left = weak.lock()) leave(left, who);
  });
  return {};  // the reply was taken along
}

Statistics Service::_handler_statistics() {
  const std::scoped_lock lock(mutex_);
  Statistics now = statistics_;
  now.under_way = static_cast<std::uint32_t>(under_way_.size());
  return now;
}

Service::Shared Service::computation_of(std::int64_t digits) {
  Shared& computation = under_way_[digits];
  if (computation) {
    ++statistics_.joined;
    return computation;
  }
  if (queue_.size() >= options_.queue) {
    under_way_.erase(digits);
    throw std::runtime_error(std::to_string(options_.queue) +
                             " other computations wait already: try again later");
  }
  computation = std::make_shared<Computation>(digits);
  queue_.push_back(computation);
  changed_.notify_one();
  return computation;
}

void Service::leave(const Shared& computation, const Waiter* waiter) {
  std::shared_ptr<Waiter> left;  // destroyed outside of the lock: that answers its call
  {
    const std::scoped_lock lock(mutex_);
    left = computation->remove(waiter);
    if (!left || !computation->waiters.empty()) return;
    forget(computation);
    ++statistics_.cancelled;
  }
  computation->given_up.request_stop();
}

void Service::forget(const Shared& computation) {
  const auto place = under_way_.find(computation->digits);
  // Once it was given up, there may be a new one for the same digits.
  if (place != under_way_.end() && place->second == computation) under_way_.erase(place);
  std::erase(queue_, computation);
}

void Service::work(const std::stop_token& stop) {
  for (;;) {
    Shared computation;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, stop, [&] { return !queue_.empty(); });
      if (stop.stop_requested()) return;
      computation = std::move(queue_.front());
      queue_.pop_front();
      ++statistics_.computations;
    }
    const std::stop_callback ending(stop, [&] { computation->given_up.request_stop(); });
    compute(computation);
  }
}

void Service::compute(const Shared& computation) {
  std::shared_ptr<const std::string> text;
  std::exception_ptr error;
  try {
    text = std::make_shared<const std::string>(compute_in_child(
        {options_.job_command, computation->digits, options_.deadline}, computation->given_up.get_token(),
        [&](double done) { tell_progress(*computation, done); }));
  } catch (const std::exception&) {
    error = std::current_exception();
  }
  std::vector<std::shared_ptr<Waiter>> waiters;
  {
    const std::scoped_lock lock(mutex_);
    forget(computation);
    waiters.swap(computation->waiters);
    if (text) {
      cache_.add(text);
    } else if (!computation->given_up.stop_requested()) {
      ++statistics_.failed;
    }
  }
  for (const auto& waiter : waiters) {
    if (text) {
      waiter->reply.complete(*text);
    } else {
      waiter->reply.fail(error);
    }
  }
}

void Service::tell_progress(const Computation& computation, double done) {
  std::vector<std::shared_ptr<Waiter>> waiters;
  {
    const std::scoped_lock lock(mutex_);
    waiters = computation.waiters;
  }
  for (const auto& waiter : waiters) {
    try {
      waiter->reply.try_progress(done);
    } catch (const vagus::TransactionCancelled&) {
      // Its caller is about to leave.
    }
  }
}

}  // namespace pi
