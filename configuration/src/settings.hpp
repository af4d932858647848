/// What a file says, as plain data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/api/api_options.hpp>
#include <vagus/arbitration/arb_options.hpp>
#include <vagus/arbitration/permissions.hpp>
#include <vagus/arbitration/users.hpp>
#include <vagus/transport/endpoint.hpp>
#include <vagus/wire/value.hpp>

#include "document.hpp"

namespace vagus {

struct ParameterSettings {
  std::string name;
  std::string type;
  std::optional<Value> default_value;
};

/// A method or an event.
struct MemberSettings {
  Place place;
  std::string key;   ///< with that of its API before it: `machine.x.move_to`
  std::string name;  ///< without
  bool event = false;
  std::string docs;
  std::vector<ParameterSettings> parameters;
  std::string result = "void";
  std::string reports;
  CallDefaults defaults;
  std::optional<bool> serial;
  std::optional<bool> idempotent;
  std::optional<bool> hidden;

  MethodOptions options(MethodOptions otherwise) const;
};

/// An API, or a part of one.
struct ApiSettings {
  Place place;
  std::string key;                        ///< by which the program asks for it: `machine`, `machine.x`
  std::string name_space;                 ///< what it is called on the wire
  std::optional<Place> name_space_place;  ///< none: it is not said, but follows from the key
  std::string name;                       ///< of a part: without that of the API that it is in
  bool root = true;
  std::optional<std::string> docs;
  std::optional<std::string> version;
  std::optional<unsigned> workers;
  CallDefaults defaults;
  std::optional<bool> serial;
  std::optional<std::size_t> queue;
  std::optional<std::size_t> down_capacity;
  std::optional<WhenQueueFull> down_when_full;
  std::string peer;
  std::optional<Place> peer_place;  ///< none: it is not said
  std::vector<MemberSettings> members;
  std::vector<ApiSettings> parts;

  /// Is anything said besides `namespace` and `peer`?
  bool has_more = false;

  /// Refers to texts of this.
  ApiOptions options(ApiOptions otherwise) const;
};

struct EndpointSettings {
  Place place;
  Endpoint endpoint;
};

struct Settings {
  std::string file;
  std::string name;
  ArbOptions options;  ///< without anything that it would refer to
  std::vector<EndpointSettings> endpoints;
  std::optional<Permissions> permissions;
  std::optional<Users> users;
  Place users_place;
  std::vector<ApiSettings> apis;

  /// By its key, a part too; null if there is none.
  const ApiSettings* api(std::string_view key) const;
  const MemberSettings* member(std::string_view key) const;
};

/// Throws ConfigurationError with all that is wrong. `folder`: where files that it names are looked for.
Settings read_settings(std::string_view text, const std::string& file, const std::string& folder);

}  // namespace vagus
