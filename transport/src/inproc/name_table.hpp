#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>

#include <vagus/core/mutex.hpp>
#include <vagus/transport/transport.hpp>

#include "common/call_gate.hpp"
#include "common/link_count.hpp"
#include "ring/link_options.hpp"

namespace vagus::transport::inproc {

/// What a listener shares with those who connect to it.
struct ListenerState {
  ListenerState(const Url& address, const TransportContext& its_context, LinkHandler handler)
      : url(address.to_string()),
        context(its_context),
        options(ring::parse_link_options(address, {})),
        accepted(std::move(handler)),
        links(std::make_shared<LinkCount>(its_context.max_links)) {}

  const std::string url;
  const TransportContext context;
  const ring::LinkOptions options;
  const LinkHandler accepted;
  const std::shared_ptr<LinkCount> links;
  CallGate gate;
};

/// Who listens under which name. There is one for the whole process, the only object of its kind: any two
/// ApiArbs meet under `inproc://NAME`, though each has its own TransportRegistry. All functions are safe from
/// any thread.
class NameTable {
 public:
  static NameTable& of_process();

  /// Throws TransportDisconnectedError if the name is taken.
  void add(const std::string& name, std::shared_ptr<ListenerState> listener);
  void remove(const std::string& name);

  /// Calls `use` with the listener, or with null, while it can neither be removed nor its event loop go away.
  template <typename Use>
  void with(const std::string& name, const Use& use) {
    MutexLock lock(mutex_);
    const auto found = listeners_.find(name);
    use(found != listeners_.end() ? found->second : nullptr);
  }

 private:
  Mutex mutex_;
  std::map<std::string, std::shared_ptr<ListenerState>> listeners_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::transport::inproc
