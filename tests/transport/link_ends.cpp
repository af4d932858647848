#include "transport/link_ends.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "support/own_address.hpp"
#ifdef VAGUS_WITH_OPENSSL
#include "support/tls/own_certificate.hpp"
#endif

namespace vagus::testing {

namespace {

transport::Transport& transport_of(const Url& url) {
  static const transport::TransportRegistry registry = transport::TransportRegistry::builtin();
  return *registry.find(url.scheme);
}

}  // namespace

LoopThreads::LoopThreads(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      while (loop_.run_one()) {
      }
    });
  }
}

LoopThreads::~LoopThreads() {
  loop_.stop();
  for (std::thread& thread : threads_) thread.join();
}

void LogLines::add(std::string_view line) {
  const std::lock_guard lock(mutex_);
  lines_.emplace_back(line);
  written_.notify_all();
}

bool LogLines::has(std::string_view text) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [text](const std::string& line) { return line.find(text) != std::string::npos; });
}

std::ptrdiff_t LogLines::count(std::string_view text) {
  std::lock_guard lock(mutex_);
  return std::count_if(lines_.begin(), lines_.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

bool LogLines::contains(std::string_view text) {
  const std::lock_guard lock(mutex_);
  return has(text);
}

bool LogLines::await(std::string_view text) {
  std::unique_lock lock(mutex_);
  return written_.wait_for(lock, ample_time, [&] { return has(text); });
}

void Observer::count(int& counter, const std::function<void()>& then) {
  {
    const std::lock_guard lock(mutex_);
    ++counter;
    called_.notify_all();
  }
  if (then) then();
}

void Observer::on_closed(const ErrorPtr& reason) {
  {
    const std::lock_guard lock(mutex_);
    reason_ = reason;
  }
  count(closed_, when_closed);
}

void Observer::await(const char* what, const int& counter, int times) {
  std::unique_lock lock(mutex_);
  if (!called_.wait_for(lock, ample_time, [&] { return counter >= times; })) {
    throw std::runtime_error(std::string(what) + " was called " + std::to_string(counter) + " times, not " +
                             std::to_string(times));
  }
}

ErrorPtr Observer::await_closed() {
  await("on_closed", closed_, 1);
  const std::lock_guard lock(mutex_);
  return reason_;
}

int Observer::read(const int& counter) {
  const std::lock_guard lock(mutex_);
  return counter;
}

void End::start(std::unique_ptr<Link> its_link) {
  link = std::move(its_link);
  link->start(observer);
}

void End::send(std::string_view text) {
  const std::string message = to_message(text);
  const auto deadline = Deadline::after(ample_time);
  Slot slot;
  ClaimStatus status = ClaimStatus::full;
  while ((status = link->try_claim(message.size(), slot)) == ClaimStatus::full) {
    if (deadline.passed()) throw std::runtime_error("there was no space to send in time");
    link->wait_writable(deadline);
  }
  if (status != ClaimStatus::claimed) throw std::runtime_error("the message could not be sent");
  if (!message.empty()) std::memcpy(slot.bytes.data(), message.data(), message.size());
  if (link->commit(slot, message.size())) return;
  do {
    if (deadline.passed()) throw std::runtime_error("there was no space to send on in time");
    link->wait_writable(deadline);
  } while (!link->push(slot));
}

bool End::try_send(std::string_view text) {
  const std::string message = to_message(text);
  Slot slot;
  if (link->try_claim(message.size(), slot) != ClaimStatus::claimed) return false;
  if (!message.empty()) std::memcpy(slot.bytes.data(), message.data(), message.size());
  return link->commit(slot, message.size());
}

std::optional<std::string> End::receive(Deadline deadline) {
  while (true) {
    const bool ended = observer.closed() != 0;
    if (auto message = try_receive()) return message;
    if (ended || deadline.passed()) return std::nullopt;
    link->wait_readable(deadline);
  }
}

std::optional<std::string> End::try_receive() {
  const auto bytes = link->try_receive();
  if (!bytes) return std::nullopt;
  std::string text = to_text(*bytes);
  link->release();
  return text;
}

bool is_stream(std::string_view scheme) {
  return scheme.starts_with("unix") || scheme == "tcp" || scheme == "tls";
}

namespace {

// An array of one element, a bin with a length of 32 bits.
constexpr std::string_view stream_frame = "\x91\xc6";

}  // namespace

std::size_t frame_size(std::string_view scheme) {
  return is_stream(scheme) ? stream_frame.size() + sizeof(std::uint32_t) : 0;
}

std::string End::to_message(std::string_view text) const {
  if (!is_stream(link->traits().scheme)) return std::string(text);
  std::string message(stream_frame);
  for (const int shift : {24, 16, 8, 0}) message += static_cast<char>(text.size() >> shift);
  return message.append(text);
}

std::string End::to_text(std::span<const std::byte> message) const {
  const std::string_view all(reinterpret_cast<const char*>(message.data()), message.size());
  if (!is_stream(link->traits().scheme)) return std::string(all);
  if (all.size() < frame_size("tcp") || !all.starts_with(stream_frame)) return "a message of another kind";
  return std::string(all.substr(frame_size("tcp")));
}

std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  unsigned value = seed * 2654435761u + 1;
  for (char& c : text) {
    value = value * 1664525u + 1013904223u;
    c = static_cast<char>(value >> 24);
  }
  return text;
}

std::string fresh_url(const std::string& scheme, const std::string& options) {
  static std::atomic<int> counter{0};
  const int number = ++counter;
  const std::string name = "test-" + std::to_string(::getpid()) + "-" + std::to_string(number);
  if (scheme == "shm+path") return "shm://" + std::string(std::getenv("TMPDIR")) + "/" + name + options;
  if (scheme == "unix+path") return "unix://" + std::string(std::getenv("TMPDIR")) + "/" + name + options;
  if (scheme == "unix") return "unix://@" + name + options;
  if (scheme == "tcp")
    return "tcp://" + own_loopback_address() + ":" + std::to_string(10'000 + number) + options;
#ifdef VAGUS_WITH_OPENSSL
  if (scheme == "tls") {
    return "tls://" + own_loopback_address() + ":" + std::to_string(10'000 + number) + "?" +
           own_tls_options() + (options.empty() ? "" : "&" + options.substr(1));
  }
#endif
  return scheme + "://" + name + options;
}

transport::TransportContext make_context(EventLoop& loop, Log& log, std::string name) {
  transport::TransportContext context{.loop = loop, .log = log, .hello = {}, .limits = {}};
  context.hello.name = std::move(name);
  return context;
}

Body::Body(const std::string& url, const transport::TransportContext& context) {
  const Url parsed = Url::parse(url);
  listener_ = transport_of(parsed).listen(parsed, context, [this](std::unique_ptr<Link> link) {
    const std::lock_guard lock(mutex_);
    links_.push_back(std::move(link));
    accepted_.notify_all();
  });
}

std::unique_ptr<Link> Body::accept() {
  std::unique_lock lock(mutex_);
  if (!accepted_.wait_for(lock, ample_time, [this] { return !links_.empty(); })) {
    throw std::runtime_error("no link came in time");
  }
  std::unique_ptr<Link> link = std::move(links_.front());
  links_.erase(links_.begin());
  return link;
}

Result<std::unique_ptr<Link>> try_connect(const std::string& url, const transport::TransportContext& context,
                                          Deadline deadline) {
  const Url parsed = Url::parse(url);
  std::promise<Result<std::unique_ptr<Link>>> promise;
  auto outcome = promise.get_future();
  const auto connecting = transport_of(parsed).connect(
      parsed, context, deadline,
      [&promise](Result<std::unique_ptr<Link>> result) { promise.set_value(std::move(result)); });
  if (outcome.wait_for(2 * ample_time) != std::future_status::ready) {
    throw std::runtime_error("connect() did not come to an end");
  }
  return outcome.get();
}

}  // namespace vagus::testing
