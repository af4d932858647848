#include "call_log.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include "name_pattern.hpp"

namespace vagus {

namespace {

/// Three digits or four, in the unit that suits.
std::string text_of(Duration duration) {
  struct Unit {
    double size;
    const char* name;
  };
  constexpr std::array<Unit, 3> units{{{1e9, "s"}, {1e6, "ms"}, {1e3, "us"}}};
  const auto time = static_cast<double>(duration.count());
  for (const Unit& unit : units) {
    if (time < unit.size) continue;
    std::array<char, 32> text{};
    const double value = time / unit.size;
    std::snprintf(text.data(), text.size(), value < 10 ? "%.2f %s" : "%.1f %s", value, unit.name);
    return text.data();
  }
  return std::to_string(duration.count()) + " ns";
}

/// ` to mill`; nothing if nobody is there.
std::string with_peer(const char* how, const Peer& peer) {
  if (peer.id == 0) return {};
  return std::string(how) + (peer.name.empty() ? "peer " + std::to_string(peer.id) : peer.name);
}

std::string with_id(TransactionId id) { return id ? " #" + to_string(id) : std::string(); }

std::string line_of(const CallEnded& call) {
  std::string line = "call " + std::string(call.name_space) + with_id(call.id) +
                     with_peer(" to ", call.peer) + ": " + to_string(call.state);
  if (call.error != nullptr) {
    line +=
        std::string(", ") + to_string(call.error->code()) + " (" + to_string(call.error->execution()) + ")";
  }
  return line + ", took " + text_of(call.elapsed);
}

std::string line_of(const RequestHandled& request) {
  std::string line = (request.solicited ? "request " : "message ") + std::string(request.name_space) +
                     with_id(request.id) + with_peer(" from ", request.peer) + ": " +
                     to_string(request.state);
  if (request.refusal != nullptr) line += std::string(", ") + to_string(request.refusal->code());
  if (!request.exception.empty()) line += ", " + std::string(request.exception);
  if (request.given_up) line += ", nobody waits for it any more";
  return line + ", waited " + text_of(request.waited) + ", ran " + text_of(request.ran);
}

}  // namespace

CallHooks call_log(std::string_view pattern, Log& log, LogLevel level) {
  const auto names = std::make_shared<const NamePattern>(pattern);
  const auto write = [names, &log, level](const auto& event) {
    if (log.wants(level) && names->matches(event.name_space)) log.write(level, line_of(event));
  };
  return {.call_ended = write, .request_handled = write};
}

}  // namespace vagus
