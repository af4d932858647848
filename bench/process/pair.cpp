#include "process/pair.hpp"

#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "process/usage.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds patience = 60s;

std::vector<std::byte> expect(Channel& channel, Channel::Kind kind, nanoseconds longest) {
  auto message = channel.receive(longest);
  if (message.kind == Channel::Kind::error) {
    throw std::runtime_error(
        std::string(reinterpret_cast<const char*>(message.payload.data()), message.payload.size()));
  }
  if (message.kind != kind) throw std::logic_error("a message that was not expected");
  return std::move(message.payload);
}

void run_slices(Channel& channel, const SliceRunner& runner, const std::vector<pid_t>& processes) {
  for (;;) {
    const auto message = channel.receive();
    if (message.kind == Channel::Kind::end) return;
    nanoseconds::rep budget = 0;
    std::memcpy(&budget, message.payload.data(), sizeof budget);
    Slice slice(nanoseconds(budget), processes);
    runner(slice);
    channel.send(Channel::Kind::result, slice.result().to_bytes());
  }
}

}  // namespace

RunningPair::RunningPair(const Pair& pair) {
  const Cores cores = cores_of(pair.pin);
  std::vector<pid_t> processes;
  if (pair.serve) {
    server_.emplace(cores.server, pair.server_end, [&](Channel& channel) {
      Server server(channel);
      pair.serve(server);
    });
    processes.push_back(server_->id());
    expect(server_->channel(), Channel::Kind::ready, patience);
  }
  caller_.emplace(cores.caller, Child::End::ask, [&](Channel& channel) {
    processes.push_back(::getpid());
    const SliceRunner runner = pair.caller();
    channel.send(Channel::Kind::ready);
    run_slices(channel, runner, processes);
  });
  expect(caller_->channel(), Channel::Kind::ready, patience);
}

SliceResult RunningPair::run_slice(nanoseconds budget) {
  const auto count = budget.count();
  caller_->channel().send(Channel::Kind::slice, std::as_bytes(std::span(&count, 1)));
  return SliceResult::from_bytes(expect(caller_->channel(), Channel::Kind::result, patience + 10 * budget));
}

void RunningPair::halt() {
  caller_->halt();
  if (server_) server_->halt();
}

void RunningPair::go_on() {
  if (server_) server_->go_on();
  caller_->go_on();
}

double RunningPair::cpu_seconds() const {
  return bench::cpu_seconds(caller_->id()) + (server_ ? bench::cpu_seconds(server_->id()) : 0);
}

double RunningPair::proportional_memory() const {
  return bench::proportional_memory(caller_->id()) + (server_ ? server_memory() : 0);
}

double RunningPair::server_memory() const { return bench::proportional_memory(server_->id()); }

}  // namespace bench
