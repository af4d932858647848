/// What is told of an API to those who ask what there is here.
#pragma once

#include <functional>
#include <string_view>

#include <vagus/api/api_root.hpp>
#include <vagus/api/description.hpp>

#include "name_pattern.hpp"
#include "peer_rights.hpp"
#include "routing_table.hpp"

namespace vagus {

/// Gathers the part of a description that a pattern asks for and a peer may know.
class Describing {
 public:
  /// `rights` null: everything may be known. A hidden member is told of to who asks for its whole name, or
  /// has a right to describe it. Both have to outlive this.
  Describing(const NamePattern& pattern, const PeerRights* rights) : pattern_(pattern), rights_(rights) {}

  void add(const detail::ApiRoot& root, const RoutingTable& routing);
  /// Something that is handled, and that its API may not have declared.
  void add_handled(const Route& route);
  /// In the order of their names.
  Description take();

  /// May it be told of a member, and was it asked for? The same of an API, or of something below it.
  bool wanted(const std::string& name_space, bool is_hidden) const;
  bool wanted_part(const std::string& name_space) const;

 private:
  void add_member(MemberDescription member, const detail::Signature& signature,
                  const detail::ParameterList& parameters);

  const NamePattern& pattern_;
  const PeerRights* const rights_;
  Description description_;
};

}  // namespace vagus
