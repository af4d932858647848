#include <cstdio>

#include "commands.hpp"
#include "described.hpp"
#include "figures.hpp"
#include "stats_tables.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

void print(const char* about, const std::string& text) {
  std::printf("%s\n", fitted(std::string(about) + text, terminal_width()).c_str());
}

std::string of(std::uint64_t count, const char* what) { return std::to_string(count) + ' ' + what; }

/// `, 3 refused`; what has not been is left out.
std::string also(std::uint64_t count, const char* what) { return count == 0 ? "" : ", " + of(count, what); }

std::string traffic(const char* what, const Volume& volume) {
  return std::string(what) + ' ' + size_text(static_cast<double>(volume.bytes)) + " in " +
         of(volume.messages, "messages");
}

void print_totals(const Stats& totals) {
  const std::string errors = errors_text(totals.calls_failed);
  print("requests  ", of(totals.requests_received, "received") + also(totals.requests_refused, "refused") +
                          also(totals.requests_expired, "expired") +
                          also(totals.permissions_denied, "not permitted") +
                          also(totals.handlers_failed, "left by an exception") + ", " +
                          of(totals.requests_waiting, "waiting"));
  print("calls     ", of(totals.calls_made, "made") + ", " + of(totals.calls_completed, "completed") +
                          (errors.empty() ? "" : ", failed: " + errors) +
                          also(totals.calls_resent, "resent") + also(totals.calls_dropped, "dropped") +
                          also(totals.late_replies, "answered late") + ", " +
                          of(totals.calls_pending, "pending"));
  print("events    ",
        of(totals.messages_posted, "sent") + also(totals.events_unheard, "heard by nobody") +
            also(totals.posts_dropped, "dropped here") + ", " + of(totals.messages_received, "received") +
            also(totals.messages_unhandled, "not handled") + also(totals.messages_dropped, "dropped"));
  print("links     ", of(totals.links, "open") + ", " + of(totals.links_opened, "opened") +
                          also(totals.links_lost, "lost") + also(totals.logins_refused, "logins refused"));
  print("traffic   ", traffic("sent", totals.sent) + ", " + traffic("received", totals.received));
}

void print_below(const Table& table) {
  if (table.empty()) return;
  std::puts("");
  print(table);
}

}  // namespace

void stats(const ConnectionOptions& connection_options, const StatsOptions& options) {
  Connection connection(connection_options);
  const std::string pattern = pattern_for(connection, options.pattern);
  const ProcessStats told =
      connection.arb().stats_of(connection.peer(), {.pattern = pattern}, connection.timeout());
  if (options.json) {
    std::puts(one_line(to_json(told)).c_str());
    return;
  }
  print("", title(told));
  print_totals(told.totals);
  print_below(queue_table(told));
  print_below(peer_table(told, nullptr, 0));
  print_below(method_table(told));
  if (!told.measuring) {
    std::puts("");
    std::puts("How long methods take is not measured there now. ApiArb::measure(true) does it,");
    std::puts("and so does vagus top for as long as it looks.");
  }
}

}  // namespace vagus::tools
