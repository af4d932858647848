/// One of the two processes under load: a head or a body, told by the driver what to do.
///
///     driver says         the side does                                    and says
///     prove               makes a call of each kind                        proven
///     arm POINT N SIGNAL  has the n-th passage of a point raise a signal   armed
///     disarm              has it raise none any more                       disarmed
///     settle              looks that nothing is left of a lost peer        settled
///     peer_ends           allows the peer to refuse calls                  ready
///     end                 stops, looks that nothing is left, exits         ended
///
/// By itself it says `open PID` for a new peer, `lost PID NANOSECONDS` when a call that was pending to it has
/// failed, and `fault TEXT` for whatever should not be.
#pragma once

#include <cstdint>
#include <string>

namespace vagus::chaos {

enum class Role : std::uint8_t { body, head };

constexpr const char* to_string(Role role) noexcept { return role == Role::body ? "body" : "head"; }
constexpr Role opposite(Role role) noexcept { return role == Role::body ? Role::head : Role::body; }

/// Returns the exit status of the process.
int run_side(Role role, const std::string& url, std::uint64_t seed);

}  // namespace vagus::chaos
