#include <vagus/core/fault_point.hpp>

#ifdef VAGUS_FAULT_POINTS

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <list>
#include <string>
#include <utility>

#include <vagus/core/mutex.hpp>

namespace vagus::fault_points {

namespace {

struct Arming {
  std::string point;
  std::atomic<unsigned> left;
  std::function<void()> action;
};

/// Keeps all that there were: a thread may still be at a former one.
struct Armings {
  Mutex mutex;
  std::list<Arming> all VAGUS_GUARDED_BY(mutex);
};

Armings& armings() {
  static auto* const kept = new Armings;  // threads may come by a point until the process has ended
  return *kept;
}

std::atomic<Arming*> current{nullptr};

[[noreturn]] void refuse(std::string_view setting) {
  const std::string text = "VAGUS_FAULT=" + std::string(setting) + " is not POINT:PASSAGE:kill|stop\n";
  static_cast<void>(::write(STDERR_FILENO, text.data(), text.size()));
  ::_exit(2);
}

[[maybe_unused]] const bool armed_by_environment = [] {
  const char* const given = std::getenv("VAGUS_FAULT");
  if (given == nullptr) return false;
  const std::string_view setting = given;
  const auto first = setting.find(':');
  const auto second = setting.rfind(':');
  if (first == std::string_view::npos || first == second) refuse(setting);
  unsigned passage = 0;
  const auto number = std::from_chars(setting.data() + first + 1, setting.data() + second, passage);
  const std::string_view signal = setting.substr(second + 1);
  if (number.ec != std::errc{} || number.ptr != setting.data() + second || passage == 0 ||
      (signal != "kill" && signal != "stop")) {
    refuse(setting);
  }
  arm(setting.substr(0, first), passage,
      [signal = signal == "kill" ? SIGKILL : SIGSTOP] { ::kill(::getpid(), signal); });
  return true;
}();

}  // namespace

void arm(std::string_view point, unsigned passage, std::function<void()> action) {
  MutexLock lock(armings().mutex);
  Arming& arming = armings().all.emplace_back(std::string(point), passage, std::move(action));
  current.store(&arming, std::memory_order_release);  // PAIR armed
}

void passed(std::string_view point) noexcept {
  Arming* const arming = current.load(std::memory_order_acquire);  // PAIR armed
  if (arming == nullptr || arming->point != point) return;
  if (arming->left.load(std::memory_order_relaxed) == 0) return;
  if (arming->left.fetch_sub(1, std::memory_order_relaxed) == 1) arming->action();
}

}  // namespace vagus::fault_points

#endif
