#pragma once

#include <utility>

#include <vagus/core/event_loop.hpp>
#include <vagus/transport/transport.hpp>

namespace vagus::testing {

/// An attempt to connect that fails, as if nobody was there.
class Refused final : public transport::Connecting {
 public:
  Refused(EventLoop& loop, const ErrorPtr& reason, transport::ConnectHandler connected)
      : timer_(loop, [reason, connected = std::move(connected)] { connected(reason); }) {
    timer_.start(Deadline::now());
  }

 private:
  Timer timer_;
};

}  // namespace vagus::testing
