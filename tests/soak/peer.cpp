#include "soak/peer.hpp"

#include <poll.h>

#include <chrono>
#include <stdexcept>

namespace vagus::soak {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto time_to_end = 10s;

}  // namespace

Peer::Peer(const std::string& role, const std::string& url)
    : role_(role), child_({"--process", role, url}, {}) {}

void Peer::look_for_faults() {
  bool closed = false;
  while (const auto line = child_.channel().receive_what_came(closed)) {
    if (line->starts_with("fault ")) throw std::runtime_error(role_ + ": " + line->substr(6));
  }
}

void Peer::check() {
  look_for_faults();
  child_.look();
  if (child_.ended()) throw std::runtime_error(role_ + " has ended with " + std::to_string(child_.status()));
}

void Peer::end_in_order() {
  check();
  child_.channel().send("end");
  for (const auto until = Clock::now() + time_to_end; Clock::now() < until && !child_.ended();) {
    ::poll(nullptr, 0, 5);
    child_.look();
  }
  if (!child_.ended()) throw std::runtime_error(role_ + " does not end");
  look_for_faults();
  if (child_.status() != 0)
    throw std::runtime_error(role_ + " ended with " + std::to_string(child_.status()));
}

}  // namespace vagus::soak
