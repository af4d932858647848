#include <cstdio>

#include "commands.hpp"
#include "described.hpp"
#include "end.hpp"
#include "heard_events.hpp"

namespace vagus::tools {

namespace {

/// Writes events down, one at a time.
class EventPrinter {
 public:
  EventPrinter(const Description& told, const ListenOptions& options, End& end)
      : text_(told), options_(options), end_(end) {}

  void operator()(const Call& call, const HeardEvent& event) {
    if (printed_ == options_.count && options_.count != 0) return;
    if (call.missed() != 0) {
      std::fprintf(stderr, "vagus: %llu events came too fast and were lost\n",
                   static_cast<unsigned long long>(call.missed()));
    }
    const std::string line = options_.json ? one_line(text_.json(event)) : text_.line(event);
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
      end_.come(std::make_exception_ptr(TransportFinishedError("the output was closed")));
    } else if (++printed_ == options_.count) {
      end_.come();
    }
  }

 private:
  const EventText text_;
  const ListenOptions& options_;
  End& end_;
  std::size_t printed_ = 0;
};

}  // namespace

void listen(const ConnectionOptions& connection_options, const ListenOptions& options) {
  Connection connection(connection_options);
  const std::string pattern = pattern_for(connection, options.pattern);
  const Description told = described_events(connection, pattern);
  End end;
  EventPrinter printer(told, options, end);
  const auto watching = end_when_lost(connection, end);
  const auto listening =
      connection.arb().subscribe(pattern, [&](Call& call, const HeardEvent& event) { printer(call, event); });
  remark_if_unknown(connection, told, pattern);
  end.await();
  end.raise();
}

}  // namespace vagus::tools
