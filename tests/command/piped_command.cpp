#include "piped_command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <stdexcept>

namespace vagus::testing {

Output::Output() {
  if (::pipe2(ends_.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
}

Output::~Output() {
  ::close(ends_[0]);
  close_writing_end();
}

void Output::close_writing_end() noexcept {
  if (ends_[1] >= 0) ::close(ends_[1]);
  ends_[1] = -1;
}

std::string Output::line() {
  std::size_t end = text_.find('\n');
  while (end == std::string::npos && read_some()) end = text_.find('\n');
  const std::string line = text_.substr(0, end);
  text_.erase(0, end == std::string::npos ? end : end + 1);
  return line;
}

std::string Output::rest() {
  while (read_some()) {
  }
  return text_;
}

bool Output::read_some() {
  pollfd watched{ends_[0], POLLIN, 0};
  if (::poll(&watched, 1, 30'000) != 1) return false;
  std::array<char, 4096> piece{};
  const auto size = ::read(ends_[0], piece.data(), piece.size());
  if (size > 0) text_.append(piece.data(), static_cast<std::size_t>(size));
  return size > 0;
}

PipedCommand::PipedCommand(std::vector<std::string> words) {
  words.insert(words.begin(), VAGUS_COMMAND);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  // Between fork() and exec() nothing that could wait for another thread of this process.
  process_ = std::make_unique<Process>([&] {
    ::dup2(output_.writing_end(), STDOUT_FILENO);
    ::dup2(errors_.writing_end(), STDERR_FILENO);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  });
  output_.close_writing_end();
  errors_.close_writing_end();
}

}  // namespace vagus::testing
