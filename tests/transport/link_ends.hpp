#pragma once

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <vagus/transport/transport.hpp>

namespace vagus::testing {

using transport::ClaimStatus;
using transport::Connecting;
using transport::Link;
using transport::Listener;
using transport::Slot;

/// Longer than anything takes on a slow machine under a sanitizer; only a fault waits for so long.
inline constexpr auto ample_time = std::chrono::seconds(30);

/// An event loop and the threads that run it.
class LoopThreads {
 public:
  explicit LoopThreads(int threads = 2);
  ~LoopThreads();
  LoopThreads(const LoopThreads&) = delete;
  LoopThreads& operator=(const LoopThreads&) = delete;

  EventLoop& loop() noexcept { return loop_; }

 private:
  EventLoop loop_;
  std::vector<std::thread> threads_;
};

/// A log to look at.
class LogLines {
 public:
  Log& log() noexcept { return log_; }
  /// Waits for a line that contains the text.
  bool await(std::string_view text);
  bool contains(std::string_view text);
  /// How many lines contain the text.
  std::ptrdiff_t count(std::string_view text);

 private:
  std::mutex mutex_;
  std::condition_variable written_;
  std::vector<std::string> lines_;
  Log log_{[this](LogLevel, std::string_view line) { add(line); }, LogLevel::debug};

  void add(std::string_view line);
  bool has(std::string_view text) const;
};

/// Counts what it hears.
class Observer final : public transport::LinkObserver {
 public:
  void on_readable() override { count(readable_, when_readable); }
  void on_writable() override { count(writable_, when_writable); }
  void on_closed(const ErrorPtr& reason) override;

  // Each returns when it has been called so often, or fails.
  void await_readable(int times = 1) { await("on_readable", readable_, times); }
  void await_writable(int times = 1) { await("on_writable", writable_, times); }
  /// The reason.
  ErrorPtr await_closed();

  int readable() { return read(readable_); }
  int writable() { return read(writable_); }
  int closed() { return read(closed_); }

  // Called from within, if set before the link is started.
  std::function<void()> when_readable;
  std::function<void()> when_writable;
  std::function<void()> when_closed;

 private:
  void count(int& counter, const std::function<void()>& then);
  void await(const char* what, const int& counter, int times);
  int read(const int& counter);

  std::mutex mutex_;
  std::condition_variable called_;
  int readable_ = 0;
  int writable_ = 0;
  int closed_ = 0;
  ErrorPtr reason_;
};

/// One end of a link, and whoever hears of it. Over a byte stream a message has to be a MessagePack array: a
/// text travels as the only element of one.
struct End {
  Observer observer;  // outlives the link
  std::unique_ptr<Link> link;

  void start(std::unique_ptr<Link> its_link);

  /// Sends, waits for space.
  void send(std::string_view message);
  /// Sends if there is space now.
  bool try_send(std::string_view message);
  /// The next message, copied; waits for it. Empty if none comes before the deadline or the link ends.
  std::optional<std::string> receive(Deadline deadline = Deadline::after(ample_time));
  /// The next message if it is there.
  std::optional<std::string> try_receive();

  /// What a text takes as a message, and the text that a message carries.
  std::string to_message(std::string_view text) const;
  std::string to_text(std::span<const std::byte> message) const;
};

/// Are the links of this scheme streams of bytes, whose messages have to be MessagePack?
bool is_stream(std::string_view scheme);
/// How much larger than its text a message is, over a link of this scheme.
std::size_t frame_size(std::string_view scheme);

/// A message of this size whose every byte depends on its place and on `seed`.
std::string pattern(std::size_t size, unsigned seed = 0);

/// An address that no other test uses: `scheme://test-PID-N?options`; for the schemes `shm+path` and
/// `unix+path`, `shm:///tmp/...` and `unix:///tmp/...`; for `tcp` a loopback address of this process's own,
/// `tcp://127.A.B.C:PORT`, and for `tls` the same with all options that both ends need.
std::string fresh_url(const std::string& scheme, const std::string& options = "");

/// What listen() and connect() need, all defaults.
transport::TransportContext make_context(EventLoop& loop, Log& log, std::string name = "");

/// Listens, and collects the links that come.
class Body {
 public:
  Body(const std::string& url, const transport::TransportContext& context);

  /// The next link; waits for it.
  std::unique_ptr<Link> accept();
  std::string url() const { return listener_->url(); }
  /// Stops to listen.
  void close() { listener_.reset(); }

 private:
  std::mutex mutex_;
  std::condition_variable accepted_;
  std::vector<std::unique_ptr<Link>> links_;
  std::unique_ptr<Listener> listener_;
};

/// One attempt, waited for.
Result<std::unique_ptr<Link>> try_connect(const std::string& url, const transport::TransportContext& context,
                                          Deadline deadline = Deadline::after(ample_time));

}  // namespace vagus::testing
