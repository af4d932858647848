/// What one peer may do.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <vagus/arbitration/permissions.hpp>
#include <vagus/transport/link.hpp>

#include "interest.hpp"
#include "name_pattern.hpp"
#include "routing_table.hpp"

namespace vagus {

/// Does the permission concern a peer that is known by these credentials, and has logged in as `user`?
bool concerns(const Permission& permission, const transport::Credentials& credentials, std::string_view user);

/// The permissions of a list that concern one peer. All but may_call() is safe from any thread.
class PeerRights {
 public:
  PeerRights(const Permissions& permissions, const transport::Credentials& credentials,
             std::string_view user);

  /// By one thread at a time, the reader of the peer's link: remembers what it was asked.
  bool may_call(std::string_view name_space);

  bool may_listen(std::string_view name_space) const noexcept;
  bool may_handle(std::string_view name_space) const noexcept;
  /// May it know that this is there, or that something below it is?
  bool may_know(std::string_view name_space) const noexcept;
  bool may_know_below(std::string_view name_space) const noexcept;
  /// Has it been said that it may describe this?
  bool may_describe(std::string_view name_space) const noexcept;
  bool may_describe_everything() const noexcept;

  /// Takes out of what the peer announces what it may not have; gives the events that it may not hear. That
  /// it handles what it may not is no trespass: an honest peer tells everybody of all that it handles.
  std::vector<std::string> restrict_announced(Interest& interest) const;
  /// Takes out of what this side announces what the peer may not know.
  void restrict_told(Interest& interest) const;

 private:
  using Patterns = std::vector<NamePattern>;

  Patterns call_;
  Patterns listen_;
  Patterns describe_;
  Patterns handle_;
  NameMap<bool> asked_;  // belongs to the reader
};

}  // namespace vagus
