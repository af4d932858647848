#pragma once

#include <string>

#include "posix/file_descriptor.hpp"
#include "stream/byte_stream.hpp"

namespace vagus::transport::stream {

/// Who is at the other end of a socket, and what its links can promise. `traits` lives for ever.
struct StreamPeer {
  const LinkTraits* traits = nullptr;
  Credentials credentials;
  std::string text;
  bool lingers = false;  ///< see ByteStream
};

/// A socket as it is.
class SocketStream final : public ByteStream {
 public:
  SocketStream(posix::FileDescriptor socket, StreamPeer peer)
      : socket_(std::move(socket)), peer_(std::move(peer)) {}

  int descriptor() const noexcept override { return socket_.get(); }
  Transfer read(std::span<std::byte> into) override;
  Transfer write(std::span<const std::byte> bytes) override;
  void finish_writing() noexcept override;
  bool lingers() const noexcept override { return peer_.lingers; }
  const LinkTraits& traits() const noexcept override { return *peer_.traits; }
  Credentials credentials() const noexcept override { return peer_.credentials; }
  const std::string& peer() const noexcept override { return peer_.text; }

 private:
  Transfer failure(const char* call, int error_number) const;

  const posix::FileDescriptor socket_;
  const StreamPeer peer_;
};

}  // namespace vagus::transport::stream
