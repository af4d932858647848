/// Whoever wants to hear of something. Not installed.
#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <vagus/core/call_context.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/random_number.hpp>
#include <vagus/core/registration.hpp>

namespace vagus::detail {

/// Tells each listener of each event once, in the order of emit(). Safe from any thread.
template <typename Event>
class Listeners {
 public:
  using Listener = std::function<void(const Event&)>;

  struct Options {
    bool on_workers = false;                      ///< the executor's threads may run handlers
    std::function<void()> failed = [] {};         ///< called for each exception that left a listener
    std::string described_as = "state listener";  ///< in the log
  };

  /// `executor` runs one function at a time, in their order. It and the log outlive what it has to run.
  Listeners(std::shared_ptr<Executor> executor, Log& log, Options options)
      : executor_(std::move(executor)),
        shared_(std::make_shared<Shared>(log, std::move(options))),
        entries_(std::make_shared<Entries>()) {}

  Registration add(Listener listener) {
    auto entry = std::make_shared<Entry>(std::move(listener), entries_);
    {
      MutexLock lock(entries_->mutex);
      entries_->all.push_back(entry);
    }
    return Registration(std::move(entry));
  }

  void emit(Event event) {
    executor_->execute([entries = entries_, shared = shared_, event = std::move(event)] {
      std::vector<std::shared_ptr<Entry>> all;
      {
        MutexLock lock(entries->mutex);
        all = entries->all;
      }
      for (const auto& entry : all) entry->tell(event, *shared);
    });
  }

 private:
  class Entry;

  struct Shared {
    Shared(Log& where, Options what) : log(where), options(std::move(what)) {}
    Log& log;
    const Options options;

    void report(const char* what) const {
      options.failed();
      log.error("an exception left a " + options.described_as + ": " + what);
    }
  };

  /// Outlives the registrations, which may outlive whoever emits.
  struct Entries {
    Mutex mutex;
    std::vector<std::shared_ptr<Entry>> all VAGUS_GUARDED_BY(mutex);
  };

  class Entry final : public Registered, public std::enable_shared_from_this<Entry> {
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

    void tell(const Event& event, const Shared& shared) {
      if (!gate_.enter()) return;
      run(event, shared);
      gate_.leave();
    }

   private:
    void run(const Event& event, const Shared& shared) {
      CallContext context;
      context.chain.root = random_number();
      context.gates = {&gate_, nullptr};
      const ContextScope scope(&context, shared.options.on_workers);
      try {
        listener_(event);
      } catch (const std::exception& error) {
        shared.report(error.what());
      } catch (...) {
        shared.report("not a std::exception");
      }
    }

    const Listener listener_;
    const std::weak_ptr<Entries> entries_;
    const HomeProcess home_;
    Gate gate_;
  };

  const std::shared_ptr<Executor> executor_;
  const std::shared_ptr<const Shared> shared_;
  const std::shared_ptr<Entries> entries_;
};

}  // namespace vagus::detail
