#include "stats_tables.hpp"

#include <algorithm>
#include <string>

#include "figures.hpp"

namespace vagus::tools {

namespace {

/// One side of a method, in some time.
struct Row {
  std::string method;
  bool handled = false;
  Histogram times;
  Histogram waited;
  std::uint64_t failed = 0;
};

void add_rows(const MethodStats& method, std::vector<Row>& rows) {
  if (method.ran.count() != 0) {
    rows.push_back({method.name_space, true, method.ran, method.waited, method.requests_failed});
  }
  if (method.called.count() != 0) {
    rows.push_back({method.name_space, false, method.called, {}, method.calls_failed});
  }
}

Table table_of(const std::vector<Row>& rows, const char* count_head, double seconds) {
  Table table({"METHOD", "IS", count_head, "FAILED", "P50", "P99", "WAITS P99"}, 2);
  for (const Row& row : rows) {
    const std::uint64_t count = row.times.count();
    table.add({row.method, row.handled ? "handled" : "called",
               seconds > 0 ? rate_text(static_cast<double>(count) / seconds) : std::to_string(count),
               std::to_string(row.failed), short_time(row.times.p50()), short_time(row.times.p99()),
               row.handled ? short_time(row.waited.p99()) : ""});
  }
  return table;
}

const PeerStats* find(const ProcessStats* stats, std::uint64_t id) {
  if (stats == nullptr || !stats->peers) return nullptr;
  const auto found = std::find_if(stats->peers->begin(), stats->peers->end(),
                                  [&](const auto& each) { return each.peer.id == id; });
  return found == stats->peers->end() ? nullptr : &*found;
}

std::string amount(const Volume& now, const Volume* former, double seconds) {
  if (seconds <= 0) return size_text(static_cast<double>(now.bytes));
  const std::uint64_t before = former != nullptr ? std::min(former->bytes, now.bytes) : 0;
  return size_text(static_cast<double>(now.bytes - before) / seconds) + "/s";
}

}  // namespace

Table queue_table(const ProcessStats& stats) {
  Table table({"API", "WORKERS", "WAITING"}, 1);
  for (const ApiStats& api : stats.apis) {
    table.add({api.name_space.empty() ? "(plain names)" : api.name_space, std::to_string(api.workers),
               std::to_string(api.waiting)});
  }
  return table;
}

Table peer_table(const ProcessStats& stats, const ProcessStats* former, double seconds) {
  Table table({"PEER", "PROCESS", "LOGIN", "SENT TO IT", "RECEIVED"}, 1);
  if (!stats.peers) return table;
  for (const PeerStats& each : *stats.peers) {
    const PeerStats* const before = find(former, each.peer.id);
    const std::string& login = each.peer.user.empty() ? each.peer.certificate : each.peer.user;
    table.add({each.peer.name, each.peer.process_id < 0 ? "?" : std::to_string(each.peer.process_id),
               login.empty() ? "-" : login,
               amount(each.sent, before != nullptr ? &before->sent : nullptr, seconds),
               amount(each.received, before != nullptr ? &before->received : nullptr, seconds)});
  }
  return table;
}

Table method_table(const ProcessStats& stats) {
  std::vector<Row> rows;
  for (const MethodStats& method : stats.methods) add_rows(method, rows);
  return table_of(rows, "COUNT", 0);
}

Table method_table(const ProcessStats& stats, const ProcessStats& former, double seconds) {
  std::vector<Row> rows;
  for (MethodStats method : stats.methods) {
    const auto before = std::find_if(former.methods.begin(), former.methods.end(),
                                     [&](const auto& each) { return each.name_space == method.name_space; });
    if (before != former.methods.end()) {
      method.called -= before->called;
      method.waited -= before->waited;
      method.ran -= before->ran;
      method.calls_failed -= std::min(method.calls_failed, before->calls_failed);
      method.requests_failed -= std::min(method.requests_failed, before->requests_failed);
    }
    add_rows(method, rows);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.times.count() > b.times.count(); });
  return table_of(rows, "RATE", seconds);
}

}  // namespace vagus::tools
