/// Recordings: what `vagus record` writes and `vagus replay` reads.
///
/// A recording is MessagePack arrays, one behind the other, the first of which says what it is:
///
///     ["vagus recording", 1, {"url": ..., "pattern": ..., "began": ..., "described": ...}]
///     [0, time, name, arguments, named]                 an event
///     [1, time, count]                                  so many events were lost, for want of room
///     [2, time]                                         the end; missing if the recorder was killed
///     [3, time, name, arguments, named, took, result]   a call, when it was answered
///     [4, time, name, arguments, named, took, error]    one that has failed
///
/// `began` is in nanoseconds since 1970, `described` what the peer told of itself with `$describe`, an error
/// as in a response; all other times are nanoseconds, since the beginning. Who reads skips entries whose
/// number he does not know, what follows in an entry that he does, and keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <vagus/vagus.hpp>
#include <vagus/wire/error_message.hpp>
#include <vagus/wire/splitter.hpp>

namespace vagus::tools {

inline constexpr std::string_view recording_mark = "vagus recording";
inline constexpr std::uint64_t recording_version = 1;

struct RecordingHead {
  std::string url;
  std::string pattern;
  std::int64_t began = 0;  ///< nanoseconds since 1970
  Description described;   ///< of the peer; empty if it did not tell
};

/// One entry behind the head.
struct RecordedEntry {
  enum class Kind : std::uint8_t { event = 0, lost = 1, end = 2, answer = 3, failure = 4 };

  Kind kind = Kind::end;
  Duration at = {};          ///< since the beginning
  HeardEvent event;          ///< the event, or what was called
  std::uint64_t lost = 0;    ///< of `lost`
  Duration took = {};        ///< of a call
  Value result;              ///< of a call that was answered
  wire::ErrorMessage error;  ///< of a call that has failed

  bool is_call() const noexcept { return kind == Kind::answer || kind == Kind::failure; }
};

/// A file that is open.
class File {
 public:
  explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
  /// Closes it, unless it is the standard input or output.
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  int descriptor() const noexcept { return descriptor_; }

 private:
  const int descriptor_;
};

/// Writes one. Each entry leaves by one write, so that who is killed leaves a file of whole entries, or with
/// one that is cut at its end. Threads: one at a time.
class RecordingWriter {
 public:
  /// `name`: `-` for the standard output. Throws UsageError for a file that is there, unless it is to be
  /// overwritten, which begin() does, and for one that cannot be made.
  RecordingWriter(const std::string& name, bool overwrite);
  /// Removes a file that it has made and written nothing into.
  ~RecordingWriter();
  RecordingWriter(const RecordingWriter&) = delete;
  RecordingWriter& operator=(const RecordingWriter&) = delete;

  /// First. All of these throw std::system_error for what cannot be written; nothing is written after that.
  void begin(const RecordingHead& head);
  void event(Duration at, const HeardEvent& event);
  void lost(Duration at, std::uint64_t events);
  void answer(Duration at, const HeardEvent& called, Duration took, const Value& result);
  void failure(Duration at, const HeardEvent& called, Duration took, const wire::ErrorMessage& error);
  void end(Duration at);

  std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  void clear();
  void write(const Bytes& bytes);
  [[noreturn]] void fail(int error);

  const std::string name_;
  bool made_ = false;  // the file was not there before
  const File file_;
  std::uint64_t bytes_ = 0;
  bool failed_ = false;
};

/// Reads one, piece by piece. Threads: one at a time.
class RecordingReader {
 public:
  /// `name`: `-` for the standard input. Throws UsageError, as next() does, for what is no recording, or a
  /// broken one: it says from which byte on, and what was expected there.
  explicit RecordingReader(const std::string& name);

  const RecordingHead& head() const noexcept { return head_; }
  /// None at the end of the file, which comes early if it was cut.
  std::optional<RecordedEntry> next();
  /// Where the entry begins that the file ends in the midst of; none if it does not.
  std::optional<std::uint64_t> cut_at() const noexcept { return cut_at_; }

 private:
  /// The next array, as a whole; none at the end.
  std::optional<std::span<const std::byte>> entry();
  bool read_more();
  [[noreturn]] void refuse_entry(const char* fault) const;
  [[noreturn]] void refuse(const std::string& fault) const;

  const std::string name_;
  const File file_;
  wire::Splitter splitter_;
  Bytes bytes_;               // those that are read and not passed
  std::size_t passed_ = 0;    // of those
  std::uint64_t offset_ = 0;  // in the file, of the entry that was read last
  std::uint64_t next_ = 0;    // likewise, of the one behind it
  std::optional<std::uint64_t> cut_at_;
  RecordingHead head_;
};

}  // namespace vagus::tools
