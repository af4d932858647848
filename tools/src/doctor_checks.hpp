/// The steps of `vagus doctor`.
#pragma once

#include <optional>
#include <string>

#include <vagus/transport/local_address.hpp>
#include <vagus/vagus.hpp>

#include "diagnosis.hpp"

namespace vagus::tools {

/// What can be seen of an address without connecting; none if it is not on this machine alone.
std::optional<transport::LocalAddress> check_address(Diagnosis& diagnosis, const Url& url);

/// What to do if this process does not answer: as far as /proc tells why.
std::string silence_remedy(const transport::Credentials& listener);

/// Is there anything that this side may call or hear?
void check_offer(Diagnosis& diagnosis, const Description& told);

/// Limits, memory and folders of this process; can it make a link to itself?
void check_surroundings(Diagnosis& diagnosis);

}  // namespace vagus::tools
