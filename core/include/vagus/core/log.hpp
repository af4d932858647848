/// Where the library says what happens: an object that is handed in, never a global.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace vagus {

enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

/// Takes one line without its end. May be called from any thread, several at once; must not call into the
/// library.
using LogSink = std::function<void(LogLevel, std::string_view)>;

/// Writes lines at or above its level to its sink. All functions are safe from any thread.
class Log {
 public:
  /// To standard error through spdlog, warnings and worse.
  Log();
  /// To a sink of your own.
  Log(LogSink sink, LogLevel level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void set_level(LogLevel level) noexcept;
  bool wants(LogLevel level) const noexcept;

  void debug(std::string_view line) { write(LogLevel::debug, line); }
  void info(std::string_view line) { write(LogLevel::info, line); }
  void warning(std::string_view line) { write(LogLevel::warning, line); }
  void error(std::string_view line) { write(LogLevel::error, line); }

  /// What the sink throws is dropped: logging never breaks what it tells of.
  void write(LogLevel level, std::string_view line) noexcept;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vagus
