/// What travels when a call has failed.
#pragma once

#include <cstdint>
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

/// How an error is written to a peer that speaks MessagePack-RPC and no more, which all differ in what they
/// can show: Neovim and its clients want the pair, most others read a text.
enum class PlainErrorForm : std::uint8_t {
  pair,  ///< `[0, text]`
  text,  ///< the text alone
  map    ///< the map of ErrorMessage
};

/// Writes an error for a plain peer. What is no UTF-8 in its texts is replaced: such a peer may decode every
/// str that it gets, and end with the first that it cannot.
void pack_plain_error(Writer& writer, const ErrorMessage& error, PlainErrorForm form);

/// Reads an error of a plain peer, as decode_error() does. Whatever is not the map of ErrorMessage is also
/// kept as `data`, as it came; what has no text becomes a message that says so. Throws MalformedError.
ErrorMessage decode_plain_error(Reader& reader);

template <>
struct Codec<ErrorMessage> {
  static void pack(Writer& writer, const ErrorMessage& error);
  /// decode_error().
  static void unpack(Reader& reader, ErrorMessage& error);
};

}  // namespace vagus::wire
