#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "common/link_count.hpp"
#include "datagram/conversation.hpp"
#include "datagram/greeting.hpp"
#include "datagram/options.hpp"
#include "datagram/port.hpp"

namespace vagus::transport::datagram {

/// Answers those that say hello, and makes links of those that then use the number that the answer gave
/// them: so they are where they say that they are. What has been answered and has not come back is kept for a
/// few seconds, and of these the oldest goes when there are too many. Made by make_shared. What is not
/// analysed is called while the mutex of the port is held.
class Acceptor final : public Door {
 public:
  Acceptor(Port& port, const Options& options, const LinkTraits& traits, bool takes_plain,
           LinkHandler accepted);

  /// Afterwards the handler is not running and is not called again; the port's door is closed before.
  void close() noexcept { gate_->close(); }

  bool on_frame(const Address& from, const Frame& frame, Calls& calls) override;
  void on_message(const Address& from, const wire::Message& message, std::span<const std::byte> datagram,
                  Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS override;
  void on_refused(const Address& from, Calls& calls) override;

 private:
  struct Answered {
    Address address;
    Greeting question;
    std::uint64_t link;
    TimePoint at;
  };

  void answer(const Address& from, const wire::Message& message, std::size_t room,
              Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  std::uint64_t number_for(const Address& from, Greeting question);
  void forget_old(TimePoint now);
  void greet_plain(const Address& from, const wire::Message& message, std::span<const std::byte> datagram,
                   Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  std::shared_ptr<void> take_place(const Address& from);
  std::shared_ptr<Conversation> begin(Parties parties, Calls& calls) VAGUS_NO_THREAD_SAFETY_ANALYSIS;
  std::string who(const Address& address) const;
  void log_turned_away(const Address& from, const std::string& why);

  Port& port_;  // which holds us
  const Options options_;
  const LinkTraits& traits_;
  const bool takes_plain_;
  const std::shared_ptr<LinkCount> links_;
  const std::shared_ptr<CallGate> gate_ = std::make_shared<CallGate>();
  const std::shared_ptr<const LinkHandler> accepted_;

  // Guarded by the mutex of the port.
  std::list<Answered> answered_;  // the oldest first
  TimePoint next_line_{};         // of the log about who was turned away
  std::uint64_t unlogged_ = 0;    // that were turned away since the last one
};

}  // namespace vagus::transport::datagram
