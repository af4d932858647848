#pragma once

#include <memory>
#include <string>
#include <utility>

#include "stream/stream_acceptor.hpp"
#include "stream/stream_connecting.hpp"

namespace vagus::transport::stream {

/// Listens for as long as it lives. `Address`: what owns the address, and goes after the socket.
template <typename Address>
class StreamListener final : public Listener {
 public:
  StreamListener(std::string url, std::unique_ptr<Address> address, std::shared_ptr<StreamAcceptor> acceptor)
      : url_(std::move(url)), address_(std::move(address)), acceptor_(std::move(acceptor)) {
    acceptor_->start();
  }
  ~StreamListener() override { acceptor_->close(); }
  StreamListener(const StreamListener&) = delete;
  StreamListener& operator=(const StreamListener&) = delete;

  std::string url() const override { return url_; }

 private:
  const std::string url_;
  const std::unique_ptr<Address> address_;
  const std::shared_ptr<StreamAcceptor> acceptor_;
};

/// One attempt to connect; given up when it is destroyed.
class StreamAttempt final : public Connecting {
 public:
  /// Begins on a thread of the loop.
  StreamAttempt(EventLoop& loop, std::shared_ptr<StreamConnecting> attempt) : attempt_(std::move(attempt)) {
    loop.post([attempt = attempt_] { attempt->run(); });
  }
  ~StreamAttempt() override { attempt_->cancel(); }
  StreamAttempt(const StreamAttempt&) = delete;
  StreamAttempt& operator=(const StreamAttempt&) = delete;

 private:
  const std::shared_ptr<StreamConnecting> attempt_;
};

}  // namespace vagus::transport::stream
