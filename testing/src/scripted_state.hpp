#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>

#include <vagus/api/api_base.hpp>
#include <vagus/arbitration/api_arb.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/registration.hpp>
#include <vagus/testing/expectation.hpp>
#include <vagus/testing/scripted_peer.hpp>
#include <vagus/transport/endpoint.hpp>

#include "closable_transport.hpp"
#include "delayed_work.hpp"
#include "script.hpp"

namespace vagus::detail {

/// One life of a scripted peer: from its connection to its end. All that comes goes to the script. Safe from
/// any thread.
class ScriptedLife {
 public:
  /// Throws what keeps it from listening. No two have the same number, and later ones a higher one.
  ScriptedLife(unsigned number, const Endpoint& endpoint, const ArbOptions& options,
               const std::shared_ptr<Script>& script);

  /// Calls of this name come to the script as such; those of others only to be refused.
  void handle(const std::string& name);
  /// False if nobody listens to it.
  bool send_event(const testing::Received& event);
  ApiArb& arb() noexcept { return arb_; }
  /// Dies, whatever still runs: its address is free, its links end, and what it holds is never answered.
  void cut();

 private:
  const unsigned number_;
  const std::shared_ptr<Script> script_;
  const std::shared_ptr<testing::ClosableTransport> transport_;

  Mutex names_mutex_;
  std::set<std::string> names_ VAGUS_GUARDED_BY(names_mutex_);  // that are handled

  Mutex sending_;  // one event at a time: nobody else adds to those that are unheard

  ApiBase api_{no_namespace};
  ApiArb arb_;
  Registration events_;
};

/// Safe from any thread.
class ScriptedState {
 public:
  ScriptedState(const Endpoint& endpoint, const testing::ScriptedPeerOptions& options);

  const Endpoint& endpoint() const noexcept { return endpoint_; }
  Script& script() noexcept { return *script_; }
  DelayedWork& delayed() noexcept { return delayed_; }

  /// Its index in the script.
  std::size_t add(Expected expected);
  /// Throws testing::Failed while it is dead.
  std::shared_ptr<ScriptedLife> life() const;
  void connect();
  void disconnect();

 private:
  const Endpoint endpoint_;
  const std::string name_;
  const OptionalRef<Log> log_;
  const std::shared_ptr<Script> script_;
  DelayedWork delayed_;

  mutable Mutex mutex_;
  std::shared_ptr<ScriptedLife> life_ VAGUS_GUARDED_BY(mutex_);  // null while it is dead
  unsigned lives_ VAGUS_GUARDED_BY(mutex_) = 0;                  // so many so far
};

}  // namespace vagus::detail
