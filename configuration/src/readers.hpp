/// The parts of a file, each read by one function into what it means.
#pragma once

#include <string>
#include <vector>

#include "settings.hpp"
#include "table_reader.hpp"

namespace vagus {

/// `[[listen]]` or `[[connect]]`, whose names no other may have. `folder`: where secrets are looked for.
void read_endpoints(TableReader& top, Side side, const std::string& folder,
                    std::vector<EndpointSettings>& endpoints);

/// `[[permissions]]`; none if there is no such list.
std::optional<Permissions> read_permissions(TableReader& top);

/// `[[users]]`; none if there is no such list.
std::optional<Users> read_users(TableReader& top, const std::string& folder);

/// `[api.*]`.
std::vector<ApiSettings> read_apis(TableReader& top, const std::vector<EndpointSettings>& endpoints);

/// The `methods` and `events` of an API, whose names have been read.
std::vector<MemberSettings> read_members(TableReader& table, const ApiSettings& api);

/// What is wrong with the whole name of a part, a method or an event.
std::string too_long(const std::string& name_space);

/// A secret that does not stand in the file: `<key>_file` or `<key>_env`, of which there may be one.
std::optional<PlacedText> read_secret(TableReader& table, const std::string& key, const std::string& folder);

}  // namespace vagus
