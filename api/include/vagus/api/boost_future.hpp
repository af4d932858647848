/// boost::future of a call, with .then and when_all. Opt-in: this header alone needs Boost.Thread.
#pragma once

#ifndef BOOST_THREAD_VERSION
#define BOOST_THREAD_VERSION 4
#endif
#include <boost/thread/future.hpp>
#include <exception>
#include <memory>

#include <vagus/api/async_result.hpp>

namespace vagus {

/// A future that becomes ready with the call, where callbacks of its API run: its value or the error thrown.
template <typename T>
boost::future<T> to_boost_future(const AsyncResult<T>& result) {
  auto promise = std::make_shared<boost::promise<T>>();
  auto future = promise->get_future();
  result.then([promise](Result<T> outcome) {
    try {
      if constexpr (std::is_void_v<T>) {
        outcome.value();
        promise->set_value();
      } else {
        promise->set_value(std::move(outcome).value());
      }
    } catch (...) {
      // Boost.Exception does not know the types of the standard: hand the very exception over.
      promise->set_exception(boost::current_exception());
    }
  });
  return future;
}

}  // namespace vagus
