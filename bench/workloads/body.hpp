/// The side that handles.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <vagus/arbitration/arb_options.hpp>

#include "process/pair.hpp"
#include "workloads/events_heard.hpp"

namespace bench {

struct BodyOptions {
  std::string url;
  unsigned workers = 1;
  std::size_t max_links = vagus::ArbOptions{}.max_links;
  unsigned further_methods = 0;              ///< besides those that are called
  std::shared_ptr<EventsHeard> events = {};  ///< where events are counted; null: nobody listens to them
};

/// For Pair::serve: a body that runs until it is told to end.
std::function<void(Server&)> body(BodyOptions options);

}  // namespace bench
