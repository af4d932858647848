#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iterator>

#include "commands.hpp"
#include "end.hpp"
#include "exit_codes.hpp"
#include "figures.hpp"
#include "heard_events.hpp"
#include "json.hpp"
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

/// Writes events down, one at a time.
class Recorder {
 public:
  Recorder(RecordingWriter& writer, const RecordOptions& options, End& end)
      : writer_(writer), options_(options), end_(end) {}

  void operator()(const Call& call, const HeardEvent& event) {
    if (events_ == options_.count && options_.count != 0) return;
    try {
      const Duration at = elapsed();
      if (call.missed() != 0) writer_.lost(at, call.missed());
      lost_ += call.missed();
      writer_.event(at, event);
      if (++events_ == options_.count) end_.come();
    } catch (const std::exception&) {
      end_.come(std::current_exception());  // what cannot be written
    }
  }

  /// When no event comes any more.
  void finish() {
    time_ = elapsed();
    writer_.end(time_);
  }
  std::string summary() const {
    if (options_.json) {
      return one_line(Json{{"file", options_.output},
                           {"events", events_},
                           {"lost", lost_},
                           {"seconds", std::chrono::duration<double>(time_).count()},
                           {"bytes", writer_.bytes()}});
    }
    return std::to_string(events_) + (events_ == 1 ? " event in " : " events in ") + short_time(time_) +
           ", " + size_text(static_cast<double>(writer_.bytes())) +
           (lost_ == 0 ? "" : "; " + std::to_string(lost_) + " more came too fast and were lost");
  }

 private:
  Duration elapsed() const { return Deadline::now() - began_; }

  RecordingWriter& writer_;
  const RecordOptions& options_;
  End& end_;
  const TimePoint began_ = Deadline::now();
  std::uint64_t events_ = 0;
  std::uint64_t lost_ = 0;
  Duration time_{};
};

std::int64_t nanoseconds_since_1970() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
}

}  // namespace

void record(const ConnectionOptions& connection_options, const RecordOptions& options) {
  Connection connection(connection_options);
  const Description told = described_with_properties(connection, options.pattern);
  RecordingWriter writer(options.output, options.force);
  End end;
  const auto watching = end_when_lost(connection, end);
  writer.begin({connection_options.url, options.pattern, nanoseconds_since_1970(), told});
  Recorder recorder(writer, options, end);
  auto listening = connection.arb().subscribe(
      options.pattern, [&](Call& call, const HeardEvent& event) { recorder(call, event); });
  remark_if_unknown(connection, told, options.pattern);
  end.await(options.seconds == Duration::zero() ? Deadline::never() : Deadline::after(options.seconds));
  listening.reset();
  recorder.finish();
  // The standard output may be the recording.
  std::fprintf(options.output == "-" ? stderr : stdout, "%s\n", recorder.summary().c_str());
  std::fflush(stdout);
  end.raise();
}

}  // namespace vagus::tools
