#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <system_error>

#include <vagus/core/mutex.hpp>
#include <vagus/core/suggestions.hpp>

#include "commands.hpp"
#include "json.hpp"

namespace vagus::tools {

namespace {

// For the signal handler, which can be given nothing.
int descriptor_of_end = -1;

void wake() noexcept {
  const std::uint64_t one = 1;
  const int error = errno;
  // It can only be full, and then it is readable anyway.
  [[maybe_unused]] const auto written = ::write(descriptor_of_end, &one, sizeof one);
  errno = error;
}

/// When the command is to end: at SIGINT or SIGTERM, or when somebody says so, with a reason if it is a bad
/// one. One at a time.
class End {
 public:
  End() {
    descriptor_of_end = ::eventfd(0, EFD_CLOEXEC);
    if (descriptor_of_end < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
    struct sigaction action {};
    action.sa_handler = [](int) { wake(); };
    ::sigaction(SIGINT, &action, &interrupt_before_);
    ::sigaction(SIGTERM, &action, &terminate_before_);
  }
  ~End() {
    ::sigaction(SIGINT, &interrupt_before_, nullptr);
    ::sigaction(SIGTERM, &terminate_before_, nullptr);
    ::close(descriptor_of_end);
  }
  End(const End&) = delete;
  End& operator=(const End&) = delete;

  void come(const ErrorPtr& reason = nullptr) {
    {
      MutexLock lock(mutex_);
      if (!reason_) reason_ = reason;
    }
    wake();
  }
  /// Throws the reason, if there is one.
  void await() {
    std::uint64_t count = 0;
    while (::read(descriptor_of_end, &count, sizeof count) < 0 && errno == EINTR) {
    }
    MutexLock lock(mutex_);
    if (reason_) reason_->raise();
  }

 private:
  struct sigaction interrupt_before_ {};
  struct sigaction terminate_before_ {};
  Mutex mutex_;
  ErrorPtr reason_ VAGUS_GUARDED_BY(mutex_);
};

/// Writes events down, one at a time.
class EventPrinter {
 public:
  EventPrinter(const Description& told, const ListenOptions& options, End& end)
      : told_(told), converter_(told.types), options_(options), end_(end) {}

  void operator()(const Call& call, const HeardEvent& event) {
    if (printed_ == options_.count && options_.count != 0) return;
    if (call.missed() != 0) {
      std::fprintf(stderr, "vagus: %llu events came too fast and were lost\n",
                   static_cast<unsigned long long>(call.missed()));
    }
    const std::string line = options_.json ? one_line(as_json(event)) : as_text(event);
    if (std::puts(line.c_str()) < 0 || std::fflush(stdout) != 0) {
      end_.come(make_error<TransportFinishedError>("the output was closed"));
    } else if (++printed_ == options_.count) {
      end_.come();
    }
  }

 private:
  Json argument(const HeardEvent& event, std::size_t index) const {
    const MemberDescription* const member = told_.member(event.name_space);
    const bool known = member != nullptr && member->event && index < member->parameters.size();
    return known ? converter_.to_json(event.arguments[index], member->parameters[index].type)
                 : JsonConverter::to_json(event.arguments[index]);
  }

  std::string as_text(const HeardEvent& event) const {
    std::string line = event.name_space;
    const char* before = " ";
    for (std::size_t index = 0; index < event.arguments.size(); ++index) {
      line += before + one_line(argument(event, index));
      before = ", ";
    }
    for (const auto& [name, value] : event.named) {
      line += before + (name.kind() == Value::Kind::str ? name.string() : to_string(name)) + '=' +
              one_line(JsonConverter::to_json(value));
      before = ", ";
    }
    return line;
  }

  Json as_json(const HeardEvent& event) const {
    Json line{{"event", event.name_space}, {"arguments", Json::array()}};
    for (std::size_t index = 0; index < event.arguments.size(); ++index) {
      line["arguments"].push_back(argument(event, index));
    }
    if (!event.named.empty()) line["named"] = JsonConverter::to_json(Value(event.named));
    return line;
  }

  const Description& told_;
  const JsonConverter converter_;
  const ListenOptions& options_;
  End& end_;
  std::size_t printed_ = 0;
};

/// What the peer tells of its events; nothing if it does not tell, or may not.
Description described(Connection& connection, const std::string& pattern) {
  if (connection.peer().plain) return {};
  try {
    return connection.describe(pattern);
  } catch (const PermissionDeniedError&) {
    return {};
  } catch (const UnsupportedApiError&) {
    return {};  // it is of an older version
  }
}

/// Events need not be declared, so this is no error.
void remark_if_unknown(Connection& connection, const Description& told, const std::string& pattern) {
  const auto is_event = [](const MemberDescription& member) { return member.event; };
  if (told.name.empty() || std::any_of(told.members.begin(), told.members.end(), is_event)) return;
  std::vector<std::string> names;
  for (const MemberDescription& member : described(connection, "**").members) {
    if (member.event) names.push_back(member.name_space);
  }
  std::fprintf(stderr, "vagus: %s declares no event %s%s\n", told.name.c_str(), pattern.c_str(),
               did_you_mean(pattern, names).c_str());
}

}  // namespace

void listen(const ConnectionOptions& connection_options, const ListenOptions& options) {
  Connection connection(connection_options);
  const Description told = described(connection, options.pattern);
  End end;
  EventPrinter printer(told, options, end);
  const auto lost = [&](const ErrorPtr& reason) {
    end.come(make_error<TransportDisconnectedError>(
        "the link to " + connection.peer().name + " was lost" +
        (reason ? std::string(": ") + reason->what() : std::string())));
  };
  const auto watching = connection.arb().on_state([&](const LinkEvent& link) {
    if (link.state == LinkState::disconnected) lost(link.reason);
  });
  if (!connection.arb().connected()) lost(nullptr);  // before anybody watched
  const auto listening = connection.arb().subscribe(
      options.pattern, [&](Call& call, const HeardEvent& event) { printer(call, event); });
  remark_if_unknown(connection, told, options.pattern);
  end.await();
}

}  // namespace vagus::tools
