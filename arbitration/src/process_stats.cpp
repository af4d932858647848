#include <chrono>
#include <iterator>
#include <utility>

#include <vagus/arbitration/process_stats.hpp>
#include <vagus/wire/decode_error.hpp>

namespace vagus {

namespace {

struct Total {
  const char* key;
  std::uint64_t Stats::*counter;
};
constexpr Total totals[] = {{"calls_made", &Stats::calls_made},
                            {"calls_completed", &Stats::calls_completed},
                            {"messages_posted", &Stats::messages_posted},
                            {"events_unheard", &Stats::events_unheard},
                            {"posts_dropped", &Stats::posts_dropped},
                            {"calls_dropped", &Stats::calls_dropped},
                            {"calls_resent", &Stats::calls_resent},
                            {"requests_received", &Stats::requests_received},
                            {"requests_refused", &Stats::requests_refused},
                            {"requests_expired", &Stats::requests_expired},
                            {"permissions_denied", &Stats::permissions_denied},
                            {"logins_refused", &Stats::logins_refused},
                            {"messages_received", &Stats::messages_received},
                            {"messages_unhandled", &Stats::messages_unhandled},
                            {"messages_dropped", &Stats::messages_dropped},
                            {"handlers_failed", &Stats::handlers_failed},
                            {"late_replies", &Stats::late_replies},
                            {"unknown_replies", &Stats::unknown_replies},
                            {"links_opened", &Stats::links_opened},
                            {"links_lost", &Stats::links_lost}};

struct Now {
  const char* key;
  std::size_t Stats::*figure;
};
constexpr Now of_this_moment[] = {{"links", &Stats::links},
                                  {"calls_pending", &Stats::calls_pending},
                                  {"requests_waiting", &Stats::requests_waiting}};

// Writing
// ------------------------------------------------------------------------------------------------------------

Value volume_value(const Volume& volume) {
  return Value::Map{{"messages", volume.messages}, {"bytes", volume.bytes}};
}

/// Those that there were, by their names.
Value errors_value(const ErrorCounts& errors) {
  Value::Map map;
  for (std::size_t code = 0; code < error_code_count; ++code) {
    const auto kind = static_cast<ErrorCode>(code);
    if (errors[kind] != 0) map.emplace_back(to_string(kind), errors[kind]);
  }
  return map;
}

Value totals_value(const Stats& stats) {
  Value::Map map;
  for (const Total& total : totals) map.emplace_back(total.key, stats.*total.counter);
  for (const Now& now : of_this_moment) map.emplace_back(now.key, stats.*now.figure);
  map.emplace_back("calls_failed", errors_value(stats.calls_failed));
  map.emplace_back("sent", volume_value(stats.sent));
  map.emplace_back("received", volume_value(stats.received));
  return map;
}

Value api_value(const ApiStats& api) {
  return Value::Map{{"name", api.name_space}, {"workers", api.workers}, {"waiting", api.waiting}};
}

Value peer_value(const PeerStats& stats) {
  const Peer& peer = stats.peer;
  return Value::Map{{"id", peer.id},
                    {"name", peer.name},
                    {"process_id", peer.process_id},
                    {"user_id", peer.user_id},
                    {"plain", peer.plain},
                    {"user", peer.user},
                    {"certificate", peer.certificate},
                    {"sent", volume_value(stats.sent)},
                    {"received", volume_value(stats.received)}};
}

Value histogram_value(const Histogram& histogram) {
  Value::Array buckets;
  for (const auto& [longest, count] : histogram.counts()) {
    buckets.emplace_back(Value::Array{longest.count(), count});
  }
  return Value::Map{{"sum_ns", histogram.sum().count()},
                    {"max_ns", histogram.max().count()},
                    {"buckets", std::move(buckets)}};
}

Value method_value(const MethodStats& method) {
  return Value::Map{{"name", method.name_space},
                    {"calls_failed", method.calls_failed},
                    {"requests_failed", method.requests_failed},
                    {"called", histogram_value(method.called)},
                    {"waited", histogram_value(method.waited)},
                    {"ran", histogram_value(method.ran)}};
}

template <typename T, typename Convert>
Value list_value(const std::vector<T>& list, Convert convert) {
  Value::Array array;
  array.reserve(list.size());
  for (const T& element : list) array.push_back(convert(element));
  return array;
}

// Reading
// ------------------------------------------------------------------------------------------------------------

void read(const Value& value, Volume& volume);
void read(const Value& value, ErrorCounts& errors);
void read(const Value& value, Stats& stats);
void read(const Value& value, Histogram& histogram);

void read(const Value& value, std::string& text) { text = value.string(); }
void read(const Value& value, bool& flag) { flag = value.boolean(); }
void read(const Value& value, unsigned& number) { number = static_cast<unsigned>(value.unsigned_integer()); }
void read(const Value& value, std::uint64_t& number) { number = value.unsigned_integer(); }
void read(const Value& value, std::int64_t& number) { number = value.integer(); }

template <typename T>
void read_entry(const Value& map, const char* key, T& into) {
  if (const Value* const value = map.find(key)) read(*value, into);
}

void read(const Value& value, Volume& volume) {
  read_entry(value, "messages", volume.messages);
  read_entry(value, "bytes", volume.bytes);
}

void read(const Value& value, ErrorCounts& errors) {
  for (std::size_t code = 0; code < error_code_count; ++code) {
    const auto kind = static_cast<ErrorCode>(code);
    read_entry(value, to_string(kind), errors[kind]);
  }
}

void read(const Value& value, Stats& stats) {
  for (const Total& total : totals) read_entry(value, total.key, stats.*total.counter);
  for (const Now& now : of_this_moment) read_entry(value, now.key, stats.*now.figure);
  read_entry(value, "calls_failed", stats.calls_failed);
  read_entry(value, "sent", stats.sent);
  read_entry(value, "received", stats.received);
}

void read(const Value& value, ApiStats& api) {
  read_entry(value, "name", api.name_space);
  read_entry(value, "workers", api.workers);
  read_entry(value, "waiting", api.waiting);
}

void read(const Value& value, PeerStats& stats) {
  Peer& peer = stats.peer;
  read_entry(value, "id", peer.id);
  read_entry(value, "name", peer.name);
  read_entry(value, "process_id", peer.process_id);
  read_entry(value, "user_id", peer.user_id);
  read_entry(value, "plain", peer.plain);
  read_entry(value, "user", peer.user);
  read_entry(value, "certificate", peer.certificate);
  read_entry(value, "sent", stats.sent);
  read_entry(value, "received", stats.received);
}

void read(const Value& value, Histogram& histogram) {
  std::int64_t sum = 0;
  std::int64_t max = 0;
  Histogram::Counts counts;
  read_entry(value, "sum_ns", sum);
  read_entry(value, "max_ns", max);
  if (const Value* const buckets = value.find("buckets")) {
    for (const Value& bucket : buckets->array()) {
      const Value::Array& pair = bucket.array();
      if (pair.size() < 2)
        throw wire::TypeError("a bucket is a time and a count, and this is " + to_string(bucket));
      counts.emplace_back(Duration(pair[0].integer()), pair[1].unsigned_integer());
    }
  }
  histogram = Histogram(counts, Duration(sum), Duration(max));
}

void read(const Value& value, MethodStats& method) {
  read_entry(value, "name", method.name_space);
  read_entry(value, "calls_failed", method.calls_failed);
  read_entry(value, "requests_failed", method.requests_failed);
  read_entry(value, "called", method.called);
  read_entry(value, "waited", method.waited);
  read_entry(value, "ran", method.ran);
}

template <typename T>
std::vector<T> read_list(const Value& value) {
  std::vector<T> list(value.array().size());
  for (std::size_t index = 0; index < list.size(); ++index) read(value.array()[index], list[index]);
  return list;
}

}  // namespace

Value to_value(const ProcessStats& stats) {
  const auto uptime = std::chrono::duration_cast<std::chrono::microseconds>(stats.uptime);
  Value::Map map{{"name", stats.name},
                 {"library", stats.library},
                 {"process_id", stats.process_id},
                 {"uptime_us", std::int64_t{uptime.count()}},
                 {"totals", totals_value(stats.totals)},
                 {"apis", list_value(stats.apis, &api_value)},
                 {"measuring", stats.measuring},
                 {"methods", list_value(stats.methods, &method_value)}};
  if (stats.peers) map.emplace_back("peers", list_value(*stats.peers, &peer_value));
  return map;
}

ProcessStats process_stats_from(const Value& value) {
  if (value.kind() != Value::Kind::map) {
    throw wire::TypeError("figures are a map, and this is " + to_string(value).substr(0, 80));
  }
  ProcessStats stats;
  std::int64_t uptime_us = 0;
  read_entry(value, "name", stats.name);
  read_entry(value, "library", stats.library);
  read_entry(value, "process_id", stats.process_id);
  read_entry(value, "uptime_us", uptime_us);
  stats.uptime = std::chrono::microseconds(uptime_us);
  read_entry(value, "totals", stats.totals);
  read_entry(value, "measuring", stats.measuring);
  if (const Value* const apis = value.find("apis")) stats.apis = read_list<ApiStats>(*apis);
  if (const Value* const peers = value.find("peers")) stats.peers = read_list<PeerStats>(*peers);
  if (const Value* const methods = value.find("methods")) stats.methods = read_list<MethodStats>(*methods);
  return stats;
}

}  // namespace vagus
