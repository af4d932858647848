#include "load/contract.hpp"

#include <cstring>

namespace vagus::load {

namespace {

constexpr std::uint64_t word_at(std::uint64_t seed, std::size_t place) noexcept {
  return (seed + place) * 0x9e37'79b9'7f4a'7c15U;
}

}  // namespace

std::uint64_t mix(std::uint64_t number) noexcept {
  // The finalizer of SplitMix64.
  number += 0x9e37'79b9'7f4a'7c15U;
  number = (number ^ number >> 30) * 0xbf58'476d'1ce4'e5b9U;
  number = (number ^ number >> 27) * 0x94d0'49bb'1331'11ebU;
  return number ^ number >> 31;
}

std::uint64_t answer_to(const Question& question) noexcept {
  return mix(mix(question.asker) + question.number);
}

void fill(std::span<std::uint64_t> words, std::uint64_t seed) noexcept {
  for (std::size_t place = 0; place < words.size(); ++place) words[place] = word_at(seed, place);
}

bool is_filled(std::span<const std::uint64_t> words, std::uint64_t seed) noexcept {
  for (std::size_t place = 0; place < words.size(); ++place) {
    if (words[place] != word_at(seed, place)) return false;
  }
  return true;
}

Bytes filled_bytes(std::size_t size, std::uint64_t seed) {
  Bytes bytes(size);
  for (std::size_t place = 0; place < size; place += sizeof(std::uint64_t)) {
    const std::uint64_t word = word_at(seed, place);
    std::memcpy(bytes.data() + place, &word, std::min(sizeof word, size - place));
  }
  return bytes;
}

bool is_filled(const Bytes& bytes, std::uint64_t seed) { return bytes == filled_bytes(bytes.size(), seed); }

}  // namespace vagus::load
