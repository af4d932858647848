#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include <vagus/wire/pack.hpp>

#include "exit_codes.hpp"
#include "recording.hpp"

namespace vagus::tools {

namespace {

int open_to_write(const std::string& name, bool overwrite, bool& made) {
  if (name == "-") return STDOUT_FILENO;
  constexpr int how = O_WRONLY | O_CREAT | O_CLOEXEC;
  int descriptor = ::open(name.c_str(), how | O_EXCL, 0666);
  made = descriptor >= 0;
  if (!made && errno == EEXIST) {
    if (!overwrite) throw UsageError(name + " is there already; --force overwrites it");
    descriptor = ::open(name.c_str(), how, 0666);
  }
  if (descriptor < 0) throw UsageError(name + " cannot be written: " + std::strerror(errno));
  return descriptor;
}

template <typename Kind>
void begin_entry(wire::Writer& writer, std::size_t elements, Kind kind, Duration at) {
  writer.array(elements);
  writer.unsigned_integer(static_cast<std::uint64_t>(kind));
  writer.integer(at.count());
}

/// Three elements.
void put(wire::Writer& writer, const HeardEvent& event) {
  writer.str(event.name_space);
  writer.array(event.arguments.size());
  for (const Value& argument : event.arguments) wire::pack(writer, argument);
  writer.map(event.named.size());
  for (const auto& [name, value] : event.named) {
    wire::pack(writer, name);
    wire::pack(writer, value);
  }
}

}  // namespace

File::~File() {
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

RecordingWriter::RecordingWriter(const std::string& name, bool overwrite)
    : name_(name), file_(open_to_write(name, overwrite, made_)) {}

RecordingWriter::~RecordingWriter() {
  if (made_ && bytes_ == 0) ::unlink(name_.c_str());
}

void RecordingWriter::fail(int error) {
  failed_ = true;
  throw std::system_error(error, std::generic_category(), name_ + " cannot be written");
}

void RecordingWriter::clear() {
  if (made_ || name_ == "-") return;
  // A pipe or a device has nothing to be cleared.
  if (::ftruncate(file_.descriptor(), 0) != 0 && errno != EINVAL) fail(errno);
}

void RecordingWriter::write(const Bytes& bytes) {
  if (failed_) return;
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t count = ::write(file_.descriptor(), bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail(errno);
    done += static_cast<std::size_t>(count);
    bytes_ += static_cast<std::uint64_t>(count);
  }
}

void RecordingWriter::begin(const RecordingHead& head) {
  clear();
  const Value told(Value::Map{{"url", head.url},
                              {"pattern", head.pattern},
                              {"began", head.began},
                              {"described", to_value(head.described)}});
  write(wire::written([&](wire::Writer& writer) {
    writer.array(3);
    writer.str(recording_mark);
    writer.unsigned_integer(recording_version);
    wire::pack(writer, told);
  }));
}

void RecordingWriter::event(Duration at, const HeardEvent& event) {
  write(wire::written([&](wire::Writer& writer) {
    begin_entry(writer, 5, RecordedEntry::Kind::event, at);
    put(writer, event);
  }));
}

void RecordingWriter::answer(Duration at, const HeardEvent& called, Duration took, const Value& result) {
  write(wire::written([&](wire::Writer& writer) {
    begin_entry(writer, 7, RecordedEntry::Kind::answer, at);
    put(writer, called);
    writer.integer(took.count());
    wire::pack(writer, result);
  }));
}

void RecordingWriter::failure(Duration at, const HeardEvent& called, Duration took,
                              const wire::ErrorMessage& error) {
  write(wire::written([&](wire::Writer& writer) {
    begin_entry(writer, 7, RecordedEntry::Kind::failure, at);
    put(writer, called);
    writer.integer(took.count());
    wire::pack(writer, error);
  }));
}

void RecordingWriter::lost(Duration at, std::uint64_t events) {
  write(wire::written([&](wire::Writer& writer) {
    begin_entry(writer, 3, RecordedEntry::Kind::lost, at);
    writer.unsigned_integer(events);
  }));
}

void RecordingWriter::end(Duration at) {
  write(wire::written([&](wire::Writer& writer) { begin_entry(writer, 2, RecordedEntry::Kind::end, at); }));
}

}  // namespace vagus::tools
