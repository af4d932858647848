#include "chaos/pair.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <sstream>
#include <system_error>
#include <utility>

namespace vagus::chaos {

std::string SideHandle::name() const {
  return std::string("the ") + to_string(role_) + (runs() ? " (" + std::to_string(child_->id()) + ")" : "");
}

void SideHandle::start(const std::string& url, std::uint64_t seed, const std::string& fault) {
  std::map<std::string, std::string> environment;
  if (!fault.empty()) environment.emplace("VAGUS_FAULT", fault);
  said_.clear();
  open_.clear();
  lost_.clear();
  child_ = std::make_unique<load::Child>(
      std::vector<std::string>{"--side", to_string(role_), url, std::to_string(seed)}, environment);
}

void SideHandle::tell(const std::string& line) {
  said_.clear();
  child_->channel().send(line);
}

void SideHandle::read() {
  bool ended = false;
  while (const auto line = child_->channel().receive_what_came(ended)) take(*line);
  child_->look();
}

void SideHandle::take(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  pid_t process = 0;
  words >> word >> process;
  if (word == "fault") throw RoundFailed(name() + ": " + line.substr(word.size() + 1));
  if (word == "open") {
    open_.insert(process);
  } else if (word == "lost") {
    std::int64_t time = 0;
    words >> time;
    lost_[process] = Time(std::chrono::nanoseconds(time));
  } else {
    said_.insert(word);
  }
}

void SideHandle::forget() noexcept {
  if (!runs()) return;
  const std::unique_ptr<load::Child> gone = std::exchange(child_, nullptr);
  on_gone_(gone->figures());
}

std::optional<Time> SideHandle::lost(pid_t process) const {
  const auto found = lost_.find(process);
  return found == lost_.end() ? std::nullopt : std::optional(found->second);
}

Pair::Pair(Role survivor, std::function<void(const load::Figures&)> on_gone)
    : survivor_(survivor, on_gone), victim_(opposite(survivor), on_gone) {
  sigset_t watched;
  ::sigemptyset(&watched);
  for (const int signal : {SIGCHLD, SIGINT, SIGTERM}) ::sigaddset(&watched, signal);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  signals_ = ::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

Pair::~Pair() { ::close(signals_); }

bool Pair::await(const std::function<bool()>& so, std::chrono::nanoseconds longest) {
  for (const Time until = Clock::now() + longest;;) {
    for (SideHandle* const side : {&survivor_, &victim_}) {
      if (side->runs()) side->read();
    }
    if (so()) return true;
    if (Clock::now() >= until) return false;
    hear(until);
  }
}

void Pair::hear(Time until) {
  std::array<pollfd, 3> watched{pollfd{signals_, POLLIN, 0}, pollfd{-1, POLLIN, 0}, pollfd{-1, POLLIN, 0}};
  std::size_t place = 1;
  for (SideHandle* const side : {&survivor_, &victim_}) {
    // One that has ended says nothing more, but its channel would be readable for ever.
    if (side->runs() && !side->child().ended()) watched[place].fd = side->child().channel().descriptor();
    ++place;
  }
  const auto left = std::max<std::chrono::nanoseconds>(until - Clock::now(), std::chrono::nanoseconds(0));
  const timespec longest{.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000),
                         .tv_nsec = static_cast<long>(left.count() % 1'000'000'000)};
  ::ppoll(watched.data(), watched.size(), &longest, nullptr);
  signalfd_siginfo signal{};
  while (::read(signals_, &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
    if (signal.ssi_signo != SIGCHLD) throw Interrupted();
  }
}

}  // namespace vagus::chaos
