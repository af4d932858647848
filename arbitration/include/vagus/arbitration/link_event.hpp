/// What becomes of the links.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/core/error.hpp>
#include <vagus/core/peer.hpp>

namespace vagus {

enum class LinkState : std::uint8_t {
  connecting,    ///< looking for the peer, first; again with why it failed though somebody is there
  open,          ///< both sides know what the other handles: calls go through
  disconnected,  ///< lost; comes back to open by itself where this side connects
  closed         ///< final: the ApiArb was stopped
};

const char* to_string(LinkState state) noexcept;

/// One change of one link.
struct LinkEvent {
  LinkState state = LinkState::connecting;
  std::string url;              ///< of our endpoint
  Peer peer;                    ///< who it is or was; its id is 0 while nobody was ever there
  ErrorPtr reason;              ///< of disconnected, closed and a failed attempt; else empty
  bool peer_restarted = false;  ///< of open: it is not the incarnation that was there before
};

}  // namespace vagus
