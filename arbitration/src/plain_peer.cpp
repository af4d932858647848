#include "plain_peer.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/wire/codec.hpp>
#include <vagus/wire/reader.hpp>

namespace vagus {

namespace {

// Deeper ones have ended the processes of real peers.
constexpr std::size_t max_depth = 30;

wire::PlainErrorForm parse_errors(const Url& url, const std::string& text) {
  if (text == "pair") return wire::PlainErrorForm::pair;
  if (text == "text") return wire::PlainErrorForm::text;
  if (text == "map") return wire::PlainErrorForm::map;
  throw ApiParamError(url.to_string() + ": errors=" + text + " is none of pair, text and map");
}

std::vector<NamePattern> parse_events(const Url& url, std::string_view text) {
  std::vector<NamePattern> patterns;
  for (;;) {
    const std::size_t comma = text.find(',');
    try {
      patterns.emplace_back(text.substr(0, comma));
    } catch (const ApiParamError& wrong) {
      throw ApiParamError(url.to_string() + ": events: " + wrong.what());
    }
    if (comma == std::string_view::npos) return patterns;
    text.remove_prefix(comma + 1);
  }
}

using Given = std::map<std::string_view, std::span<const std::byte>>;

Given given_by_name(std::span<const std::byte> keyword) {
  Given given;
  wire::Reader reader(keyword);
  for (std::size_t left = reader.map(); left > 0; --left) {
    const std::string_view name = reader.text();
    given.insert_or_assign(name, reader.skip());
  }
  return given;
}

/// The arguments that follow those given by position, in the order of the parameters.
std::vector<std::span<const std::byte>> in_their_places(Given given, std::size_t by_position,
                                                        const detail::ParameterList& declared) {
  std::vector<std::span<const std::byte>> more;
  for (std::size_t index = by_position; index < declared.size() && !given.empty(); ++index) {
    const detail::ParameterInfo& parameter = declared[index];
    if (const auto found = given.find(parameter.name); found != given.end()) {
      more.push_back(found->second);
      given.erase(found);
    } else if (parameter.default_value) {
      more.emplace_back(*parameter.default_value);
    } else {
      throw ApiParamError("argument " + std::to_string(index + 1) + ", \"" + parameter.name +
                          "\", is missing and has no default; the peer speaks MessagePack-RPC and no more, "
                          "which knows arguments by position only");
    }
  }
  if (!given.empty()) {
    throw ApiParamError("no parameter that is left to be given is named \"" +
                        std::string(given.begin()->first) + "\"");
  }
  return more;
}

}  // namespace

PlainPeerOptions PlainPeerOptions::from(const Url& url) {
  PlainPeerOptions options;
  if (const auto found = url.options.find("errors"); found != url.options.end()) {
    options.errors = parse_errors(url, found->second);
  }
  if (const auto found = url.options.find("events"); found != url.options.end()) {
    options.events = parse_events(url, found->second);
  }
  return options;
}

bool PlainPeer::takes_event(std::string_view name_space) const noexcept {
  return std::any_of(options_->events.begin(), options_->events.end(),
                     [&](const NamePattern& pattern) { return pattern.matches(name_space); });
}

Bytes plain_message(FunctionRef<void(wire::Writer&)> write) {
  Bytes message = wire::written(write);
  wire::Reader reader(message, max_depth);
  try {
    reader.skip();
  } catch (const wire::MalformedError&) {
    throw ApiParamError("it is nested deeper than the " + std::to_string(max_depth) +
                        " levels that a peer is sent which speaks MessagePack-RPC and no more");
  }
  return message;
}

Bytes plain_arguments(const detail::Outgoing& call, const detail::ParameterList* declared) {
  Bytes positional = wire::written([&](wire::Writer& writer) { call.pack(writer); });
  if (call.keyword.empty()) return positional;
  if (declared == nullptr || declared->empty()) {
    throw ApiParamError(
        "the peer speaks MessagePack-RPC and no more, which knows no arguments by name, and no API is "
        "attached "
        "here that says where they would stand; give all of them by position");
  }
  wire::Reader reader(positional);
  const std::size_t by_position = reader.array();
  const auto rest = std::span<const std::byte>(positional).subspan(reader.offset());
  const auto more = in_their_places(given_by_name(call.keyword), by_position, *declared);
  return wire::written([&](wire::Writer& writer) {
    writer.array(by_position + more.size());
    writer.raw(rest);
    for (const auto& argument : more) writer.raw(argument);
  });
}

}  // namespace vagus
