#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <optional>

#include "commands.hpp"
#include "described.hpp"
#include "end.hpp"
#include "exit_codes.hpp"
#include "heard_events.hpp"
#include "passing_on.hpp"
#include "recorder.hpp"
#include "recording.hpp"

namespace vagus::tools {

namespace {

/// What the peer tells of what is recorded. With the event of a property comes the method that asks for its
/// value, by which a replay knows it for one.
Description described_with_properties(Connection& connection, const std::string& pattern) {
  constexpr std::string_view changed = ".changed";
  Description told = described_events(connection, pattern);
  std::vector<MemberDescription> more;
  for (const MemberDescription& member : told.members) {
    if (!member.event || !member.name_space.ends_with(changed)) continue;
    const std::string get = member.name_space.substr(0, member.name_space.size() - changed.size()) + ".get";
    if (told.member(get) != nullptr) continue;
    Description asked = described_events(connection, get);
    std::move(asked.members.begin(), asked.members.end(), std::back_inserter(more));
  }
  std::move(more.begin(), more.end(), std::back_inserter(told.members));
  std::sort(told.members.begin(), told.members.end(),
            [](const auto& a, const auto& b) { return a.name_space < b.name_space; });
  return told;
}

std::int64_t nanoseconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

void record(const ConnectionOptions& connection_options, const RecordOptions& options) {
  if (!options.through.empty() && options.pattern != "**") {
    throw UsageError("with --through all is recorded: leave out " + options.pattern);
  }
  Connection connection(connection_options);
  const std::string pattern = pattern_for(connection, options.pattern);
  const Description told = described_with_properties(connection, pattern);
  RecordingWriter writer(options.output, options.force);
  End end;
  auto watching = end_when_lost(connection, end);
  Recorder recorder(writer, {connection_options.url, pattern, nanoseconds_since_1970(), told}, options, end);
  {
    std::optional<PassingOn> passing_on;
    Registration listening;
    if (!options.through.empty()) {
      passing_on.emplace(connection, options.through, told, recorder);
    } else {
      listening = connection.arb().subscribe(
          pattern, [&](Call& call, const HeardEvent& event) { recorder.event(event, call.missed()); });
      remark_if_unknown(connection, told, pattern);
    }
    recorder.begin();
    end.await(options.seconds == Duration::zero() ? Deadline::never() : Deadline::after(options.seconds));
    watching.reset();  // from here on it is this side that ends it
  }
  recorder.finish();
  // The standard output may be the recording.
  std::fprintf(options.output == "-" ? stderr : stdout, "%s\n", recorder.summary().c_str());
  std::fflush(stdout);
  end.raise();
}

}  // namespace vagus::tools
