#include "inproc/name_table.hpp"

#include <utility>

#include <vagus/core/error.hpp>

namespace vagus::transport::inproc {

NameTable& NameTable::of_process() {
  // Never destroyed: objects that live until the program ends may listen until then.
  static NameTable& table = *new NameTable;
  return table;
}

void NameTable::add(const std::string& name, std::shared_ptr<ListenerState> listener) {
  MutexLock lock(mutex_);
  const std::string url = listener->url;
  if (!listeners_.emplace(name, std::move(listener)).second) {
    throw TransportDisconnectedError(url + " is taken: this process listens there already");
  }
}

void NameTable::remove(const std::string& name) {
  MutexLock lock(mutex_);
  listeners_.erase(name);
}

}  // namespace vagus::transport::inproc
