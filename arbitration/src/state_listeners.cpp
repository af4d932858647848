#include "state_listeners.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <vagus/core/call_context.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/random_number.hpp>

namespace vagus {

const char* to_string(LinkState state) noexcept {
  switch (state) {
    case LinkState::connecting:
      return "connecting";
    case LinkState::open:
      return "open";
    case LinkState::disconnected:
      return "disconnected";
    case LinkState::closed:
      return "closed";
  }
  return "?";
}

/// Outlives the registrations, which may outlive the arbitrator.
struct StateListeners::Entries {
  Mutex mutex;
  std::vector<std::shared_ptr<Entry>> all VAGUS_GUARDED_BY(mutex);
};

class StateListeners::Entry final : public detail::Registered, public std::enable_shared_from_this<Entry> {
 public:
  Entry(Listener listener, std::weak_ptr<Entries> entries)
      : listener_(std::move(listener)), entries_(std::move(entries)) {}

  void end() noexcept override {
    if (home_.left()) return;
    if (const auto entries = entries_.lock()) {
      MutexLock lock(entries->mutex);
      std::erase_if(entries->all, [&](const auto& entry) { return entry.get() == this; });
    }
    gate_.close();
  }

  void tell(const LinkEvent& event, Log& log, Counter& failed) {
    if (!gate_.enter()) return;
    {
      detail::CallContext context;
      context.chain.root = detail::random_number();
      context.gates = {&gate_, nullptr};
      detail::ContextScope scope(&context, true);
      try {
        listener_(event);
      } catch (const std::exception& error) {
        failed.add();
        log.error(std::string("an exception left a state listener: ") + error.what());
      } catch (...) {
        failed.add();
        log.error("an exception left a state listener: not a std::exception");
      }
    }
    gate_.leave();
  }

 private:
  const Listener listener_;
  const std::weak_ptr<Entries> entries_;
  const detail::HomeProcess home_;
  detail::Gate gate_;
};

StateListeners::StateListeners(std::shared_ptr<Executor> executor, Log& log, Counter& failed)
    : executor_(std::move(executor)), log_(log), failed_(failed), entries_(std::make_shared<Entries>()) {}
StateListeners::~StateListeners() = default;

Registration StateListeners::add(Listener listener) {
  auto entry = std::make_shared<Entry>(std::move(listener), entries_);
  {
    MutexLock lock(entries_->mutex);
    entries_->all.push_back(entry);
  }
  return Registration(std::move(entry));
}

void StateListeners::emit(LinkEvent event) {
  executor_->execute([entries = entries_, &log = log_, &failed = failed_, event = std::move(event)] {
    std::vector<std::shared_ptr<Entry>> all;
    {
      MutexLock lock(entries->mutex);
      all = entries->all;
    }
    for (const auto& entry : all) entry->tell(event, log, failed);
  });
}

}  // namespace vagus
