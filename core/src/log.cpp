#include <atomic>
#include <utility>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <vagus/core/log.hpp>

namespace vagus {

namespace {

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
    case LogLevel::off:
      return spdlog::level::off;
  }
  return spdlog::level::off;
}

LogSink standard_error() {
  // Not registered with spdlog: the user's own registry and loggers stay untouched.
  auto logger =
      std::make_shared<spdlog::logger>("vagus", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(spdlog::level::trace);
  logger->set_pattern("%H:%M:%S.%e %n %^%l%$: %v");
  return [logger](LogLevel level, std::string_view line) {
    logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
  };
}

}  // namespace

class Log::Impl {
 public:
  LogSink sink;
  std::atomic<LogLevel> level;
};

Log::Log() : Log(standard_error(), LogLevel::warning) {}
Log::Log(LogSink sink, LogLevel level) : impl_(new Impl{std::move(sink), level}) {}
Log::~Log() = default;

// Relaxed: a line more or less around the moment of the change does no harm.
void Log::set_level(LogLevel level) noexcept { impl_->level.store(level, std::memory_order_relaxed); }

bool Log::wants(LogLevel level) const noexcept {
  return level != LogLevel::off && level >= impl_->level.load(std::memory_order_relaxed);
}

void Log::write(LogLevel level, std::string_view line) noexcept {
  if (!wants(level) || !impl_->sink) return;
  try {
    impl_->sink(level, line);
  } catch (...) {
    // A sink that fails must not take down what it tells of; where else could this be said?
  }
}

}  // namespace vagus
