#include "figures.hpp"

#include <algorithm>
#include <cstdio>

namespace vagus::tools {

namespace {

std::string with_unit(double number, const char* unit) {
  char text[48];
  // Three digits that count.
  std::snprintf(text, sizeof text, "%.*f %s", number < 9.995 ? 2 : number < 99.95 ? 1 : 0, number, unit);
  return text;
}

double microseconds(Duration duration) { return std::chrono::duration<double, std::micro>(duration).count(); }

Json to_json(const Histogram& histogram) {
  return Json{{"count", histogram.count()},
              {"mean_us", microseconds(histogram.mean())},
              {"p50_us", microseconds(histogram.p50())},
              {"p99_us", microseconds(histogram.p99())},
              {"max_us", microseconds(histogram.max())}};
}

}  // namespace

std::string short_time(Duration duration) {
  const auto time = static_cast<double>(duration.count());
  if (time < 1e3) return std::to_string(duration.count()) + " ns";
  if (time < 0.9995e6) return with_unit(time / 1e3, "µs");
  if (time < 0.9995e9) return with_unit(time / 1e6, "ms");
  return with_unit(time / 1e9, "s");
}

std::string long_time(Duration duration) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration).count();
  const auto two = [](std::int64_t large, const char* large_unit, std::int64_t small,
                      const char* small_unit) {
    return std::to_string(large) + large_unit + std::to_string(small) + small_unit;
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return two(seconds / 60, " min ", seconds % 60, " s");
  if (seconds < 86400) return two(seconds / 3600, " h ", seconds / 60 % 60, " min");
  return two(seconds / 86400, " d ", seconds / 3600 % 24, " h");
}

std::string size_text(double bytes) {
  if (bytes < 1000) return std::to_string(static_cast<std::int64_t>(bytes)) + " B";
  const char* const units[] = {"KiB", "MiB", "GiB", "TiB"};
  double size = bytes / 1024;
  std::size_t unit = 0;
  while (size >= 999.5 && unit + 1 < std::size(units)) {
    size /= 1024;
    ++unit;
  }
  return with_unit(size, units[unit]);
}

std::string counted(std::uint64_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

std::string rate_text(double per_second) {
  char text[48];
  const bool fine = per_second > 0 && per_second < 99.95;
  std::snprintf(text, sizeof text, "%.*f/s", fine ? 1 : 0, per_second);
  return text;
}

std::string title(const ProcessStats& stats) {
  return stats.name + ", process " + std::to_string(stats.process_id) + ", up " + long_time(stats.uptime) +
         ", Vagus " + stats.library;
}

std::string errors_text(const ErrorCounts& errors) {
  std::string text;
  for (std::size_t code = 0; code < error_code_count; ++code) {
    const auto kind = static_cast<ErrorCode>(code);
    if (errors[kind] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::to_string(errors[kind]) + ' ' + to_string(kind);
  }
  return text;
}

Json to_json(const ProcessStats& stats) {
  const Value told = to_value(stats);
  const auto part = [&](const char* key) {
    const Value* const value = told.find(key);
    return value != nullptr ? JsonConverter::to_json(*value) : Json();
  };
  Json methods = Json::array();
  for (const MethodStats& method : stats.methods) {
    methods.push_back(Json{{"name", method.name_space},
                           {"calls_failed", method.calls_failed},
                           {"requests_failed", method.requests_failed},
                           {"called", to_json(method.called)},
                           {"waited", to_json(method.waited)},
                           {"ran", to_json(method.ran)}});
  }
  return Json{{"name", stats.name},
              {"library", stats.library},
              {"process_id", stats.process_id},
              {"uptime_us", static_cast<std::int64_t>(microseconds(stats.uptime))},
              {"totals", part("totals")},
              {"apis", part("apis")},
              {"peers", part("peers")},
              {"measuring", stats.measuring},
              {"methods", std::move(methods)}};
}

}  // namespace vagus::tools
