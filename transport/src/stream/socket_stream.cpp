#include "stream/socket_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "posix/system_error.hpp"

namespace vagus::transport::stream {

Transfer SocketStream::read(std::span<std::byte> into) {
  for (;;) {
    const ssize_t size = ::recv(socket_.get(), into.data(), into.size(), MSG_DONTWAIT);
    if (size > 0) return Transfer::of(static_cast<std::size_t>(size));
    if (size == 0) return Transfer::end();
    if (errno == EAGAIN) return Transfer::again_on(POLLIN);
    if (errno != EINTR) return failure("recv", errno);
  }
}

Transfer SocketStream::write(std::span<const std::byte> bytes) {
  for (;;) {
    const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (size >= 0) return Transfer::of(static_cast<std::size_t>(size));
    if (errno == EAGAIN) return Transfer::again_on(POLLOUT);
    if (errno == EPIPE || errno == ECONNRESET) return Transfer::end();
    if (errno != EINTR) return failure("send", errno);
  }
}

void SocketStream::finish_writing() noexcept {
  // A peer that is gone already needs no notice.
  ::shutdown(socket_.get(), SHUT_WR);
}

Transfer SocketStream::failure(const char* call, int error_number) const {
  if (error_number == ECONNRESET) {
    return Transfer::failure(make_error<TransportDisconnectedError>(
        "the peer, " + peer_.text + ", closed the connection without reading all it was sent, or died"));
  }
  return Transfer::failure(make_error<TransportDisconnectedError>(
      "the connection to the peer, " + peer_.text +
      ", is lost: " + posix::describe(call, peer_.text, error_number)));
}

}  // namespace vagus::transport::stream
