/// What the hooks of an arbitrator have heard.
#pragma once

#include <string>

#include <vagus/arbitration/api_arb.hpp>

#include "support/core/notes.hpp"

namespace vagus::testing {

/// Writes a line for each event, such as `ended sample.add: failed RemoteError`. To be declared before the
/// arbitrator that it observes.
class Observed {
 public:
  CallHooks hooks() {
    return {
        .call_begun = [this](const CallBegun& call) { lines_.add("begun " + std::string(call.name_space)); },
        .call_ended = [this](const CallEnded& call) { lines_.add(line_of(call)); },
        .request_received = [this](const RequestReceived& request) { lines_.add(line_of(request)); },
        .request_handled = [this](const RequestHandled& request) { lines_.add(line_of(request)); }};
  }
  [[nodiscard]] Registration of(ApiArb& arb) { return arb.observe(hooks()); }

  const Notes& transcript() const { return lines_; }
  std::vector<std::string> lines() const { return lines_.lines(); }
  bool await(std::size_t count) const { return lines_.await(count); }

 private:
  static std::string line_of(const CallEnded& call) {
    std::string line = "ended " + std::string(call.name_space) + ": " + to_string(call.state);
    if (call.error != nullptr) line += std::string(" ") + to_string(call.error->code());
    return line;
  }
  static std::string line_of(const RequestReceived& request) {
    return (request.solicited ? "received " : "received unsolicited ") + std::string(request.name_space);
  }
  static std::string line_of(const RequestHandled& request) {
    std::string line = "handled " + std::string(request.name_space) + ": " + to_string(request.state);
    if (request.refusal != nullptr) line += std::string(" ") + to_string(request.refusal->code());
    if (!request.exception.empty()) line += " " + std::string(request.exception);
    if (request.given_up) line += ", given up";
    return line;
  }

  Notes lines_;
};

using Lines = std::vector<std::string>;

}  // namespace vagus::testing
