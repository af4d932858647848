/// Events that a command hears: what is known of them, and how they are shown.
#pragma once

#include <string>

#include "connection.hpp"
#include "json.hpp"

namespace vagus::tools {

/// What the peer tells of what matches; nothing if it does not tell, or may not.
Description described_events(Connection& connection, const std::string& pattern);

/// Says on the standard error that the peer declares no such event, and what may have been meant. Events need
/// not be declared, so this is no error.
void remark_if_unknown(Connection& connection, const Description& told, const std::string& pattern);

/// Shows events, and what was called, by the types that their description says.
class EventText {
 public:
  /// `told` has to outlive it.
  explicit EventText(const Description& told) : told_(told), converter_(told.types) {}

  /// The name, and the arguments with commas between them.
  std::string line(const HeardEvent& event) const;
  Json json(const HeardEvent& event) const;
  /// Of a call of this method.
  Json result(const std::string& method, const Value& value) const;

 private:
  Json argument(const HeardEvent& event, std::size_t index) const;

  const Description& told_;
  const JsonConverter converter_;
};

}  // namespace vagus::tools
