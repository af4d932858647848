#pragma once

#include <exception>
#include <functional>
#include <string>

#include <vagus/core/call_context.hpp>
#include <vagus/core/log.hpp>

#include "counters.hpp"

namespace vagus {

/// Runs a function of the user's on a worker: what it throws is logged and counted, and hurts nobody.
inline void run_callback(const std::function<void()>& callback, Log& log, Counter& failed) noexcept {
  try {
    detail::ContextScope scope(nullptr, true);
    callback();
  } catch (const std::exception& error) {
    failed.add();
    log.error(std::string("an exception left a callback: ") + error.what());
  } catch (...) {
    failed.add();
    log.error("an exception left a callback: not a std::exception");
  }
}

}  // namespace vagus
