/// Which peer may do what.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

namespace vagus {

/// Some peers, and what they may do. Names are patterns: `machine.x.status` is that method or event,
/// `machine.*` whatever lies directly below `machine`, `machine.**` the API `machine` and all below it, `**`
/// everything.
struct Permission {
  // Whom it is for: peers of which all that is given here is true. Nothing given: everybody.

  std::optional<std::string> user = std::nullopt;  ///< logged in under this name (see Users), or `*`: any
  std::optional<std::string> certificate =
      std::nullopt;                                    ///< shown a TLS certificate of this name, or `*`: any
  std::optional<std::int64_t> user_id = std::nullopt;  ///< a process of this UNIX user, on this machine
  std::optional<std::int64_t> group_id =
      std::nullopt;  ///< of this group: the process's own, not a further one

  // What they may do.

  std::vector<std::string> call = {};    ///< methods that they may call, and events that they may send here
  std::vector<std::string> listen = {};  ///< events of this side that they may hear
  /// Methods and events whose being here they may know of, beyond what they may call. With `**` also the
  /// peers of this side, and they may have latencies measured: see ApiArb::stats_of().
  std::vector<std::string> describe = {};
  /// Methods that they may handle for this side: without it, a peer that says that it handles one is not
  /// believed, and no call of this side goes there.
  std::vector<std::string> handle = {};
};

/// A list of permissions: what one of them allows is allowed, all else is not. A plain value.
///
///     const vagus::Permissions permissions{
///         {.user = "anna", .call = {"machine.**"}, .listen = {"machine.**"}},
///         {.certificate = "panel.example.org", .call = {"machine.*.status"}, .listen = {"machine.*.moved"}},
///         {.user_id = 0, .call = {"**"}, .listen = {"**"}, .describe = {"**"}, .handle = {"**"}}};
///     vagus::ApiArb arb(vagus::listen("shm://mill"), {.permissions = permissions});
class Permissions {
 public:
  /// Nobody may do anything.
  Permissions() = default;
  /// Throws ApiParamError that says which permission has an empty name, a negative id or a pattern that is
  /// none.
  Permissions(std::initializer_list<Permission> permissions);
  explicit Permissions(std::vector<Permission> permissions);

  const std::vector<Permission>& list() const noexcept { return list_; }

 private:
  std::vector<Permission> list_;
};

}  // namespace vagus
