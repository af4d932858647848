/// What happens in each round, as its number and the seed say.
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include "chaos/side.hpp"

namespace vagus::chaos {

/// Rounds in a row with one survivor and one address.
inline constexpr std::uint64_t stretch_length = 25;

/// A place in the library at which a process is ended, see VAGUS_FAULT_POINT.
struct Point {
  const char* name;
  enum class Where : std::uint8_t {
    body_start,  ///< passed by a body before or while a head connects to it
    head_start,  ///< passed by a head before or while it connects
    start,       ///< either
    running,     ///< under load
    end          ///< when it is told to end
  } where;
  unsigned most_passages;    ///< how often it is passed at least in a round, about
  bool needs_arena = false;  ///< is passed only where memory is lent
};

std::span<const Point> points() noexcept;

struct Stretch {
  Role survivor;
  bool path;            ///< the address is a file
  bool arena;           ///< memory is lent
  std::string options;  ///< of the URL
};

struct Plan {
  enum class Fault : std::uint8_t { kill, freeze, freeze_and_kill };

  const Point* point;  ///< null: at any moment
  unsigned passage;
  Fault fault;
  std::chrono::microseconds delay;   ///< before a fault at any moment
  std::chrono::microseconds freeze;  ///< how long it stands still
  bool survivor_freezes;             ///< too, when it happens
  std::chrono::microseconds survivor_freeze;

  bool at_start() const noexcept { return point != nullptr && point->where < Point::Where::running; }
  bool at_end() const noexcept { return point != nullptr && point->where == Point::Where::end; }
};

Stretch stretch_of(std::uint64_t seed, std::uint64_t round);
Plan plan_of(std::uint64_t seed, std::uint64_t round);

std::string to_string(const Stretch& stretch, const Plan& plan);

}  // namespace vagus::chaos
