// What runs here.

#include <cstdio>
#include <future>
#include <optional>
#include <vector>

#include <vagus/transport/local_address.hpp>

#include "commands.hpp"
#include "figures.hpp"
#include "table.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

using transport::LocalAddress;

/// What came of asking at one address.
struct Asked {
  LocalAddress address;
  std::string state = "answers";  ///< in a word or two
  std::string why;                ///< empty: it has answered
  std::optional<ProcessStats> told;
  std::string name;  ///< as far as that is known
};

Asked ask(const LocalAddress& address, Duration timeout) {
  Asked asked{.address = address, .state = "answers", .why = {}, .told = {}, .name = {}};
  if (!address.listener) {
    asked.state = "stale";
    asked.why = address.stale ? "left behind, nobody listens: a body that starts there takes its place"
                              : "nobody listens any more";
    return asked;
  }
  try {
    Connection connection({.url = address.url.to_string(), .timeout = timeout, .user = {}});
    asked.name = connection.peer().name;
    asked.told = connection.arb().stats_of(connection.peer(), {}, timeout);
  } catch (const PermissionDeniedError& error) {
    asked.state = "not allowed";
    asked.why = error.what();
  } catch (const Error& error) {
    const bool silent =
        error.code() == ErrorCode::connection_timeout || error.code() == ErrorCode::transaction_timeout;
    asked.state = silent ? "no answer" : "failed";
    asked.why =
        silent ? "no answer within " + short_time(timeout) + ": is it halted, or very busy?" : error.what();
  }
  return asked;
}

/// All at once: some may not answer.
std::vector<Asked> ask_all(const std::vector<LocalAddress>& addresses, Duration timeout) {
  std::vector<std::future<Asked>> asking;
  for (const LocalAddress& address : addresses) {
    asking.push_back(std::async(std::launch::async, &ask, address, timeout));
  }
  std::vector<Asked> asked;
  for (auto& one : asking) asked.push_back(one.get());
  return asked;
}

std::int64_t process_of(const Asked& asked) {
  if (asked.told) return asked.told->process_id;
  return asked.address.listener ? asked.address.listener->process_id : -1;
}

/// Without this command.
std::size_t peers_of(const ProcessStats& told) {
  return told.totals.links - (told.totals.links == 0 ? 0 : 1);
}

void print_table(const std::vector<Asked>& all) {
  Table table({"URL", "STATE", "NAME", "PROCESS", "UP", "PEERS"}, 3);
  for (const Asked& one : all) {
    const std::int64_t process = process_of(one);
    const std::string& name = one.told ? one.told->name : one.name;
    table.add({one.address.url.to_string(), one.state, name.empty() ? "-" : name,
               process < 0 ? "-" : std::to_string(process), one.told ? long_time(one.told->uptime) : "-",
               one.told ? std::to_string(peers_of(*one.told)) : "-"});
  }
  print(table);
  for (const Asked& one : all) {
    if (!one.why.empty()) std::printf("%s: %s\n", one.address.url.to_string().c_str(), one.why.c_str());
  }
}

Json to_json(const Asked& asked) {
  const std::int64_t process = process_of(asked);
  Json json{{"url", asked.address.url.to_string()},
            {"state", asked.state},
            {"name", nullptr},
            {"process_id", nullptr},
            {"uptime_us", nullptr},
            {"peers", nullptr}};
  if (!asked.name.empty()) json["name"] = asked.name;
  if (process >= 0) json["process_id"] = process;
  if (asked.told) {
    json["uptime_us"] = std::chrono::duration_cast<std::chrono::microseconds>(asked.told->uptime).count();
    json["peers"] = peers_of(*asked.told);
  }
  if (!asked.why.empty()) json["why"] = asked.why;
  return json;
}

}  // namespace

void list(const ListOptions& options) {
  const std::vector<Asked> all = ask_all(transport::local_addresses(), options.timeout);
  if (options.json) {
    Json json = Json::array();
    for (const Asked& one : all) json.push_back(to_json(one));
    std::puts(one_line(json).c_str());
  } else if (all.empty()) {
    std::fputs("vagus: nothing runs here for this user, at names of shm:// or files\n", stderr);
  } else {
    print_table(all);
  }
}

}  // namespace vagus::tools
