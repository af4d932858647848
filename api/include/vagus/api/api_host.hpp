/// What an API needs from whatever it is attached to.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/call_context.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/executor.hpp>
#include <vagus/core/options.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/core/result.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/wire/block.hpp>
#include <vagus/wire/writer.hpp>

namespace vagus {
struct Description;
}  // namespace vagus

namespace vagus::detail {

class ApiRoot;
class HandlerSlot;

/// Whom a call is for.
struct Target {
  enum class Kind : std::uint8_t {
    automatic,  ///< the peer that handles it; several are an error
    peer,       ///< this one
    any,        ///< the next of those that handle it
    all,        ///< whichever; it is not sent, but ends when there is somebody to send it to
    local       ///< this process itself
  };
  Kind kind = Kind::automatic;
  std::uint64_t peer = 0;
};

/// One message that is about to be sent. Refers to what the caller keeps for as long as the function that it
/// is given to runs.
class Outgoing {
 public:
  virtual ~Outgoing() = default;
  /// Writes the array of positional arguments.
  virtual void pack(wire::Writer& writer) const = 0;

  std::shared_ptr<const std::string> name_space;
  std::span<const std::byte> keyword;  ///< a MessagePack map; empty for none
  ApiRoot* root = nullptr;             ///< whose stub it is; null for a call by name
  Target target;
  Deadline deadline;
  Priority priority = Priority::normal;
  WhenFull when_full = WhenFull::wait;
  WhenDown when_down = WhenDown::fail;
  bool idempotent = false;
  bool event = false;  ///< goes to every peer that listens, and to nobody else
};

/// Implemented by ApiArb, and by fakes in tests. All functions are safe from any thread.
class ApiHost : public TransactionWaiter {
 public:
  /// The arbitrator's level of defaults, complete: what the library has is filled in.
  virtual const CallDefaults& defaults() const noexcept = 0;

  /// Has a call that is made of several begin the chain that they are to share, if each of them would begin
  /// one of its own. By the thread that makes it, before any other knows of it.
  virtual void begin_chain(Transaction&) const {}
  /// Sends a call and returns. Whatever goes wrong, then or later, ends the transaction.
  virtual void submit(const Outgoing& call, const std::shared_ptr<Transaction>& transaction) = 0;
  /// Sends a call and returns when its transaction has ended, at the latest at its deadline.
  virtual void submit_and_wait(const Outgoing& call, const std::shared_ptr<Transaction>& transaction) = 0;
  /// Sends an unsolicited message; null if the link has accepted it, or nobody listens.
  virtual ErrorPtr post(const Outgoing& message) = 0;
  /// Sends an event of which only the last one counts, to those that listen, and waits for nothing: where one
  /// of the same name has not left yet, this takes its place. What goes wrong is logged.
  virtual void tell_last(const Outgoing& event) = 0;
  /// Memory that the peer sees whom calls of this API go to, or the peer given if that is not 0; null: there
  /// is no such peer now, or not one, or it shares no memory. Throws OverloadedError, see transport::Link.
  virtual std::shared_ptr<wire::Block> borrow(const ApiRoot& root, std::uint64_t peer, std::size_t size) = 0;
  /// A call that submit() was given, by whoever does not wait for it, ends with this error.
  virtual void count_failed(const Error&) noexcept {}
  /// Ends the transaction with TransactionCancelled, and tells the handler.
  bool cancel(Transaction& transaction) override = 0;

  /// So many parts that came ahead of the transaction's answer were taken: the handler may send more.
  virtual void acknowledge(const Transaction& transaction, std::uint64_t parts) = 0;

  /// Where callbacks of an API's calls run, and its coroutines go on; null root: calls by name.
  virtual std::shared_ptr<Executor> executor(ApiRoot* root) = 0;
  /// The open peers that handle a namespace and that the API may reach; an error if there is nothing to reach
  /// any more.
  virtual Result<std::vector<Peer>> peers_that_handle(std::string_view name_space, ApiRoot* root) const = 0;

  /// What the peers tell of this namespace and of what is below it: see ApiProxy::description().
  virtual Description description(const std::string& name_space, Duration timeout) = 0;

  /// A namespace is handled from now on; throws MultipleApiResponseError if another API handles it already.
  virtual void claim(const std::shared_ptr<ApiRoot>& root, const std::string& name_space,
                     const std::shared_ptr<HandlerSlot>& slot) = 0;
  virtual void unclaim(const ApiRoot& root, const std::string& name_space) noexcept = 0;
  /// Events of this name are wanted from now on. Returns when every open link has been told; false: they had
  /// been told already, for another API.
  virtual bool listen(const std::shared_ptr<ApiRoot>& root, const std::string& name_space) = 0;
  /// Tells them again, so that whoever retains the event sends the last one.
  virtual void listen_anew(const std::string& name_space) = 0;
  virtual void unlisten(const ApiRoot& root, const std::string& name_space) noexcept = 0;
  /// This API of the tree has a hook for what nothing handles, or has none any more.
  virtual void hook_changed(const std::string& name_space) = 0;

  /// Lets go of an API: waits for its handlers, but for those that this very thread is inside of, and answers
  /// what is still queued. Nothing happens if it is not attached.
  virtual void detach(ApiRoot& root) noexcept = 0;
};

}  // namespace vagus::detail
