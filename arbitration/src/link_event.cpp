#include <vagus/arbitration/link_event.hpp>

namespace vagus {

const char* to_string(LinkState state) noexcept {
  switch (state) {
    case LinkState::connecting:
      return "connecting";
    case LinkState::open:
      return "open";
    case LinkState::disconnected:
      return "disconnected";
    case LinkState::closed:
      return "closed";
  }
  return "?";
}

}  // namespace vagus
