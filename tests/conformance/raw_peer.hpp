/// Peers that greet as their transport wants it, and from then on say what a test likes.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/core/event_loop.hpp>
#include <vagus/transport/transport.hpp>
#include <vagus/wire/value.hpp>

#include "support/core/flag.hpp"

namespace vagus::testing {

/// The bytes of a message, such as `Value::Array{2, "sample.ticked", Value::Array{1}}`.
Bytes bytes_of(const Value& message);

/// One end of a link. It reads only when it is told to.
class RawLink final : private transport::LinkObserver {
 public:
  explicit RawLink(std::unique_ptr<transport::Link> link);
  ~RawLink() override;
  RawLink(const RawLink&) = delete;
  RawLink& operator=(const RawLink&) = delete;

  /// Sends one message, whatever it is; waits for space. Throws if there is none in time or the link has
  /// ended.
  void send_bytes(std::span<const std::byte> message);
  void send(const Value& message) { send_bytes(bytes_of(message)); }

  /// Tells what it handles and listens to, and so opens the link.
  void open(const Value::Array& handles = {}, const Value::Array& listens = {});

  /// The next message, waited for; none once the link has ended and all was read.
  std::optional<Value> receive();
  std::optional<Bytes> receive_bytes();
  /// The same, but for what peers tell each other of themselves.
  std::optional<Value> receive_call();

  /// Waits for the end of the link; why it ended, as this side sees it.
  ErrorPtr await_closed();
  bool closed() const { return closed_.raised(); }

 private:
  void on_readable() override {}
  void on_writable() override {}
  void on_closed(const ErrorPtr& reason) override;

  Flag closed_;
  ErrorPtr reason_;  // written before closed_ is raised
  const std::unique_ptr<transport::Link> link_;
};

/// What a transport needs, with one thread to run its event loop.
class RawSide {
 public:
  /// `version` 0: one that has said no hello.
  explicit RawSide(wire::Role role, std::uint32_t version = 1, std::vector<std::string> capabilities = {},
                   std::uint64_t max_message_size = wire::Limits{}.message_size);
  ~RawSide();
  RawSide(const RawSide&) = delete;
  RawSide& operator=(const RawSide&) = delete;

  transport::TransportContext context() { return {loop_, log_, hello_, {}}; }
  static std::shared_ptr<transport::Transport> transport_of(const Url& url);

 private:
  wire::Hello hello_;
  Log log_;
  EventLoop loop_;
  std::thread thread_;
};

/// A head that has connected.
class RawHead {
 public:
  /// Throws if nobody lets it in.
  explicit RawHead(const std::string& url, std::uint32_t version = 1,
                   std::uint64_t max_message_size = wire::Limits{}.message_size);

  RawLink* operator->() { return link_.get(); }
  RawLink& operator*() { return *link_; }

 private:
  RawSide side_;
  std::unique_ptr<RawLink> link_;
};

/// A body that listens.
class RawBody {
 public:
  explicit RawBody(const std::string& url, std::uint32_t version = 1,
                   std::vector<std::string> capabilities = {});

  /// The next link, waited for.
  std::unique_ptr<RawLink> accept();

 private:
  std::mutex mutex_;
  std::condition_variable accepted_;
  RawSide side_;
  std::vector<std::unique_ptr<transport::Link>> links_;  // guarded by mutex_
  std::unique_ptr<transport::Listener> listener_;
};

}  // namespace vagus::testing
