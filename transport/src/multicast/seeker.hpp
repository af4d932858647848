#pragma once

#include <cstdint>
#include <memory>

#include <vagus/core/bytes.hpp>
#include <vagus/core/event_loop.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "common/link_count.hpp"
#include "datagram/conversation.hpp"
#include "datagram/port.hpp"
#include "multicast/group.hpp"

namespace vagus::transport::multicast {

/// Says hello to a group, again and again for as long as it lives, and makes a link of each member that
/// answers. Made by make_shared.
class Seeker final : public datagram::Door, public std::enable_shared_from_this<Seeker> {
 public:
  Seeker(std::shared_ptr<datagram::Port> port, const Group& group, const LinkTraits& traits,
         LinkHandler accepted);

  void start();
  /// Asks no more; afterwards the handler is not running and is not called again. The port's door is closed
  /// before.
  void close() noexcept;

  bool on_frame(const datagram::Address&, const datagram::Frame&, datagram::Calls&) override { return false; }
  void on_message(const datagram::Address& from, const wire::Message& message,
                  std::span<const std::byte> datagram, datagram::Calls& calls)
      VAGUS_NO_THREAD_SAFETY_ANALYSIS override;  // the port's mutex is held
  void on_refused(const datagram::Address&, datagram::Calls&) override {}

 private:
  void ask();

  const std::weak_ptr<datagram::Port> port_;  // which holds us
  const Group group_;
  const LinkTraits& traits_;
  const LinkHandler accepted_;
  const std::shared_ptr<LinkCount> links_;
  const std::uint64_t link_;  // the number of all links, which the addresses of the members tell apart
  const Bytes question_;
  CallGate gate_;
  Timer again_;
  Duration pause_;  // of the one call of ask() that is under way
};

}  // namespace vagus::transport::multicast
