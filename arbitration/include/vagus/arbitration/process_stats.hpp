/// The figures of another process: what a peer tells when it is asked with `$stats`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/arbitration/method_stats.hpp>
#include <vagus/arbitration/stats.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/wire/value.hpp>

namespace vagus {

/// What ApiArb::stats_of() asks for.
struct StatsRequest {
  /// Which APIs and methods, `machine.**`; the totals are those of all.
  std::string_view pattern = "**";
  /// Has the peer measure how long calls take, from now on until the link to it ends, whatever it was told by
  /// ApiArb::measure(). Where there are permissions, it takes one to describe `**`.
  bool measure = false;
};

/// The queue of one root API.
struct ApiStats {
  std::string name_space;
  unsigned workers = 1;     ///< so many of its handlers run at once; 0: inline
  std::size_t waiting = 0;  ///< requests and events that wait for one of them
};

/// What one process has done so far, as far as who asks may know it. A plain value.
struct ProcessStats {
  std::string name;     ///< of the ApiArb
  std::string library;  ///< its version of Vagus: `1.2.3`
  std::int64_t process_id = -1;
  Duration uptime = {};  ///< since its ApiArb was made
  Stats totals;
  std::vector<ApiStats> apis;  ///< in the order of their names
  /// Of each link that is open, this one included; none: it takes a permission to describe `**` to know them.
  std::optional<std::vector<PeerStats>> peers;
  bool measuring = false;            ///< is `methods` being added to?
  std::vector<MethodStats> methods;  ///< in the order of their names
};

/// As it travels: maps with text keys, see docs/wire.md.
Value to_value(const ProcessStats& stats);
/// Reads the same. What is unknown is skipped, what is missing is as by default. Throws wire::TypeError.
ProcessStats process_stats_from(const Value& value);

}  // namespace vagus
