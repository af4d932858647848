#pragma once

#include <exception>
#include <memory>
#include <string>

#include <vagus/transport/link.hpp>

#include "common/spin.hpp"
#include "stream/stream_state.hpp"
#include "stream/trial.hpp"

namespace vagus::transport::stream {

/// All that a link is made of.
struct StreamLinkParts {
  wire::Hello peer_hello;
  std::size_t max_sent_size = 0;      ///< of a message
  std::size_t max_received_size = 0;  ///< of a message
  bool compresses = false;            ///< large messages, as both ends have said
  WaitPolicy wait_policy = WaitPolicy::adaptive;
  std::shared_ptr<StreamState> state;
  std::shared_ptr<void> place;  ///< among the links of a listener
};

/// A link over a stream of bytes.
///
/// What is sent waits in one piece of memory and is written as soon as the system takes it: by whoever sends,
/// by whoever waits here, else by the event loop. So a message is never sent in part, and push() has nothing
/// to do. While messages come in several at a time, what is sent is gathered for some microseconds (see
/// StreamState::commit()).
class StreamLink final : public Link {
 public:
  explicit StreamLink(StreamLinkParts parts);
  ~StreamLink() override;
  StreamLink(const StreamLink&) = delete;
  StreamLink& operator=(const StreamLink&) = delete;

  const LinkTraits& traits() const noexcept override { return state_.stream().traits(); }
  const wire::Hello& peer_hello() const noexcept override { return parts_.peer_hello; }
  Credentials peer_credentials() const noexcept override { return state_.stream().credentials(); }
  std::size_t max_message_size() const noexcept override { return parts_.max_sent_size; }
  void start(LinkObserver& observer) override { state_.start(observer); }

  const void* lender() const noexcept override { return nullptr; }
  std::shared_ptr<wire::Block> borrow(std::size_t /*size*/) override { return nullptr; }

  using Link::try_claim;
  ClaimStatus try_claim(std::size_t size, Slot& slot, Blocks blocks) override;
  bool commit(Slot& slot, std::size_t used) override;
  bool push(Slot& slot) override;
  void abandon(Slot& slot) noexcept override;
  void wait_writable(Deadline deadline) override { state_.wait_writable(deadline); }
  bool arm_writable() override { return state_.arm_writable(); }

  std::optional<std::span<const std::byte>> try_receive() override;
  wire::ReceivedBlock attached(std::uint32_t /*place*/) override { return {}; }
  std::shared_ptr<const void> keep() override { return nullptr; }
  void release() override;
  void disarm() override { state_.disarm(); }
  void wait_readable(Deadline deadline, bool or_writable) override;
  bool arm() override;

  void interrupt() noexcept override { state_.call_sleepers(); }
  void close(const ErrorPtr& reason) noexcept override { state_.end(reason); }
  void stop() noexcept override { state_.stop(); }

 private:
  using Message = std::optional<std::span<const std::byte>>;

  bool looks_on(bool or_writable);
  bool look_on(Deadline deadline);
  Message next_message();
  bool fill();
  void end_of_input(const Transfer& transfer);
  Message decompress(std::span<const std::byte> message);
  void end_for(const std::string& violation);
  void end_unable_to_receive(const std::exception& why);

  StreamLinkParts parts_;
  StreamState& state_;  // parts_.state
  // All of the reader role.
  short read_events_;
  bool drained_ = false;        // nothing was left when the stream was last read
  bool empty_ = false;          // nothing was there when it was last read, before any wait
  unsigned taken_ = 0;          // messages since then
  Trial looking_on_{2};         // instead of sleeping at once
  bool input_over_ = false;     // nothing more is read
  bool violated_ = false;       // nor is what was read looked at
  std::size_t late_bytes_ = 0;  // that were read after the link had ended
};

}  // namespace vagus::transport::stream
