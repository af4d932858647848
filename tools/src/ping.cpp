#include <algorithm>
#include <cstdio>
#include <vector>

#include "commands.hpp"
#include "json.hpp"

namespace vagus::tools {

void ping(const ConnectionOptions& connection_options, const PingOptions& options) {
  Connection connection(connection_options);
  std::vector<double> times_us;
  for (std::size_t index = 0; index < options.count; ++index) {
    const Duration time = connection.arb().ping(connection.peer(), connection.timeout());
    times_us.push_back(std::chrono::duration<double, std::micro>(time).count());
    if (options.json) continue;
    std::printf("%s answered in %.1f µs\n", connection.peer().name.c_str(), times_us.back());
    std::fflush(stdout);
  }
  if (!options.json) return;
  std::puts(one_line(Json{{"peer", connection.peer().name},
                          {"process_id", connection.peer().process_id},
                          {"times_us", times_us}})
                .c_str());
}

}  // namespace vagus::tools
