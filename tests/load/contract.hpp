/// What the two sides of the load call each other for. Every answer says which question it is for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <vagus/vagus.hpp>

namespace vagus::load {

/// Asked once: the asker is a number that a process chooses at random, and never uses the second one again.
struct Question {
  std::uint64_t asker = 0;
  std::uint64_t number = 0;
};

/// Numbers of one sender grow by one from event to event.
struct Tick {
  std::uint64_t sender = 0;
  std::uint64_t number = 0;
};

/// Both sides serve one and have a stub of the other's.
class LoadApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<std::uint64_t(Question)> ask{this, "ask"};
  Method<Bytes(Question, Bytes)> transform{this, "transform", "Copied both ways."};
  Method<std::uint64_t(Question, Loan<const std::uint64_t>)> take{this, "take", "Lent to the handler."};
  Method<Loan<const std::uint64_t>(Question, std::uint32_t)> give{this, "give", "Lent to the caller."};
  Method<std::uint64_t(Question)> relay{this, "relay", "The handler asks the caller's side."};
  Method<Streams<std::uint64_t, std::uint64_t>(Question, std::uint32_t)> tell{
      this, "tell", "So many parts that say which they are, and then the answer."};
  Method<void()> hold{this, "hold", "Answered when the handling process ends."};
  Method<void(Tick)> note{this, "note", "To be posted.", MethodOptions{.serial = true}};
  Event<void(Tick)> ticked{this, "ticked"};
  Event<void(Tick, Loan<const std::uint64_t>)> lent{this, "lent"};
};

/// Mixes the bits of a number: another one for each.
std::uint64_t mix(std::uint64_t number) noexcept;

/// The only right answer.
std::uint64_t answer_to(const Question& question) noexcept;
/// The only right part of this number, from 0 on.
inline std::uint64_t part_of(const Question& question, std::uint64_t number) noexcept {
  return mix(answer_to(question) + number + 1);
}

/// Fills memory so that each byte depends on the seed and on its place.
void fill(std::span<std::uint64_t> words, std::uint64_t seed) noexcept;
bool is_filled(std::span<const std::uint64_t> words, std::uint64_t seed) noexcept;
Bytes filled_bytes(std::size_t size, std::uint64_t seed);
bool is_filled(const Bytes& bytes, std::uint64_t seed);

}  // namespace vagus::load
