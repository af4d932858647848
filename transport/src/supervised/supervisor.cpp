#include <algorithm>
#include <exception>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/transport/supervisor.hpp>

#include "common/address_name.hpp"
#include "supervised/inherited_channel.hpp"
#include "supervised/supervised_transport.hpp"
#include "supervised/supervision.hpp"

namespace vagus {

namespace supervised = transport::supervised;

namespace {

constexpr const char* scheme = "supervised";
constexpr std::size_t longest_name = 64;

/// "/opt/mill/mill body" becomes mill_body.
std::string name_of_program(const std::string& program) {
  std::string name = program.substr(program.rfind('/') + 1).substr(0, longest_name);
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  std::replace_if(
      name.begin(), name.end(), [&](char c) { return !fits(c); }, '_');
  return name;
}

bool has_zero_byte(const std::string& text) { return text.find('\0') != std::string::npos; }

void check(const std::vector<std::string>& command, const SupervisorOptions& options) {
  if (command.empty() || command.front().empty()) {
    throw ApiParamError("a Supervisor needs a program to start: {{\"./mill_body\", \"--argument\"}}");
  }
  if (std::any_of(command.begin(), command.end(), has_zero_byte)) {
    throw ApiParamError("the command " + command.front() + " has an argument with a zero byte");
  }
  for (const auto& [name, value] : options.environment) {
    if (name.empty() || name.find('=') != std::string::npos || has_zero_byte(name) || has_zero_byte(value)) {
      throw ApiParamError("\"" + name + "\" cannot be a variable of the environment of " + command.front());
    }
  }
  // Within no time at all nothing is ever one restart too many.
  if (options.within <= Duration::zero()) {
    throw ApiParamError("a Supervisor's `within` has to be longer than zero; `max_restarts = 0` allows none");
  }
  if (options.pause < Duration::zero()) throw ApiParamError("a Supervisor's `pause` cannot be negative");
}

}  // namespace

const char* to_string(Restart restart) noexcept {
  switch (restart) {
    case Restart::always:
      return "always";
    case Restart::on_failure:
      return "on_failure";
    case Restart::never:
      return "never";
  }
  return "?";
}

const char* to_string(SupervisorState state) noexcept {
  switch (state) {
    case SupervisorState::idle:
      return "idle";
    case SupervisorState::running:
      return "running";
    case SupervisorState::restarting:
      return "restarting";
    case SupervisorState::ended:
      return "ended";
    case SupervisorState::given_up:
      return "given_up";
    case SupervisorState::stopped:
      return "stopped";
  }
  return "?";
}

class Supervisor::Impl {
 public:
  Impl(std::vector<std::string> command, SupervisorOptions options) {
    check(command, options);
    if (options.name.empty()) options.name = name_of_program(command.front());
    transport::check_address_name(Url{scheme, options.name, {}});
    supervised::LaunchPlan plan{std::move(command), std::move(options.directory),
                                std::move(options.environment)};
    supervision = std::make_shared<supervised::Supervision>(std::move(plan), std::move(options));
    transport = supervised::make_head_transport(supervision);
  }

  std::shared_ptr<supervised::Supervision> supervision;
  std::shared_ptr<transport::Transport> transport;
};

Supervisor::Supervisor(std::vector<std::string> command, SupervisorOptions options)
    : impl_(std::make_unique<Impl>(std::move(command), std::move(options))) {}
Supervisor::~Supervisor() {
  if (impl_->supervision->left_home()) {
    // To destroy it would be to destroy threads that do not exist, and whoever watches the parent's body. It
    // is kept where checkers of leaks find it.
    static auto& kept = *new std::vector<std::unique_ptr<Impl>>;
    kept.push_back(std::move(impl_));
    return;
  }
  impl_->supervision->finish();
}

void Supervisor::start() { impl_->supervision->start(); }
void Supervisor::stop(Duration grace) noexcept { impl_->supervision->stop(grace); }
void Supervisor::stop() noexcept { stop(impl_->supervision->grace()); }
SupervisorState Supervisor::state() const { return impl_->supervision->state(); }
std::int64_t Supervisor::process_id() const { return impl_->supervision->process_id(); }
const std::string& Supervisor::name() const noexcept { return impl_->supervision->name(); }

Registration Supervisor::on_state(std::function<void(const SupervisorEvent&)> listener) {
  return impl_->supervision->on_state(std::move(listener));
}

Endpoint connect(const Supervisor& supervisor, std::string_view options) {
  std::string url = std::string(scheme) + "://" + supervisor.name();
  if (!options.empty()) url.append("?").append(options);
  return Endpoint{Side::head, Url::parse(url), supervisor.impl_->transport};
}

Endpoint listen_supervised_or(std::string_view text) {
  Url url = Url::parse(text);
  if (supervised::has_inherited_channel()) {
    url.scheme = scheme;
    url.options.erase("mode");
  }
  return Endpoint{Side::body, std::move(url)};
}

}  // namespace vagus
