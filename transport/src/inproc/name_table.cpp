#include "inproc/name_table.hpp"

#include <atomic>
#include <memory>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/home_process.hpp>

namespace vagus::transport::inproc {

NameTable& NameTable::of_process() {
  // Never destroyed: objects that live until the program ends may listen until then. A child that was forked
  // has a table of its own, in which none of its parent's listeners is found.
  struct Table {
    unsigned made_after;
    const Table* parents;  // kept, since threads of the parent may have been inside
    NameTable table;
  };
  static std::atomic<Table*> current{nullptr};
  const unsigned forks = detail::forks_so_far();
  Table* table = current.load();
  while (table == nullptr || table->made_after != forks) {
    std::unique_ptr<Table> fresh(new Table{forks, table, {}});
    if (current.compare_exchange_strong(table, fresh.get())) table = fresh.release();
  }
  return table->table;
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
