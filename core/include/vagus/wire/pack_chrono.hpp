/// How durations and points in time travel. Part of <vagus/wire/pack.hpp>.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <ratio>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <vagus/wire/codec.hpp>

namespace vagus::wire {

/// A point in time as MessagePack has it: seconds since 1970 began (UTC, without leap seconds), and
/// nanoseconds from there on.
struct Timestamp {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;  ///< less than 10^9

  friend bool operator==(const Timestamp&, const Timestamp&) = default;
};

/// Written in the shortest of its three forms, 4, 8 or 12 bytes. Read in any.
template <>
struct Codec<Timestamp> {
  static void pack(Writer& writer, const Timestamp& value);
  static void unpack(Reader& reader, Timestamp& value);
};

namespace detail {

using WireDuration = std::chrono::duration<std::int64_t, std::nano>;

/// How many nanoseconds `count` units are, num / den of them to a unit. What is out of range becomes the
/// largest or smallest number.
template <class Scale, class Rep>
std::int64_t scale_to_nanoseconds(Rep count) {
  using Range = std::numeric_limits<std::int64_t>;
  const std::int64_t beyond = count < Rep{} ? Range::min() : Range::max();
  std::int64_t whole = 0;
  if (__builtin_mul_overflow(count / Rep{Scale::den}, Scale::num, &whole)) return beyond;
  if constexpr (Scale::den == 1) {
    return whole;
  } else {
    const auto product = static_cast<std::int64_t>(count % Rep{Scale::den}) * Scale::num;
    auto rest = product / Scale::den;
    // Away from zero: whoever reads it into the same units cuts off what is finer.
    if (Scale::num > Scale::den && product % Scale::den != 0) rest += product < 0 ? -1 : 1;
    std::int64_t sum = 0;
    return __builtin_add_overflow(whole, rest, &sum) ? beyond : sum;
  }
}

template <class Rep, class Period>
std::int64_t to_nanoseconds(std::chrono::duration<Rep, Period> value) {
  using Range = std::numeric_limits<std::int64_t>;
  if constexpr (std::is_floating_point_v<Rep>) {
    const auto nanoseconds = std::chrono::duration<double, std::nano>(value).count();
    if (std::isnan(nanoseconds)) throw std::domain_error("a duration that is not a number cannot travel");
    if (nanoseconds >= 0x1p63) return Range::max();
    if (nanoseconds <= -0x1p63) return Range::min();
    return std::llround(nanoseconds);
  } else {
    using Wide = std::conditional_t<std::is_signed_v<Rep>, std::int64_t, std::uint64_t>;
    return scale_to_nanoseconds<std::ratio_divide<Period, std::nano>>(static_cast<Wide>(value.count()));
  }
}

/// The other way; false if the type of the duration cannot hold it. The largest number is the largest
/// duration, so that "for ever" stays what it is whatever the units.
template <class Rep, class Period>
bool from_nanoseconds(std::int64_t nanoseconds, std::chrono::duration<Rep, Period>& value) {
  using Duration = std::chrono::duration<Rep, Period>;
  using Range = std::numeric_limits<std::int64_t>;
  if constexpr (std::is_floating_point_v<Rep>) {
    value = std::chrono::duration_cast<Duration>(WireDuration{nanoseconds});
    return true;
  } else {
    using Scale = std::ratio_divide<Period, std::nano>;
    if (nanoseconds == Range::max()) return value = Duration::max(), true;
    if (nanoseconds == Range::min()) return value = Duration::min(), true;
    std::int64_t count = 0;
    if (__builtin_mul_overflow(nanoseconds / Scale::num, Scale::den, &count)) return false;
    if constexpr (Scale::den != 1) count += nanoseconds % Scale::num * Scale::den / Scale::num;
    if (!std::in_range<Rep>(count)) return false;
    value = Duration{static_cast<Rep>(count)};
    return true;
  }
}

}  // namespace detail

template <class Rep, class Period>
struct Codec<std::chrono::duration<Rep, Period>> {
  using Duration = std::chrono::duration<Rep, Period>;

  /// Rounded away from zero, so that it comes back as it was in the same units, if those are longer than a
  /// nanosecond but no whole number of them. Throws std::domain_error for a duration that is not a number.
  static void pack(Writer& writer, const Duration& value) { writer.integer(detail::to_nanoseconds(value)); }

  /// What is finer than the units of the type is cut off.
  static void unpack(Reader& reader, Duration& value) {
    const std::size_t offset = reader.offset();
    if (!detail::from_nanoseconds(reader.integer(), value)) {
      reader.fail_type("a duration, in nanoseconds, that its type can hold", offset);
    }
  }
};

template <class Duration>
struct Codec<std::chrono::time_point<std::chrono::system_clock, Duration>> {
  using TimePoint = std::chrono::time_point<std::chrono::system_clock, Duration>;
  using Seconds = std::chrono::duration<std::int64_t>;

  /// Throws std::domain_error for a point in time whose seconds 64 bits cannot count.
  static void pack(Writer& writer, const TimePoint& value) {
    const Duration since = value.time_since_epoch();
    const std::chrono::duration<double> about = since;
    if (!(about.count() < 0x1p63 && about.count() > -0x1p63)) {
      throw std::domain_error("a point in time whose seconds 64 bits cannot count cannot travel");
    }
    // Towards 1970 first: the whole second before may lie beyond what the type can count.
    auto seconds = std::chrono::duration_cast<Seconds>(since);
    auto rest = to_nanoseconds(since - seconds);
    if (rest.count() < 0) {
      seconds -= Seconds{1};
      rest += Seconds{1};
    }
    Codec<Timestamp>::pack(writer, {seconds.count(), static_cast<std::uint32_t>(rest.count())});
  }

  static void unpack(Reader& reader, TimePoint& value) {
    const std::size_t offset = reader.offset();
    Timestamp stamp;
    Codec<Timestamp>::unpack(reader, stamp);
    const Seconds seconds{stamp.seconds};
    if (seconds <= limit(Duration::min()) || seconds >= limit(Duration::max())) {
      reader.fail_type("a point in time that its type can hold", offset);
    }
    value = TimePoint{std::chrono::floor<Duration>(seconds) +
                      std::chrono::floor<Duration>(std::chrono::nanoseconds{stamp.nanoseconds})};
  }

 private:
  // Upwards if the units are longer: whoever reads it into the same ones rounds down.
  template <class Rep, class Period>
  static std::chrono::nanoseconds to_nanoseconds(std::chrono::duration<Rep, Period> rest) {
    if constexpr (!std::is_floating_point_v<Rep> && std::ratio_greater_v<Period, std::nano>) {
      return std::chrono::ceil<std::chrono::nanoseconds>(rest);
    } else {
      return std::chrono::duration_cast<std::chrono::nanoseconds>(rest);
    }
  }

  // In whole seconds, as far as those can be counted.
  static Seconds limit(Duration most) {
    const std::chrono::duration<double> seconds = most;
    if (seconds.count() >= 0x1p63) return Seconds::max();
    if (seconds.count() <= -0x1p63) return Seconds::min();
    return std::chrono::duration_cast<Seconds>(most);
  }
};

}  // namespace vagus::wire
