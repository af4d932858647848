#pragma once

#include <memory>

#include <vagus/core/bytes.hpp>

#include "datagram/conversation.hpp"

namespace vagus::transport::datagram {

/// A link whose messages are one datagram each.
class DatagramLink final : public Link {
 public:
  /// `traits` live as long as the program.
  DatagramLink(std::shared_ptr<Conversation> conversation, const LinkTraits& traits)
      : conversation_(std::move(conversation)), traits_(traits) {}
  ~DatagramLink() override { conversation_->stop(); }
  DatagramLink(const DatagramLink&) = delete;
  DatagramLink& operator=(const DatagramLink&) = delete;

  const LinkTraits& traits() const noexcept override { return traits_; }
  const wire::Hello& peer_hello() const noexcept override { return conversation_->hello(); }
  Credentials peer_credentials() const noexcept override {
    Credentials credentials;
    credentials.address = conversation_->address().address().to_string();
    return credentials;
  }
  std::size_t max_message_size() const noexcept override { return conversation_->max_message_size(); }

  void start(LinkObserver& observer) override { conversation_->start(observer); }

  const void* lender() const noexcept override { return nullptr; }
  std::shared_ptr<wire::Block> borrow(std::size_t) override { return nullptr; }

  ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks) override;
  bool commit(Slot& slot, std::size_t used) override;
  bool push(Slot& slot) override;
  void abandon(Slot&) noexcept override {}
  void wait_writable(Deadline deadline) override { conversation_->wait_writable(deadline); }
  bool arm_writable() override { return conversation_->arm_writable(); }

  std::optional<std::span<const std::byte>> try_receive() override { return conversation_->try_receive(); }
  wire::ReceivedBlock attached(std::uint32_t) override { return {}; }
  std::shared_ptr<const void> keep() override { return nullptr; }
  void release() override { conversation_->release(); }
  void disarm() override { conversation_->disarm(); }
  void wait_readable(Deadline deadline, bool or_writable) override {
    conversation_->wait_readable(deadline, or_writable);
  }
  bool arm() override { return conversation_->arm(); }

  void interrupt() noexcept override { conversation_->interrupt(); }
  void close(const ErrorPtr& reason) noexcept override { conversation_->close(reason); }
  void stop() noexcept override { conversation_->stop(); }

 private:
  const std::shared_ptr<Conversation> conversation_;
  const LinkTraits& traits_;
  Bytes datagram_;  // belongs to the send turn: room for the frame, and the message
};

/// What holds for every link over datagrams.
constexpr LinkTraits traits_of(const char* scheme) {
  return {.scheme = scheme,
          .sees_death = false,
          .crosses_processes = true,
          .reliable = false,
          .largest_message = 65'507 - Frame::size};
}

}  // namespace vagus::transport::datagram
