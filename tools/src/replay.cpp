#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <optional>
#include <set>
#include <vector>

#include "commands.hpp"
#include "end.hpp"
#include "exit_codes.hpp"
#include "figures.hpp"
#include "json.hpp"
#include "recorded_calls.hpp"
#include "recording.hpp"
#include "recording_list.hpp"
#include "replayed_apis.hpp"

namespace vagus::tools {

namespace {

using Kind = RecordedEntry::Kind;

constexpr double longest = 9e18;  // nanoseconds that a Duration can hold

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// What is known of a file that was read through once, which also says that it is sound.
struct Survey {
  explicit Survey(const std::string& file) {
    RecordingReader reader(file);
    while (const auto entry = reader.next()) {
      time = entry->at;
      if (entry->is_call()) calls.add(*entry);
      if (entry->kind != Kind::event) continue;
      ++events;
      names.insert(entry->event.name_space);
    }
    tell_if_cut(file, reader.cut_at());
    if (events == 0 && calls.empty()) throw UsageError(file + " has no event in it");
  }

  std::uint64_t events = 0;
  Duration time{};
  std::set<std::string> names;  ///< of events
  RecordedCalls calls;
};

class Replay {
 public:
  Replay(const ReplayOptions& options, const RecordingHead& head, Survey& survey)
      : options_(options),
        survey_(survey),
        name_(head.described.name),
        arb_(vagus::listen(options.listen_url), arb_options(name_)),
        apis_(arb_, head.described) {
    arb_.on_unhandled([this](Call& call, const UnhandledCall& unhandled) { return answer(call, unhandled); });
  }

  void run() {
    arb_.start();
    if (!options_.at_once && survey_.events != 0 && !await_listener()) return;
    began_ = Deadline::now();
    while (play() && options_.loop) {
    }
    // What was sent is to arrive.
    arb_.stop(std::chrono::seconds(1));
  }

  void print_summary() const {
    const Duration time = began_ == TimePoint() ? Duration::zero() : Deadline::now() - began_;
    const std::uint64_t unheard = arb_.stats().events_unheard;
    if (options_.json) {
      std::puts(
          one_line(
              Json{{"events", sent_}, {"seconds", seconds(time)}, {"unheard", unheard}, {"failed", failed_}})
              .c_str());
    } else {
      std::printf("%s in %s%s%s\n", counted(sent_, "event").c_str(), short_time(time).c_str(),
                  unheard == 0 ? "" : (", " + std::to_string(unheard) + " heard by nobody").c_str(),
                  failed_ == 0 ? "" : (", " + std::to_string(failed_) + " could not be sent").c_str());
    }
  }
  std::uint64_t failed() const noexcept { return failed_; }

 private:
  static ArbOptions arb_options(const std::string& name) {
    ArbOptions options;
    if (!name.empty()) options.name = name;  // as the program that was recorded
    return options;
  }

  /// False if the end has come before.
  bool await_listener() {
    std::fprintf(stderr, "vagus: %s, %s; begins when somebody listens at %s\n",
                 counted(survey_.events, "event").c_str(), short_time(survey_.time).c_str(),
                 options_.listen_url.c_str());
    const auto heard = [this](const std::string& name) { return arb_.has_listener(name); };
    const auto look_again = std::chrono::milliseconds(10);
    while (std::none_of(survey_.names.begin(), survey_.names.end(), heard)) {
      if (end_.await(Deadline::after(look_again))) return false;
    }
    return true;
  }

  /// All of it once; false if the end has come before.
  bool play() {
    RecordingReader reader(options_.file);
    const TimePoint began = Deadline::now();
    while (const auto entry = reader.next()) {
      // By when it is due, not by how long to wait after the one before: nothing adds up.
      const double after = std::min(static_cast<double>(entry->at.count()) / options_.speed, longest);
      if (end_.await(Deadline::after(Duration(static_cast<Duration::rep>(after)), began))) return false;
      if (entry->kind == Kind::event) send(entry->event);
    }
    return true;
  }

  std::optional<Value> answer(Call& call, const UnhandledCall& unhandled) {
    auto recorded =
        survey_.calls.answer({call.name_space(), unhandled.arguments.array(), unhandled.named.map()});
    if (recorded || !call.id()) return recorded;
    // Nor is there an answer now: the caller gives up.
    MutexLock lock(mutex_);
    std::erase_if(unanswered_, [](const Reply<Value>& reply) { return reply.stop_requested(); });
    unanswered_.push_back(call.defer<Value>());
    return std::nullopt;
  }

  void send(const HeardEvent& event) {
    try {
      apis_.send(event);
      ++sent_;
    } catch (const std::exception& error) {
      if (++failed_ == 1) std::fprintf(stderr, "vagus: the first that could not be sent: %s\n", error.what());
    }
  }

  const ReplayOptions& options_;
  Survey& survey_;
  const std::string name_;
  End end_;
  Mutex mutex_;
  std::vector<Reply<Value>> unanswered_ VAGUS_GUARDED_BY(mutex_);
  ApiArb arb_;
  ReplayedApis apis_;
  TimePoint began_;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace

ExitCode replay(const ReplayOptions& options) {
  if (options.list) {
    list_recording(options.file, options.json);
    return ExitCode::done;
  }
  if (options.listen_url.empty()) {
    throw UsageError("where is it to listen? A URL behind the file, or --list to see what is in it");
  }
  if (options.file == "-") throw UsageError("a replay takes a file; --list reads the standard input as well");
  Survey survey(options.file);
  const RecordingHead head = RecordingReader(options.file).head();
  Replay replay(options, head, survey);
  replay.run();
  replay.print_summary();
  return replay.failed() == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace vagus::tools
