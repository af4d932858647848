#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <vagus/transport/link.hpp>

namespace vagus::transport::stream {

/// What an attempt to move bytes came to.
struct Transfer {
  enum class Status : std::uint8_t {
    done,   ///< `size` bytes, at least one
    again,  ///< nothing now: try again when the descriptor is ready for `events`
    ended,  ///< the peer sends no more; of writing: it takes no more
    failed  ///< `error`
  };
  Status status = Status::again;
  std::size_t size = 0;
  short events = 0;  ///< POLLIN, POLLOUT, or both
  ErrorPtr error;

  static Transfer of(std::size_t size) noexcept { return {Status::done, size, 0, nullptr}; }
  static Transfer again_on(short events) noexcept { return {Status::again, 0, events, nullptr}; }
  static Transfer end() noexcept { return {Status::ended, 0, 0, nullptr}; }
  static Transfer failure(ErrorPtr error) noexcept { return {Status::failed, 0, 0, std::move(error)}; }
};

/// Bytes to and from one peer over a connected socket that never waits; what lies between the link and the
/// socket, such as encryption, is one more of these.
///
/// Threads: one at a time reads and one at a time writes, which may be two different ones at once. The others
/// are safe from any thread, but handshake(), which comes first.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// To wait on; the stream's own, valid as long as it.
  virtual int descriptor() const noexcept = 0;

  /// What has to happen ahead of the first byte; called until it is done, ended or failed.
  virtual Transfer handshake() { return Transfer::of(1); }

  virtual Transfer read(std::span<std::byte> into) = 0;
  /// May read() find anything, which has found nothing before? To be asked again and again, so it must not
  /// keep others from writing. By whoever reads.
  virtual bool may_have_input() const noexcept { return true; }
  /// Writes as much as is taken now. What was not taken is given again later, at another address maybe.
  virtual Transfer write(std::span<const std::byte> bytes) = 0;

  /// Is there something to read whose bytes have left the socket already? By whoever reads.
  virtual bool has_buffered() const noexcept { return false; }
  /// Tells the peer that nothing more comes; waits for nothing.
  virtual void finish_writing() noexcept = 0;
  /// Whether bytes on their way to the peer can be lost if the socket is closed while it still sends.
  virtual bool lingers() const noexcept = 0;

  virtual const LinkTraits& traits() const noexcept = 0;
  virtual Credentials credentials() const noexcept = 0;
  /// The peer, for messages: "process 12 of user 1000", "127.0.0.1:40112".
  virtual const std::string& peer() const noexcept = 0;
};

}  // namespace vagus::transport::stream
