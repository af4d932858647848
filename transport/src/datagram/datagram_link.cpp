#include "datagram/datagram_link.hpp"

namespace vagus::transport::datagram {

ClaimStatus DatagramLink::try_claim(std::size_t size, Slot& slot, Blocks) {
  if (size > conversation_->max_message_size()) return ClaimStatus::too_large;
  if (conversation_->ended()) return ClaimStatus::closed;
  datagram_.resize(Frame::size + size);
  slot.bytes = std::span(datagram_).subspan(Frame::size);
  return ClaimStatus::claimed;
}

bool DatagramLink::commit(Slot&, std::size_t used) {
  datagram_.resize(Frame::size + used);
  return conversation_->send(datagram_);
}

bool DatagramLink::push(Slot&) { return conversation_->send(datagram_); }

}  // namespace vagus::transport::datagram
