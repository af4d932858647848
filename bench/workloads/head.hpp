/// The side that calls.
#pragma once

#include <memory>
#include <string>

#include "timing/pace.hpp"
#include "workloads/echo_api.hpp"
#include "workloads/events_heard.hpp"

namespace bench {

/// A stub with a link of its own, open.
class Head {
 public:
  explicit Head(const std::string& url);

  EchoApi api{"bench"};

 private:
  vagus::ApiArb arb_;
};

/// Calls that are answered before they return; each throws std::runtime_error for a wrong answer. They share
/// the ownership of the head.
RoundTrip call_with_int(std::shared_ptr<Head> head);
/// The handler takes what it is sent as a view.
RoundTrip call_with_span(std::shared_ptr<Head> head, std::size_t size);
/// The caller writes the first and the last byte of memory that it borrows, the handler reads them in place.
RoundTrip call_with_loan(std::shared_ptr<Head> head, std::size_t size);
/// The handler takes it as its own.
RoundTrip call_with_bytes(std::shared_ptr<Head> head, std::size_t size);

/// So many calls under way at any time, by one thread that collects the oldest and makes another one. The
/// samples are of one call in so many.
SliceRunner calls_in_flight(std::shared_ptr<Head> head, std::size_t count);

/// Each thread calls back to back.
SliceRunner calls_of_threads(std::shared_ptr<Head> head, unsigned threads);

/// Posts events as fast as they are handled. The slice ends when all have been; the samples are the times
/// from the posting of some of them until they were handled.
SliceRunner events(std::shared_ptr<Head> head, std::shared_ptr<EventsHeard> heard);

}  // namespace bench
