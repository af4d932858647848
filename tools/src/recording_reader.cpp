#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <vagus/wire/pack.hpp>

#include "exit_codes.hpp"
#include "recording.hpp"

namespace vagus::tools {

namespace {

constexpr std::size_t piece = 64 * 1024;
// More than any message of a link that has kept its default.
constexpr std::size_t largest_entry = std::size_t{256} << 20;

int open_to_read(const std::string& name) {
  if (name == "-") return STDIN_FILENO;
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) throw UsageError(name + " cannot be read: " + std::strerror(errno));
  return descriptor;
}

wire::Limits limits() {
  wire::Limits limits;
  limits.message_size = largest_entry;
  limits.depth = wire::Reader::max_depth;
  return limits;
}

RecordingHead read_head(const Value& told) {
  RecordingHead head;
  if (const Value* const url = told.find("url")) head.url = url->string();
  if (const Value* const pattern = told.find("pattern")) head.pattern = pattern->string();
  if (const Value* const began = told.find("began")) head.began = began->integer();
  if (const Value* const described = told.find("described")) head.described = description_from(*described);
  return head;
}

void read_event(wire::Reader& reader, HeardEvent& event) {
  event.name_space = std::string(reader.str());
  check_namespace(event.name_space, "the event's name");
  event.arguments = wire::unpack<Value>(reader).array();
  event.named = wire::unpack<Value>(reader).map();
}

/// What follows the kind and the time.
void read_rest(wire::Reader& reader, RecordedEntry& entry) {
  if (entry.kind == RecordedEntry::Kind::lost) entry.lost = reader.unsigned_integer();
  if (entry.kind == RecordedEntry::Kind::event || entry.is_call()) read_event(reader, entry.event);
  if (entry.is_call()) entry.took = Duration(reader.integer(0));
  if (entry.kind == RecordedEntry::Kind::answer) entry.result = wire::unpack<Value>(reader);
  if (entry.kind == RecordedEntry::Kind::failure) wire::unpack(reader, entry.error);
  // Elements that a later version has added.
  while (!reader.at_end()) reader.skip();
}

}  // namespace

RecordingReader::RecordingReader(const std::string& name)
    : name_(name), file_(open_to_read(name)), splitter_(limits()) {
  const std::string expected = "a recording begins with [\"" + std::string(recording_mark) + "\", " +
                               std::to_string(recording_version) + ", ...], as vagus record writes it";
  try {
    const auto first = entry();
    if (!first) refuse(cut_at_ ? "its first entry is cut: " + expected : "it is empty: " + expected);
    wire::Reader reader(*first, wire::Reader::max_depth);
    if (reader.array() < 3 || reader.str() != recording_mark) refuse(expected);
    const std::uint64_t version = reader.unsigned_integer();
    if (version != recording_version) {
      refuse("it is a recording of version " + std::to_string(version) + ", and this program reads version " +
             std::to_string(recording_version));
    }
    head_ = read_head(wire::unpack<Value>(reader));
  } catch (const wire::DecodeError&) {
    refuse(expected);
  }
}

std::optional<RecordedEntry> RecordingReader::next() {
  try {
    while (const auto bytes = entry()) {
      wire::Reader reader(*bytes, wire::Reader::max_depth);
      reader.array();
      const std::uint64_t kind = reader.unsigned_integer();
      if (kind > static_cast<std::uint64_t>(RecordedEntry::Kind::failure)) continue;  // of a later version
      RecordedEntry read;
      read.kind = static_cast<RecordedEntry::Kind>(kind);
      read.at = Duration(reader.integer(0));
      read_rest(reader, read);
      return read;
    }
  } catch (const wire::DecodeError& wrong) {
    refuse_entry(wrong.what());
  } catch (const ApiParamError& wrong) {
    refuse_entry(wrong.what());
  }
  return std::nullopt;
}

std::optional<std::span<const std::byte>> RecordingReader::entry() {
  offset_ = next_;
  for (;;) {
    const auto left = std::span<const std::byte>(bytes_).subspan(passed_);
    if (const std::size_t size = left.empty() ? 0 : splitter_.find(left); size != 0) {
      passed_ += size;
      next_ += size;
      return left.first(size);
    }
    if (read_more()) continue;
    if (!left.empty()) cut_at_ = offset_;
    return std::nullopt;
  }
}

bool RecordingReader::read_more() {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(passed_));
  passed_ = 0;
  const std::size_t there = bytes_.size();
  // Much at once of what is large.
  bytes_.resize(there + std::max(piece, there));
  ssize_t count = -1;
  do {
    count = ::read(file_.descriptor(), bytes_.data() + there, bytes_.size() - there);
  } while (count < 0 && errno == EINTR);
  const int error = errno;
  bytes_.resize(there + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
  if (count < 0) throw UsageError(name_ + " cannot be read: " + std::strerror(error));
  return count > 0;
}

void RecordingReader::refuse_entry(const char* fault) const {
  refuse(std::string("an event, such as [0, 1500, \"machine.moved\", [1.5], {}], was expected: ") + fault);
}

void RecordingReader::refuse(const std::string& fault) const {
  throw UsageError(name_ + " cannot be replayed from byte " + std::to_string(offset_) + " on: " + fault);
}

}  // namespace vagus::tools
