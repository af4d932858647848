#include "explorer.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>

#include "environment.hpp"
#include "machine.hpp"

namespace vagus::model {

namespace {

using Index = std::uint32_t;
constexpr Index no_state = ~Index{0};
constexpr std::size_t max_states = 8'000'000;

std::uint64_t hash_of(const State& state) noexcept {
  constexpr std::uint64_t multiplier = 0x9e37'79b9'7f4a'7c15;
  std::array<std::uint64_t, (sizeof(State) + 7) / 8> words{};
  std::memcpy(words.data(), &state, sizeof state);
  std::uint64_t hash = 0;
  for (const std::uint64_t word : words) {
    hash = (hash ^ word) * multiplier;
    hash ^= hash >> 32;
  }
  return hash;
}

/// Every state once, whole, in the order in which they were found.
class States {
 public:
  States() : table_(1u << 16, no_state) {}

  std::size_t size() const noexcept { return size_; }
  const State& operator[](Index index) const noexcept { return blocks_[index / block][index % block]; }

  /// Its number, and whether it is new.
  std::pair<Index, bool> add(const State& state) {
    if (size_ * 2 >= table_.size()) grow();
    const std::uint64_t hash = hash_of(state);
    std::size_t place = hash & (table_.size() - 1);
    for (; table_[place] != no_state; place = (place + 1) & (table_.size() - 1)) {
      const Index index = table_[place];
      if (hashes_[index] == static_cast<Index>(hash >> 32) &&
          std::memcmp(&(*this)[index], &state, sizeof state) == 0) {
        return {index, false};
      }
    }
    if (size_ == max_states) throw std::length_error("more states than there is memory for");
    if (size_ % block == 0) blocks_.push_back(std::make_unique<State[]>(block));
    const auto index = static_cast<Index>(size_++);
    blocks_[index / block][index % block] = state;
    hashes_.push_back(static_cast<Index>(hash >> 32));
    table_[place] = index;
    return {index, true};
  }

 private:
  static constexpr std::size_t block = 4096;

  void grow() {
    table_.assign(table_.size() * 4, no_state);
    for (Index index = 0; index < size_; ++index) {
      std::size_t place = hash_of((*this)[index]) & (table_.size() - 1);
      while (table_[place] != no_state) place = (place + 1) & (table_.size() - 1);
      table_[place] = index;
    }
  }

  std::size_t size_ = 0;
  std::vector<std::unique_ptr<State[]>> blocks_;
  std::vector<Index> hashes_;
  std::vector<Index> table_;
};

class Explorer {
 public:
  explicit Explorer(const Scenario& scenario) : scenario_(scenario) {}

  Outcome run() {
    const auto begin = std::chrono::steady_clock::now();
    add(initial_state(scenario_), no_state, {});
    for (Index index = 0; index < states_.size() && broken_ == no_state; ++index) visit(index);
    Outcome outcome;
    if (broken_ != no_state) {
      outcome.broken = states_[broken_].world.broken;
    } else {
      broken_ = find_dead_end();
      if (broken_ != no_state) outcome.broken = broken_by_staying(scenario_, states_[broken_]);
    }
    outcome.states = states_.size();
    if (broken_ != no_state) outcome.trace = trace_to(broken_);
    outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return outcome;
  }

 private:
  struct Edge {
    Index from;
    Index to;
  };
  struct Origin {
    Index from = no_state;
    Move move;
  };

  Index add(const State& state, Index from, const Move& move) {
    const auto [index, is_new] = states_.add(state);
    if (is_new) {
      origins_.push_back({from, move});
      if (state.world.broken != Property::none) broken_ = index;
    }
    return index;
  }

  void visit(Index index) {
    for (std::uint8_t thread = 0; thread < max_threads; ++thread) {
      if (scenario_.threads[thread] == Role::none) continue;
      try_move(index, {Move::Kind::step, thread, 0});
      for (std::uint8_t store = 0; store < states_[index].threads[thread].store_count; ++store) {
        try_move(index, {Move::Kind::drain, thread, store});
      }
      try_move(index, {Move::Kind::false_wake, thread, 0});
      try_move(index, {Move::Kind::death, thread, 0});
    }
  }

  void try_move(Index from, Move move) {
    unsigned alternatives = 1;
    do {
      State state = states_[from];
      if (broken_ != no_state || !make(scenario_, move, state, alternatives)) return;
      const Index to = add(state, from, move);
      if (to != from && is_certain(scenario_, move, states_[from])) edges_.push_back({from, to});
      ++move.detail;
    } while (move.kind == Move::Kind::step && move.detail < alternatives);
  }

  /// A state from which there is no way to the end; if there are several, the first that cannot be left.
  Index find_dead_end() {
    // The edges by where they lead: those to `state` begin at starts[state].
    std::vector<Index> starts(states_.size() + 1, 0);
    std::vector<bool> can_be_left(states_.size(), false);
    for (const Edge& edge : edges_) {
      ++starts[edge.to + 1];
      can_be_left[edge.from] = true;
    }
    for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    std::vector<Index> sources(edges_.size());
    std::vector<Index> next(starts.begin(), starts.end() - 1);
    for (const Edge& edge : edges_) sources[next[edge.to]++] = edge.from;

    std::vector<bool> good(states_.size(), false);
    std::vector<Index> work;
    for (Index index = 0; index < states_.size(); ++index) {
      if (!is_complete(scenario_, states_[index])) continue;
      good[index] = true;
      work.push_back(index);
    }
    while (!work.empty()) {
      const Index to = work.back();
      work.pop_back();
      for (Index i = starts[to]; i < starts[to + 1]; ++i) {
        if (good[sources[i]]) continue;
        good[sources[i]] = true;
        work.push_back(sources[i]);
      }
    }
    Index first = no_state;
    for (Index index = 0; index < states_.size(); ++index) {
      if (good[index]) continue;
      if (!can_be_left[index]) return index;
      if (first == no_state) first = index;
    }
    return first;
  }

  std::vector<std::string> trace_to(Index index) const {
    std::vector<std::string> lines;
    for (; origins_[index].from != no_state; index = origins_[index].from) {
      lines.push_back(describe(scenario_, origins_[index].move, states_[origins_[index].from]));
    }
    std::reverse(lines.begin(), lines.end());
    return lines;
  }

  const Scenario& scenario_;
  States states_;
  std::vector<Origin> origins_;
  std::vector<Edge> edges_;
  Index broken_ = no_state;
};

}  // namespace

Outcome explore(const Scenario& scenario) { return Explorer(scenario).run(); }

}  // namespace vagus::model
