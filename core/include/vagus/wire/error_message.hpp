/// What travels when a call has failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <vagus/wire/codec.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::wire {

/// The error of a response: a map with the keys "type", "message", "trace", "data" and "execution", of which
/// the last two may be missing. A plain value.
struct ErrorMessage {
  std::string type;     ///< of the exception, by the name under which both ends know it; may be empty
  std::string message;  ///< for people
  std::vector<std::string> trace;  ///< what had led to it, innermost last; empty if the sender does not tell
  std::optional<Value> data = std::nullopt;
  /// Whether the call ran: "not_sent", "not_run", "unknown" or "ran". Only there when the framework itself
  /// refused or gave up the call, not when a handler failed.
  std::optional<std::string> execution = std::nullopt;

  friend bool operator==(const ErrorMessage&, const ErrorMessage&) = default;
};

/// Reads an error in whatever form a peer sends it; the reader stands before one value that is not nil.
///
/// The map of ErrorMessage is taken as it is (keys that are missing or unknown do no harm). `[code, text]`,
/// as Neovim and its clients send it, and a bare text become the message. Anything else becomes a message
/// that shows it, shortened. Throws MalformedError.
ErrorMessage decode_error(Reader& reader);

template <>
struct Codec<ErrorMessage> {
  static void pack(Writer& writer, const ErrorMessage& error);
  /// decode_error().
  static void unpack(Reader& reader, ErrorMessage& error);
};

}  // namespace vagus::wire
