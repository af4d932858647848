/// Bodies that the head starts itself, as child processes, and keeps running.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/deadline.hpp>
#include <vagus/core/log.hpp>
#include <vagus/core/optional_ref.hpp>
#include <vagus/core/registration.hpp>
#include <vagus/transport/endpoint.hpp>
#include <vagus/transport/process_exit.hpp>

namespace vagus {

/// When a body that has ended is started again, unless it was stopped.
enum class Restart : std::uint8_t {
  always,      ///< whatever its end
  on_failure,  ///< unless it exited with the code 0
  never
};

const char* to_string(Restart restart) noexcept;

/// Options of a Supervisor.
struct SupervisorOptions {
  /// What the body is called in messages and in the URL of its link, `supervised://NAME`; the file name of
  /// its program by default.
  std::string name = {};
  Restart restart = Restart::on_failure;

  /// It is given up when it would have to be started again more often than this...
  unsigned max_restarts = 5;
  /// ...within this time, which is longer than zero.
  Duration within = std::chrono::seconds(10);
  /// The first restart within that time comes at once, the second after this pause, and each further one
  /// after twice the pause before it, up to 5 s.
  Duration pause = std::chrono::milliseconds(100);

  /// How long the destructor, and stop() if nothing else is said, lets it come to its end before it is
  /// killed.
  Duration grace = std::chrono::seconds(5);

  /// Where it runs; this process's working directory by default.
  std::string directory = {};
  /// Variables that are added to this process's environment, or take the place of those in it.
  std::map<std::string, std::string> environment = {};
  /// Where the Supervisor logs; warnings and errors to standard error by default. Has to outlive it.
  OptionalRef<Log> log = {};
};

enum class SupervisorState : std::uint8_t {
  idle,        ///< not started yet
  running,     ///< its process runs
  restarting,  ///< it has ended, and is started again after a pause
  ended,       ///< it has ended, and the policy is not to start it again
  given_up,    ///< it has ended too often
  stopped      ///< by stop()
};

const char* to_string(SupervisorState state) noexcept;

/// One change of what a Supervisor watches over.
struct SupervisorEvent {
  SupervisorState state = SupervisorState::idle;
  std::string name;                 ///< of the body
  std::int64_t process_id = -1;     ///< of the process that runs, or has just ended; -1 if there was none
  std::optional<ProcessExit> exit;  ///< how it ended; empty if none has
  Duration pause{};                 ///< of restarting: until it is started
};

/// Runs one body as a child process, for as long as this object lives, and links the head to it:
///
///     vagus::Supervisor supervisor{{"./mill_body", "--axes=3"}};
///     vagus::ApiArb head{vagus::connect(supervisor)};
///
/// The link has no name that anybody else could find: the body inherits it, and says
/// `vagus::listen("supervised://mill")`, or `vagus::listen_supervised_or("shm://mill")` if it is also to be
/// started by hand. It should end on SIGTERM, as run_until_signal() does. When it dies, pending calls fail
/// with an error that says how it died; it is started again as `restart` says, and the ApiArb goes on with
/// the same objects.
///
/// The process begins at start(), or when an ApiArb first connects. It has its own process group, so that a
/// Ctrl-C reaches this process only; /dev/null as standard input; no signals blocked or ignored; and no
/// descriptors but the three standard ones and its link. The kernel kills it when this process dies, whatever
/// kills that: not so its own children, nor a set-user-ID program. A body that a script starts gets SIGTERM
/// when the script or this process ends.
///
/// This process must not ignore SIGCHLD, nor wait for children that are not its own business (`wait()`): how
/// the body ended would be lost. All functions are safe from any thread, also from listeners.
///
/// A child of fork() has a copy that it cannot use, of a body that stays its parent's: stop() and the
/// destructor only return, state() is `stopped` and process_id() -1; start(), on_state() and a link throw
/// TransportFinishedError.
class Supervisor {
 public:
  /// `command`: the program and its arguments. A program without a `/` is looked for in PATH, a relative path
  /// begins at this process's working directory. Throws ApiParamError if it is empty, or an option makes no
  /// sense; whether the program can be run shows when it is started.
  explicit Supervisor(std::vector<std::string> command, SupervisorOptions options = {});
  /// Stops the body. Not from inside one of its listeners.
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Starts the body in the background; also again, when it was stopped, given up or has ended. Nothing
  /// happens if it runs, or is about to.
  void start();

  /// Asks the body to end by SIGTERM, kills it when it has not after `grace`, and returns when it is gone. It
  /// is not started again but by start(). Throws nothing.
  void stop(Duration grace) noexcept;
  /// The same with the grace of the options.
  void stop() noexcept;

  SupervisorState state() const;
  /// Of the process that runs; -1 if none does.
  std::int64_t process_id() const;
  const std::string& name() const noexcept;

  /// Hears of each change of state once, in order, on no lock and on a thread of its own, as long as the
  /// registration lives. What it throws is logged.
  [[nodiscard]] Registration on_state(std::function<void(const SupervisorEvent&)> listener);

 private:
  class Impl;
  friend Endpoint connect(const Supervisor& supervisor, std::string_view options);

  std::unique_ptr<Impl> impl_;
};

/// A head's endpoint, whose body is the one that the Supervisor runs. `options`: what may stand after the `?`
/// of an `shm` URL, such as "ring=65536&wait=block". Starts the body, if nobody has yet, when the ApiArb
/// connects. May outlive the Supervisor; nobody is there then.
Endpoint connect(const Supervisor& supervisor, std::string_view options = {});

/// A body's endpoint: the link that it has inherited if a Supervisor has started it, else `url`. In the first
/// case the options of the URL count for that link, but for `mode`.
Endpoint listen_supervised_or(std::string_view url);

}  // namespace vagus
