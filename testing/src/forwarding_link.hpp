#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <vagus/transport/link.hpp>

namespace vagus::testing {

/// A link that leaves all to the one inside, but for what a class derived from it does by itself. That class
/// stops it in its own destructor, if it has what is needed until then.
class ForwardingLink : public transport::Link {
 public:
  explicit ForwardingLink(std::unique_ptr<transport::Link> inner) : inner_(std::move(inner)) {}
  ~ForwardingLink() override { ForwardingLink::stop(); }
  ForwardingLink(const ForwardingLink&) = delete;
  ForwardingLink& operator=(const ForwardingLink&) = delete;

  const transport::LinkTraits& traits() const noexcept override { return inner_->traits(); }
  const wire::Hello& peer_hello() const noexcept override { return inner_->peer_hello(); }
  transport::Credentials peer_credentials() const noexcept override { return inner_->peer_credentials(); }
  std::size_t max_message_size() const noexcept override { return inner_->max_message_size(); }
  void start(transport::LinkObserver& observer) override { inner_->start(observer); }

  const void* lender() const noexcept override { return inner_->lender(); }
  std::shared_ptr<wire::Block> borrow(std::size_t size) override { return inner_->borrow(size); }

  using Link::try_claim;
  transport::ClaimStatus try_claim(std::size_t size, transport::Slot& slot,
                                   transport::Blocks blocks) override {
    return inner_->try_claim(size, slot, blocks);
  }
  bool commit(transport::Slot& slot, std::size_t used) override { return inner_->commit(slot, used); }
  bool push(transport::Slot& slot) override { return inner_->push(slot); }
  void abandon(transport::Slot& slot) noexcept override { inner_->abandon(slot); }
  void wait_writable(Deadline deadline) override { inner_->wait_writable(deadline); }
  bool arm_writable() override { return inner_->arm_writable(); }

  std::optional<std::span<const std::byte>> try_receive() override { return inner_->try_receive(); }
  wire::ReceivedBlock attached(std::uint32_t place) override { return inner_->attached(place); }
  std::shared_ptr<const void> keep() override { return inner_->keep(); }
  void release() override { inner_->release(); }
  void disarm() override { inner_->disarm(); }
  void wait_readable(Deadline deadline, bool or_writable) override {
    inner_->wait_readable(deadline, or_writable);
  }
  bool arm() override { return inner_->arm(); }

  void interrupt() noexcept override { inner_->interrupt(); }
  void close(const ErrorPtr& reason) noexcept override { inner_->close(reason); }
  void stop() noexcept override { inner_->stop(); }

 private:
  const std::unique_ptr<transport::Link> inner_;
};

}  // namespace vagus::testing
