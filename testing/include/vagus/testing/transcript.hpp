/// What was said over links, as text to compare and to read.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/transport/endpoint.hpp>

namespace vagus::testing {

/// What a Transcript writes besides. By default it has nothing in it that differs from one run to the next.
struct TranscriptOptions {
  bool ids = false;    ///< which call a line belongs to: `-> call 1.head machine.x.move_to(120.0)`
  bool times = false;  ///< when, since the transcript was made, by the clock in use: `[0.250 s]`
  /// What the peers tell each other by themselves: what they handle and listen to, signs of life.
  bool internal = false;
};

/// Writes down the messages of all endpoints that it was told to record, a line each, in the order in which
/// they were sent and read at this side:
///
///     vagus::testing::Transcript transcript;
///     vagus::ApiArb head{transcript.record(vagus::connect(url))};
///     ...
///     -> call machine.x.move_to(120.0)
///     <- event machine.x.moved(120.0)
///     <- reply 120.0
///
/// `->` is what the recorded side sent. The lines that there are:
///
///     call machine.x.move_to(120.0, speed_mm_s=5.0)
///     reply 120.0                  reply              of a method whose result is void
///     error std::out_of_range: beyond the end stop
///     event machine.x.moved(3.0)                      or a call that was posted: they look the same
///     progress 0.5                                    told ahead of a reply
///     cancel machine.x.move_to
///     malformed (17 bytes)
///
/// What lies in a Loan is not in the message, but in memory that both processes see: an argument or a result
/// of which the line shows where, `ext(76, ...)`.
///
/// What calls in parallel say stands in the order in which it was said; without `ids` it does not tell which
/// reply is whose. Safe from any thread; may go before what it records, which is recorded no more then.
class Transcript {
 public:
  explicit Transcript(const TranscriptOptions& options = {});
  ~Transcript();
  Transcript(const Transcript&) = delete;
  Transcript& operator=(const Transcript&) = delete;

  /// The same endpoint, recorded. `name` stands before each of its lines, to tell several apart. Throws
  /// ApiParamError if nothing was compiled in for its scheme.
  [[nodiscard]] Endpoint record(const Endpoint& endpoint, std::string_view name = {});

  std::vector<std::string> lines() const;
  /// All lines, each with a newline behind it.
  std::string to_string() const;
  /// Forgets the lines so far.
  void clear();

  /// Waits for a line that contains the text, by the machine's clock; throws Failed, with all lines, if there
  /// is none in time.
  void wait_for(std::string_view text, Duration timeout = std::chrono::seconds(10)) const;

  class Record;

 private:
  const std::shared_ptr<Record> record_;
};

}  // namespace vagus::testing
