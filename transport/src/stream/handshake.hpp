#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/steady_timer.hpp>

#include <vagus/core/deadline.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "stream/byte_stream.hpp"
#include "stream/input.hpp"
#include "stream/loop_watch.hpp"
#include "stream/output.hpp"

namespace vagus::transport::stream {

/// What is done on a stream before there is a link.
enum class Greeting : std::uint8_t {
  call,    ///< says `$hello` and waits for the answer
  answer,  ///< waits for the first message
  none     ///< the peer knows no `$hello`
};

/// Brings a stream to where it can carry messages: its own handshake, then the hellos. Made by make_shared;
/// all functions are safe from any thread.
class Handshake : public std::enable_shared_from_this<Handshake> {
 public:
  struct Outcome {
    ErrorPtr error;      ///< null: it is done
    bool silent = true;  ///< nothing had come from the peer

    std::unique_ptr<ByteStream> stream;  ///< also with an error
    std::shared_ptr<LoopWatch> watch;
    Output output;
    std::optional<Input> input;
    wire::Hello hello;                       ///< of version 0 if the peer has said none
    std::optional<std::uint32_t> answer_to;  ///< the request to be answered with the own hello
  };
  using Done = std::function<void(Outcome)>;

  /// `watch` is that of the stream's descriptor.
  Handshake(const TransportContext& context, std::unique_ptr<ByteStream> stream,
            std::shared_ptr<LoopWatch> watch, Greeting greeting);

  /// `done` is called once, on a thread of the loop or inside this call, unless it is cancelled before, also
  /// before this call.
  void start(Deadline deadline, Done done);
  void cancel() noexcept;

 private:
  using Status = Transfer::Status;

  void go_on();
  void wait_for_deadline() VAGUS_REQUIRES(mutex_);
  void on_deadline();
  /// True: it is over.
  bool step() VAGUS_REQUIRES(mutex_);
  bool secure() VAGUS_REQUIRES(mutex_);
  bool greet() VAGUS_REQUIRES(mutex_);
  bool read() VAGUS_REQUIRES(mutex_);
  bool take(std::span<const std::byte> message) VAGUS_REQUIRES(mutex_);
  bool is_of_tls() const VAGUS_REQUIRES(mutex_);
  bool stuck(const Transfer& transfer) VAGUS_REQUIRES(mutex_);
  bool fail(ErrorPtr error) VAGUS_REQUIRES(mutex_);
  void finish(MutexLock& lock) VAGUS_REQUIRES(mutex_);

  const TransportContext context_;
  const Greeting greeting_;

  Mutex mutex_;
  Outcome outcome_ VAGUS_GUARDED_BY(mutex_);
  boost::asio::steady_timer timer_ VAGUS_GUARDED_BY(mutex_);
  Deadline deadline_ VAGUS_GUARDED_BY(mutex_);
  Done done_ VAGUS_GUARDED_BY(mutex_);
  bool cancelled_ VAGUS_GUARDED_BY(mutex_) = false;
  bool secured_ VAGUS_GUARDED_BY(mutex_) = false;
  bool greeted_ VAGUS_GUARDED_BY(mutex_) = false;
};

}  // namespace vagus::transport::stream
