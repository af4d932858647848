/// A tree of APIs as data: what a peer tells of itself when it is asked with `$describe`.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/wire/type_shape.hpp>
#include <vagus/wire/value.hpp>

namespace vagus {

/// One parameter of a method or event.
struct ParameterDescription {
  std::string name;                    ///< empty if none was given
  std::string type;                    ///< as wire::type_name() has it
  std::optional<Value> default_value;  ///< none: it has to be given

  friend bool operator==(const ParameterDescription&, const ParameterDescription&) = default;
};

/// A method or an event.
struct MemberDescription {
  std::string name_space;
  bool event = false;
  std::string docs;
  std::vector<ParameterDescription> parameters;
  std::string result = "void";  ///< its type
  std::string reports;          ///< the type of what comes ahead of the result; empty if none was declared
  /// Tells whether two builds agree about it: a hash of `signature`.
  std::uint64_t shape = 0;
  /// All types spelled out, see wire::TypeWalk, `?` behind those of parameters that may be left out:
  /// `(double, double?) -> {position_mm: double, moving: bool}`.
  std::string signature;
  bool handled = false;     ///< by this peer, now; never an event
  bool declared = true;     ///< false: a handler was set for it by its name, and no contract says more
  bool idempotent = false;  ///< see MethodOptions
  bool hidden = false;      ///< see MethodOptions

  friend bool operator==(const MemberDescription&, const MemberDescription&) = default;
};

/// An API, or a part of one.
struct ApiDescription {
  std::string name_space;  ///< empty for an API of plain names
  std::string docs;
  std::string version;   ///< of a root API
  bool root = true;      ///< false: a part of the one above it
  unsigned workers = 1;  ///< of a root API: so many of its handlers run at once; 0: inline

  friend bool operator==(const ApiDescription&, const ApiDescription&) = default;
};

/// What one process offers, or that part of it that was asked for. A plain value.
struct Description {
  std::string name;     ///< of the ApiArb
  std::string library;  ///< its version of Vagus: `1.2.3`
  std::int64_t process_id = -1;
  Duration uptime = {};              ///< since its ApiArb was made
  std::vector<ApiDescription> apis;  ///< in the order of their namespaces, as all that follows
  std::vector<MemberDescription> members;
  std::vector<wire::TypeDescription> types;  ///< the structs and enums that the members are made of

  /// Null if there is none of this name.
  const ApiDescription* api(std::string_view name_space) const noexcept;
  const MemberDescription* member(std::string_view name_space) const noexcept;

  friend bool operator==(const Description&, const Description&) = default;
};

/// As it travels: maps with text keys, see docs/wire.md. What is as it is by default is left out.
Value to_value(const Description& description);
/// Reads the same. What is unknown is skipped, what is missing is as by default. Throws wire::TypeError.
Description description_from(const Value& value);

/// The number of an enumerator of this enum.
Value number_of(const wire::EnumeratorDescription& enumerator, const wire::TypeDescription& type);

/// `move_to(target_mm: double, speed_mm_s: double = 10.0) -> double`, without the namespace that it is in.
/// Defaults that are enumerators of one of these types are shown by their names.
std::string to_string(const MemberDescription& member, const std::vector<wire::TypeDescription>& types = {});

}  // namespace vagus
