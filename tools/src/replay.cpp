#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <optional>
#include <set>

#include "commands.hpp"
#include "end.hpp"
#include "exit_codes.hpp"
#include "figures.hpp"
#include "heard_events.hpp"
#include "json.hpp"
#include "recording.hpp"
#include "replayed_apis.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

using Kind = RecordedEntry::Kind;

constexpr double longest = 9e18;  // nanoseconds that a Duration can hold

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double microseconds(Duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

std::string counted(std::uint64_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// `2026-01-01T12:00:00Z`
std::string wall_time(std::int64_t nanoseconds) {
  const auto second = static_cast<std::time_t>(nanoseconds / 1'000'000'000);
  std::tm fields{};
  char text[40] = "";
  if (::gmtime_r(&second, &fields) != nullptr)
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields);
  return text;
}

void tell_if_cut(const std::string& file, const std::optional<std::uint64_t>& cut_at) {
  if (!cut_at) return;
  std::fprintf(stderr,
               "vagus: %s ends in the midst of an event, at byte %llu: its recorder was killed; all before "
               "that is whole\n",
               file.c_str(), static_cast<unsigned long long>(*cut_at));
}

// What is in it
// --------------------------------------------------------------------------------------------------------------

void print_head(const RecordingHead& head, bool json) {
  const std::string when = wall_time(head.began);
  if (json) {
    std::puts(one_line(Json{{"recorded", when},
                            {"url", head.url},
                            {"pattern", head.pattern},
                            {"name", head.described.name},
                            {"process_id", head.described.process_id}})
                  .c_str());
    return;
  }
  const std::string whose =
      head.described.name.empty()
          ? head.url
          : head.described.name + ", process " + std::to_string(head.described.process_id) + ", " + head.url;
  std::printf("%s\n%s\n", bold(fitted(whose, terminal_width())).c_str(),
              dim(fitted("recorded " + when + ", " + head.pattern, terminal_width())).c_str());
}

Json as_json(const RecordedEntry& entry, const EventText& text) {
  Json line{{"at_us", microseconds(entry.at)}};
  if (entry.kind == Kind::event) line.update(text.json(entry.event));
  if (entry.kind == Kind::lost) line["lost"] = entry.lost;
  if (entry.kind == Kind::end) line["end"] = true;
  return line;
}

std::string as_text(const RecordedEntry& entry, const EventText& text) {
  char at[40];
  std::snprintf(at, sizeof at, "%12.6f s  ", seconds(entry.at));
  if (entry.kind == Kind::event) return at + text.line(entry.event);
  if (entry.kind == Kind::lost) return at + dim(counted(entry.lost, "event") + " lost here");
  return at + dim("end");
}

void list_entries(const ReplayOptions& options) {
  RecordingReader reader(options.file);
  print_head(reader.head(), options.json);
  const EventText text(reader.head().described);
  while (const auto entry = reader.next()) {
    const std::string line = options.json ? one_line(as_json(*entry, text)) : as_text(*entry, text);
    if (std::puts(line.c_str()) < 0) throw std::runtime_error("the output was closed");
  }
  std::fflush(stdout);
  tell_if_cut(options.file, reader.cut_at());
}

// Replaying it
// ---------------------------------------------------------------------------------------------------------------

/// What is known of a file that was read through once, which also says that it is sound.
struct Survey {
  std::uint64_t events = 0;
  Duration time{};
  std::set<std::string> names;  ///< of events
};

Survey survey(const std::string& file) {
  Survey survey;
  RecordingReader reader(file);
  while (const auto entry = reader.next()) {
    survey.time = entry->at;
    if (entry->kind != Kind::event) continue;
    ++survey.events;
    survey.names.insert(entry->event.name_space);
  }
  tell_if_cut(file, reader.cut_at());
  return survey;
}

class Replay {
 public:
  Replay(const ReplayOptions& options, const RecordingHead& head, const Survey& survey)
      : options_(options),
        survey_(survey),
        name_(head.described.name),
        arb_(vagus::listen(options.listen_url), arb_options(name_)),
        apis_(arb_, head.described) {
    arb_.on_unhandled([](Call& call, const UnhandledCall&) -> std::optional<Value> {
      throw UnsupportedApiError(call.name_space() + " is not answered: this is a replay, of events alone");
    });
  }

  void run() {
    arb_.start();
    if (!options_.at_once && !await_listener()) return;
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

  void send(const HeardEvent& event) {
    try {
      apis_.send(event);
      ++sent_;
    } catch (const std::exception& error) {
      if (++failed_ == 1) std::fprintf(stderr, "vagus: the first that could not be sent: %s\n", error.what());
    }
  }

  const ReplayOptions& options_;
  const Survey& survey_;
  const std::string name_;
  End end_;
  ApiArb arb_;
  ReplayedApis apis_;
  TimePoint began_;
  std::uint64_t sent_ = 0;
  std::uint64_t failed_ = 0;
};

}  // namespace

ExitCode replay(const ReplayOptions& options) {
  if (options.list) {
    list_entries(options);
    return ExitCode::done;
  }
  if (options.listen_url.empty()) {
    throw UsageError("where is it to listen? A URL behind the file, or --list to see what is in it");
  }
  if (options.file == "-") throw UsageError("a replay takes a file; --list reads the standard input as well");
  const Survey surveyed = survey(options.file);
  if (surveyed.events == 0) throw UsageError(options.file + " has no event in it");
  const RecordingHead head = RecordingReader(options.file).head();
  Replay replay(options, head, surveyed);
  replay.run();
  replay.print_summary();
  return replay.failed() == 0 ? ExitCode::done : ExitCode::failed;
}

}  // namespace vagus::tools
