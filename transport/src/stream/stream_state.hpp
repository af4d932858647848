#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/event_loop.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/transport/link.hpp>

#include "common/observer_calls.hpp"
#include "stream/byte_stream.hpp"
#include "stream/compression.hpp"
#include "stream/descriptor_sleeper.hpp"
#include "stream/input.hpp"
#include "stream/loop_watch.hpp"
#include "stream/output.hpp"

namespace vagus::transport::stream {

/// The first two: how long a link may say nothing; no_timeout: for ever.
struct StreamTimes {
  Duration idle = no_timeout;  ///< then it ends
  Duration keep_alive =
      no_timeout;  ///< then it is asked, and ends if it does not answer within the same time
  /// How long what is sent may wait for company while somebody is about to look for messages. To write costs
  /// some microseconds, and the peer's waking up several times as many.
  Duration gathering = std::chrono::microseconds(10);
};

/// A stream that has said hello, and what is there to make a link of it.
struct OpenStream {
  std::unique_ptr<ByteStream> stream;
  std::shared_ptr<LoopWatch> watch;
  Output output;
  Input input;  ///< what has come already
  StreamTimes times;
  Side side = Side::head;    ///< ours
  bool takes_pings = false;  ///< the peer knows `$ping`
};

/// What a link shares with the event loop, and what outlives it until the peer has had what was sent: the
/// stream, what waits to be written, how the link ended, and whom to tell. Made by make_shared; all functions
/// are safe from any thread, but for what belongs to the reader role or the send turn.
class StreamState final : public std::enable_shared_from_this<StreamState> {
 public:
  StreamState(EventLoop& loop, Log& log, std::string description, OpenStream open);
  ~StreamState();
  StreamState(const StreamState&) = delete;
  StreamState& operator=(const StreamState&) = delete;

  void start(LinkObserver& observer);
  bool ended() const noexcept { return ended_.load(std::memory_order_seq_cst); }
  /// Ends the link; the first reason counts. The observer hears of it from the event loop.
  void end(const ErrorPtr& reason) noexcept;
  /// Ends what waits, once.
  void call_sleepers() noexcept;
  /// Nobody receives any more; what waits to be written is, and then the stream is closed.
  void stop() noexcept;
  /// The link is gone.
  void let_go() noexcept;

  void warn(const std::string& what) { log_.warning(description_ + ": " + what); }
  const std::string& description() const noexcept { return description_; }
  const ByteStream& stream() const noexcept { return *stream_; }

  // By whoever holds the send turn ----------------------------------------------------------------

  ClaimStatus claim(std::size_t size, std::span<std::byte>& place);
  /// Writes it, if the system takes it now, or leaves it to whoever looks for messages next. So answers leave
  /// together that belong to requests which came together. The next look is never far: a link whose messages
  /// nobody looks for is armed.
  void commit(std::size_t used);
  void abandon() noexcept;
  void wait_writable(Deadline deadline);
  bool arm_writable();

  // By whoever holds the reader role --------------------------------------------------------------

  Input& input() noexcept { return input_; }
  Decompressed& decompressed() noexcept { return decompressed_; }
  /// Reads what is there; the end, once the link was stopped.
  Transfer fill();
  /// Nothing is there now. `gather`: several messages were, so that as many answers are to be expected.
  void found_empty(bool gather);
  /// Writes what was gathered. Always done by found_empty(), wait_readable() and arm().
  void write_gathered() {
    // Relaxed: what is gathered from now on, those three find.
    if (gathered_.load(std::memory_order_relaxed)) flush_gathered();
  }
  /// Ends the gathering; whether nothing waits to be written now.
  bool write_all();
  void disarm();
  /// Lets the event loop wait, for `events` (POLLIN...) of the descriptor.
  void arm(short events);
  /// `empty`: the last fill() has found nothing.
  void wait_readable(short events, Deadline deadline, bool or_writable, bool empty);
  bool reader_called() const noexcept { return reader_sleeper_.called(); }
  void take_reader_call() noexcept { reader_sleeper_.take_call(); }
  void note_heard() noexcept { heard_.store(true, std::memory_order_relaxed); }
  /// Is this the answer to a `$ping` of the link's own that is still owed?
  bool takes_as_pong(std::span<const std::byte> message) noexcept;

 private:
  void on_ready(std::uint32_t events);
  void flush() VAGUS_REQUIRES(mutex_);
  void flush_gathered();
  bool may_gather() VAGUS_REQUIRES(mutex_);
  void trim_later() VAGUS_REQUIRES(mutex_);  // by whoever has the reader role
  void start_trim_timer() VAGUS_REQUIRES(mutex_);
  void on_trim_time();
  void tell_of_room() VAGUS_REQUIRES(mutex_);
  void update_watch() VAGUS_REQUIRES(mutex_);
  void expect_end() VAGUS_REQUIRES(mutex_);
  void finish_writing() VAGUS_REQUIRES(mutex_);
  void begin_to_linger() noexcept VAGUS_REQUIRES(mutex_);
  void linger() VAGUS_REQUIRES(mutex_);
  void close_stream() VAGUS_REQUIRES(mutex_);
  void watch_over() VAGUS_REQUIRES(mutex_);
  void on_silence();
  ErrorPtr silence() VAGUS_REQUIRES(mutex_);
  void send_ping(TimePoint now) VAGUS_REQUIRES(mutex_);
  std::uint32_t ping_id() const noexcept { return side_ == Side::head ? 0 : 0x8000'0000U; }

  EventLoop& loop_;
  Log& log_;
  const std::string description_;
  const StreamTimes times_;
  const Side side_;
  const bool takes_pings_;
  const pid_t owner_;
  const std::shared_ptr<LoopWatch> watch_;
  ObserverCalls calls_;
  DescriptorSleeper reader_sleeper_;
  DescriptorSleeper writer_sleeper_;
  std::atomic<bool> started_{false};  // PAIR link-started: whoever sees it finds the observer in calls_
  std::atomic<bool> ended_{false};    // seq_cst; set once, by end(), before it calls the sleepers
  std::atomic<bool> heard_{false};    // relaxed: a sign of life since the last look
  // Sent, and their pongs not taken. Not ping_under_way_, which ends with whatever is heard, before it is
  // looked at.
  std::atomic<std::uint32_t> unanswered_pings_{0};

  // Writing is under mutex_, reading under read_mutex_; it goes when the link has gone and no handler uses
  // it.
  std::unique_ptr<ByteStream> stream_;
  std::atomic<bool> link_gone_{false};  // it was stopped, and nobody reads from then on; set under mutex_

  // Of the reader role; while the link is armed, under mutex_.
  Input input_;
  Decompressed decompressed_;

  Mutex read_mutex_;  // taken after mutex_, if both are
  Mutex mutex_;
  Output output_ VAGUS_GUARDED_BY(mutex_);
  short write_events_ VAGUS_GUARDED_BY(mutex_);  // what a flush that got stuck waits for
  bool stuck_ VAGUS_GUARDED_BY(mutex_) = false;  // the stream took no more at the last flush
  // Somebody is going to look for messages soon, until when what is sent need not leave. Set by whoever has
  // the reader role and neither waits nor arms.
  std::optional<TimePoint> gather_until_ VAGUS_GUARDED_BY(mutex_);
  std::atomic<bool> gathered_{false};  // something waits in output_ for that; written under mutex_
  bool write_over_ VAGUS_GUARDED_BY(mutex_) = false;
  bool finished_ VAGUS_GUARDED_BY(mutex_) = false;  // the peer was told that nothing more comes
  std::size_t refused_size_ VAGUS_GUARDED_BY(mutex_) = 0;
  bool armed_writable_ VAGUS_GUARDED_BY(mutex_) = false;
  bool writer_waits_ VAGUS_GUARDED_BY(mutex_) = false;
  bool reader_waits_for_room_ VAGUS_GUARDED_BY(mutex_) = false;
  short armed_events_ VAGUS_GUARDED_BY(mutex_) = 0;   // for reading; 0: disarmed
  std::uint32_t asked_ VAGUS_GUARDED_BY(mutex_) = 0;  // of the watch
  bool peer_gone_ VAGUS_GUARDED_BY(mutex_) = false;   // its end was seen by the watch
  bool link_destroyed_ VAGUS_GUARDED_BY(mutex_) = false;
  bool linger_over_ VAGUS_GUARDED_BY(mutex_) = false;
  bool expects_end_ VAGUS_GUARDED_BY(mutex_) = false;  // the timer for it was started
  bool ping_under_way_ VAGUS_GUARDED_BY(mutex_) = false;
  std::unique_ptr<boost::asio::steady_timer> trim_timer_ VAGUS_GUARDED_BY(mutex_);  // made at its first use
  bool trim_timer_runs_ VAGUS_GUARDED_BY(mutex_) = false;
  bool armed_since_ VAGUS_GUARDED_BY(mutex_) = false;  // the timer was started
  TimePoint ping_sent_ VAGUS_GUARDED_BY(mutex_);
  TimePoint last_heard_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer end_timer_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer silence_timer_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::stream
