/// boost::future of a call, with .then and when_all. Opt-in: this header alone needs Boost.Thread.
#pragma once

#ifndef BOOST_THREAD_VERSION
#define BOOST_THREAD_VERSION 4
#endif
#include <exception>
#include <memory>

#include <boost/thread/future.hpp>

#include <vagus/api/async_result.hpp>

namespace vagus {

namespace detail {

/// The exception that is being handled, with its type, which Boost before 1.75 reduces to that of its
/// standard base.
inline boost::exception_ptr boost_current_exception() {
#if BOOST_VERSION < 107500
  return boost::copy_exception(boost::exception_detail::std_exception_ptr_wrapper(std::current_exception()));
#else
  return boost::current_exception();
#endif
}

}  // namespace detail

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
      promise->set_exception(detail::boost_current_exception());
    }
  });
  return future;
}

}  // namespace vagus
