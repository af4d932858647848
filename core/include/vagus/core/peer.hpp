/// Who is at the other end of a link.
#pragma once

#include <cstdint>
#include <string>

#include <vagus/core/transaction_id.hpp>

namespace vagus {

/// One peer, as it was when this value was made. To be given to `.to()`; says nothing about whether it is
/// still there.
struct Peer {
  std::uint64_t id = 0;  ///< unique within the ApiArb, never used again
  std::string name;  ///< what it calls itself in its hello, but for control characters; a plain peer gets one
                     ///< here, such as `plain-3`
  std::string
      endpoint;  ///< the name of our endpoint that it is connected through, `connect(url).named("left")`
  Side side = Side::head;         ///< its side of the link
  std::uint64_t incarnation = 0;  ///< random; another one after a restart
  std::int64_t process_id = -1;   ///< -1 where the transport cannot vouch for it
  std::int64_t user_id = -1;
  bool plain = false;            ///< speaks MessagePack-RPC and no more: it has said no hello
  std::string user = {};         ///< logged in under this name; empty: not at all
  std::string certificate = {};  ///< the name in the certificate that it has shown; empty: none

  friend bool operator==(const Peer& a, const Peer& b) noexcept { return a.id == b.id; }
};

}  // namespace vagus
