#include "recording_list.hpp"

#include <chrono>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "figures.hpp"
#include "heard_events.hpp"
#include "json.hpp"
#include "recording.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

using Kind = RecordedEntry::Kind;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }
double microseconds(Duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

/// `2026-01-01T12:00:00Z`
std::string wall_time(std::int64_t nanoseconds) {
  const auto second = static_cast<std::time_t>(nanoseconds / 1'000'000'000);
  std::tm fields{};
  char text[40] = "";
  if (::gmtime_r(&second, &fields) != nullptr)
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &fields);
  return text;
}

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
  if (!entry.is_call()) return line;
  line["call"] = entry.event.name_space;
  Json called = text.json(entry.event);
  line["arguments"] = called["arguments"];
  if (called.contains("named")) line["named"] = called["named"];
  line["took_us"] = microseconds(entry.took);
  if (entry.kind == Kind::answer) line["result"] = text.result(entry.event.name_space, entry.result);
  if (entry.kind == Kind::failure) {
    line["error"] = Json{{"type", entry.error.type}, {"message", entry.error.message}};
  }
  return line;
}

std::string as_text(const RecordedEntry& entry, const EventText& text) {
  char at[40];
  std::snprintf(at, sizeof at, "%12.6f s  ", seconds(entry.at));
  switch (entry.kind) {
    case Kind::event:
      return at + text.line(entry.event);
    case Kind::lost:
      return at + dim(counted(entry.lost, "event") + " lost here");
    case Kind::end:
      return at + dim("end");
    case Kind::answer:
      return at + text.line(entry.event) + " -> " +
             one_line(text.result(entry.event.name_space, entry.result)) +
             dim("  in " + short_time(entry.took));
    case Kind::failure:
      return at + text.line(entry.event) + " failed: " + entry.error.message +
             dim("  in " + short_time(entry.took));
  }
  return at;
}

}  // namespace

void list_recording(const std::string& file, bool json) {
  RecordingReader reader(file);
  print_head(reader.head(), json);
  const EventText text(reader.head().described);
  while (const auto entry = reader.next()) {
    const std::string line = json ? one_line(as_json(*entry, text)) : as_text(*entry, text);
    if (std::puts(line.c_str()) < 0) throw std::runtime_error("the output was closed");
  }
  std::fflush(stdout);
  tell_if_cut(file, reader.cut_at());
}

void tell_if_cut(const std::string& file, const std::optional<std::uint64_t>& cut_at) {
  if (!cut_at) return;
  std::fprintf(stderr,
               "vagus: %s ends in the midst of an event, at byte %llu: its recorder was killed; all before "
               "that is whole\n",
               file.c_str(), static_cast<unsigned long long>(*cut_at));
}

}  // namespace vagus::tools
