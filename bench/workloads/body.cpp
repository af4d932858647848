#include "workloads/body.hpp"

#include <memory>
#include <utility>

#include "timing/slice.hpp"
#include "workloads/served_echo.hpp"

namespace bench {

namespace {

void count(EventsHeard& heard, const Reading& reading) {
  if (reading.sent_ns != 0) {
    const auto now = std::chrono::duration_cast<nanoseconds>(Clock::now().time_since_epoch()).count();
    const std::uint64_t index = heard.timed.load(std::memory_order_relaxed);
    heard.nanoseconds[index % heard.nanoseconds.size()].store(
        static_cast<std::uint32_t>(now - reading.sent_ns), std::memory_order_relaxed);
    heard.timed.store(index + 1, std::memory_order_release);  // PAIR event-timed
  }
  // One worker handles them all, so nobody else writes.
  heard.count.store(heard.count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

}  // namespace

std::function<void(Server&)> body(BodyOptions options) {
  return [options = std::move(options)](Server& server) {
    // More events may wait than the producer has under way.
    ServedEcho api({.workers = options.workers, .queue = 1 << 16});
    for (unsigned number = 0; number < options.further_methods; ++number) {
      api.set_handler("method_" + std::to_string(number), [](int value) { return value; });
    }
    vagus::Registration listening;
    if (const auto heard = options.events) {
      std::construct_at(heard.get());  // it may have been used in another run
      listening = api.reading.subscribe([heard](const Reading& reading) { count(*heard, reading); });
    }
    vagus::ApiArb arb{vagus::listen(options.url), {.max_links = options.max_links}};
    arb.attach(api);
    arb.start();
    server.ready();
    server.wait_end();
  };
}

}  // namespace bench
