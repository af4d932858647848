/// What goes wrong, and what the caller does next.
///
/// `Error` and the groups below it (ApiError, TransactionFailed, IpcException, RemoteError) are interfaces
/// without a standard base. What is thrown is always a leaf that has exactly one, so each of these catches
/// it: `catch (const TransactionTimeout&)`, `catch (const TransactionFailed&)`, `catch (const Error&)`,
/// `catch (const std::exception&)`.
///
/// Errors are values: copying one shares its text, and never throws. Reading one is safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <vagus/core/transaction_id.hpp>

namespace vagus {

/// Did the call run? Exact for what was refused, expired or overloaded; `unknown` where the peer died with
/// it.
enum class Execution : std::uint8_t {
  not_sent,  ///< never left this process: calling again is safe
  not_run,   ///< the peer had it and did not run it: calling again is safe
  unknown,   ///< it may have run: call again only if it may run twice
  ran        ///< the handler ran
};

const char* to_string(Execution execution) noexcept;

enum class ErrorCode : std::uint8_t {
  api_param,
  unknown_api,
  unsupported_api,
  multiple_api_response,
  contract_mismatch,
  overloaded,
  remote,
  transaction_timeout,
  transaction_cancelled,
  transport_disconnected,
  transport_finished,
  connection_timeout,
  message_too_large,
  permission_denied,
  protocol
};
inline constexpr std::size_t error_code_count = static_cast<std::size_t>(ErrorCode::protocol) + 1;

/// The class that a code belongs to: `ErrorCode::api_param` is "ApiParamError".
const char* to_string(ErrorCode code) noexcept;

/// What is known about an error besides its text.
struct ErrorContext {
  std::string_view name_space = {};  ///< of the method or event, empty if it was about none
  TransactionId id = {};             ///< of the call, none if it got none
  Execution execution = Execution::not_sent;
};

/// Any error of this library.
class Error {
 public:
  virtual ~Error() = default;

  virtual const char* what() const noexcept { return facts_->text.c_str(); }
  ErrorCode code() const noexcept { return facts_->code; }
  /// The method or event that it was about, such as `machine.x.move_to`; empty if it was about none.
  const std::string& name_space() const noexcept { return facts_->name_space; }
  TransactionId id() const noexcept { return facts_->id; }
  Execution execution() const noexcept { return facts_->execution; }

  /// Throws a copy of this very error.
  [[noreturn]] virtual void raise() const = 0;

 protected:
  Error(ErrorCode code, const std::string& text, const ErrorContext& context)
      : facts_(std::make_shared<const Facts>(
            Facts{code, context.execution, context.id, text, std::string(context.name_space)})) {}
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;

 private:
  struct Facts {
    ErrorCode code;
    Execution execution;
    TransactionId id;
    std::string text;
    std::string name_space;
  };
  std::shared_ptr<const Facts> facts_;
};

/// An error that is held, not thrown: what a Result and a finished transaction carry. Never empty where one
/// is given.
using ErrorPtr = std::shared_ptr<const Error>;

/// The call, the contract or a handler was at fault; the connection is well.
class ApiError : public Error {
 protected:
  using Error::Error;
};

/// The call did not get its answer in time, or was given up.
class TransactionFailed : public Error {
 protected:
  using Error::Error;
};

/// The connection was at fault.
class IpcException : public Error {
 protected:
  using Error::Error;
};

namespace detail {

/// A leaf of the tree of errors: its group, one standard base, and nothing else. The standard base has the
/// text as well, for who copies only it; what() reads ours, because the compiled part of the standard library
/// counts the copies of its own where no sanitizer sees it.
template <typename Leaf, typename Group, ErrorCode Code>
class ErrorLeaf : public Group, public std::runtime_error {
 public:
  explicit ErrorLeaf(const std::string& message, const ErrorContext& context = {})
      : Group(Code, message, context), std::runtime_error(message) {}

  const char* what() const noexcept override { return Group::what(); }
  [[noreturn]] void raise() const override { throw static_cast<const Leaf&>(*this); }
};

}  // namespace detail

/// Wrong number, type or name of arguments; says which and what was expected. Correct the call.
class ApiParamError : public detail::ErrorLeaf<ApiParamError, ApiError, ErrorCode::api_param> {
  using ErrorLeaf::ErrorLeaf;
};
/// Nobody owns the namespace. Correct the name, or attach the API at the other side.
class UnknownApiError : public detail::ErrorLeaf<UnknownApiError, ApiError, ErrorCode::unknown_api> {
  using ErrorLeaf::ErrorLeaf;
};
/// The API is there, but nothing handles the method. Set a handler at the other side.
class UnsupportedApiError
    : public detail::ErrorLeaf<UnsupportedApiError, ApiError, ErrorCode::unsupported_api> {
  using ErrorLeaf::ErrorLeaf;
};
/// A namespace is handled twice, or several peers could answer the call: choose with `.to`, `.any` or `.all`.
class MultipleApiResponseError
    : public detail::ErrorLeaf<MultipleApiResponseError, ApiError, ErrorCode::multiple_api_response> {
  using ErrorLeaf::ErrorLeaf;
};
/// Both sides were built from contracts that disagree about this method. Rebuild the older one.
class ContractMismatchError
    : public detail::ErrorLeaf<ContractMismatchError, ApiError, ErrorCode::contract_mismatch> {
  using ErrorLeaf::ErrorLeaf;
};
/// A bounded queue or the link is full. Call again later, less often, or with `when_full`.
class OverloadedError : public detail::ErrorLeaf<OverloadedError, ApiError, ErrorCode::overloaded> {
  using ErrorLeaf::ErrorLeaf;
};

/// No answer came before the deadline. Whether the handler ran is in execution().
class TransactionTimeout
    : public detail::ErrorLeaf<TransactionTimeout, TransactionFailed, ErrorCode::transaction_timeout> {
  using ErrorLeaf::ErrorLeaf;
};
/// The call was given up by this side.
class TransactionCancelled
    : public detail::ErrorLeaf<TransactionCancelled, TransactionFailed, ErrorCode::transaction_cancelled> {
  using ErrorLeaf::ErrorLeaf;
};

/// The peer is gone or was never there. It is connected again by itself: call again when it is back, if
/// execution() allows.
class TransportDisconnectedError
    : public detail::ErrorLeaf<TransportDisconnectedError, IpcException, ErrorCode::transport_disconnected> {
  using ErrorLeaf::ErrorLeaf;
};
/// This side has closed: the whole ApiArb, after which there is nothing to wait for, or one link that it
/// could not go on with, which is made anew.
class TransportFinishedError
    : public detail::ErrorLeaf<TransportFinishedError, IpcException, ErrorCode::transport_finished> {
  using ErrorLeaf::ErrorLeaf;
};
/// No connection came about in the time given. Is the other side running, under this very URL and user?
class ConnectionTimeoutError
    : public detail::ErrorLeaf<ConnectionTimeoutError, IpcException, ErrorCode::connection_timeout> {
  using ErrorLeaf::ErrorLeaf;
};
/// The message exceeds a limit, which the text names. Raise the limit at both ends, or send less at once.
class MessageTooLargeError
    : public detail::ErrorLeaf<MessageTooLargeError, IpcException, ErrorCode::message_too_large> {
  using ErrorLeaf::ErrorLeaf;
};
/// Not let in, or not to this namespace.
class PermissionDeniedError
    : public detail::ErrorLeaf<PermissionDeniedError, IpcException, ErrorCode::permission_denied> {
  using ErrorLeaf::ErrorLeaf;
};
/// The peer sent what is no valid message, or does not speak this protocol. The link has been closed.
class ProtocolError : public detail::ErrorLeaf<ProtocolError, IpcException, ErrorCode::protocol> {
  using ErrorLeaf::ErrorLeaf;
};

/// Holds a new error of the type given: `make_error<TransactionTimeout>("...", {...})`.
template <typename Leaf>
ErrorPtr make_error(const std::string& message, const ErrorContext& context = {}) {
  return std::make_shared<const Leaf>(message, context);
}

/// The same kind of error with the same text, in another context: what every pending call gets when its link
/// ends.
ErrorPtr with_context(const ErrorPtr& error, const ErrorContext& context);

/// The framework's error of this code, as it is rebuilt from the wire. `ErrorCode::remote` is not among them.
ErrorPtr make_error(ErrorCode code, const std::string& message, const ErrorContext& context);

}  // namespace vagus
