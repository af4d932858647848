/// Between heads and their body.
#pragma once

#include <optional>
#include <string>

#include "connection.hpp"
#include "recorder.hpp"
#include "replayed_apis.hpp"

namespace vagus::tools {

/// Listens in place of a body, passes on calls and events of heads to it, its answers and events to them, and
/// has calls and the body's events recorded. Parts ahead of a result are not passed on, nor calls of the
/// body.
class PassingOn {
 public:
  /// Goes on until it is destroyed; the link to the body has then been closed. All but the URL have to
  /// outlive it. Throws what keeps it from listening.
  PassingOn(Connection& body, const std::string& listen_url, const Description& described,
            Recorder& recorder);
  ~PassingOn();
  PassingOn(const PassingOn&) = delete;
  PassingOn& operator=(const PassingOn&) = delete;

 private:
  std::optional<Value> pass_on(Call& call, const UnhandledCall& unhandled);
  void pass_on(const HeardEvent& message);

  Connection& body_;
  const Description& described_;
  Recorder& recorder_;
  const ApiProxy to_body_;
  ApiArb heads_;
  ReplayedApis apis_;
  Registration from_body_;
  Registration from_heads_;
};

}  // namespace vagus::tools
