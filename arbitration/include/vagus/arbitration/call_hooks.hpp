/// Functions that hear of each call and each request, for logs, traces and metrics.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include <vagus/core/deadline.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/core/transaction.hpp>
#include <vagus/core/transaction_id.hpp>

namespace vagus {

/// This side makes a call.
struct CallBegun {
  std::uint64_t number = 0;  ///< of this call, unique in the ApiArb; that of the CallEnded to come
  std::string_view name_space;
  Deadline deadline;
};

/// A call of this side has ended.
struct CallEnded {
  std::uint64_t number = 0;  ///< that of its CallBegun
  std::string_view name_space;
  const Peer& peer;  ///< whom it was sent to; its id is 0 if to nobody, or to this process itself
  TransactionId id;  ///< as the peer knows it; none if it was not sent, or to this process itself
  TransactionState state = TransactionState::completed;  ///< completed, failed, timed_out or cancelled
  const Error* error = nullptr;                          ///< null if it has completed
  Duration elapsed{};
};

/// A request has come, or an unsolicited message: of a peer, or of this process itself.
struct RequestReceived {
  std::uint64_t number = 0;  ///< of this request, unique in the ApiArb; that of the RequestHandled to come
  std::string_view name_space;
  const Peer& peer;        ///< its id is 0 if this process itself called
  TransactionId id;        ///< that of the call at the peer; none if it was unsolicited, or of this process
  bool solicited = false;  ///< the sender waits for an answer
};

/// What has become of a request.
enum class RequestState : std::uint8_t {
  completed,  ///< the handler has given its result
  failed,     ///< the handler has thrown, or its result could not be sent
  refused,    ///< not run: nothing handles it, its arguments are wrong, a queue is full, it came too late
  abandoned   ///< nobody ever answered: the ApiArb was stopped before
};

const char* to_string(RequestState state) noexcept;

/// A request has been answered; an unsolicited message has been handled.
struct RequestHandled {
  std::uint64_t number = 0;  ///< that of its RequestReceived
  std::string_view name_space;
  const Peer& peer;
  TransactionId id;
  bool solicited = false;
  RequestState state = RequestState::completed;
  const Error* refusal = nullptr;  ///< of refused: why; else null
  std::string_view exception;      ///< of failed: the type of what was thrown, as it travels; else empty
  bool given_up = false;           ///< the caller was gone, had cancelled it or passed its deadline
  Duration waited{};  ///< from its arrival until a worker had it; if it was not run, until the answer
  Duration ran{};     ///< from then until the answer was sent; zero if it was not run
};

/// What ApiArb::observe() calls; each may be empty. What they are given is valid only while they run.
///
/// Of each call `call_begun` hears first and `call_ended` next, once each; of each request likewise
/// `request_received` and `request_handled`. Who is registered in between hears of neither. An event is
/// received, and handled, once for each subscriber. What peers tell each other of themselves is no call.
///
/// They run on whatever thread is just concerned, under no lock, several at once:
/// - `call_begun` on the thread that makes the call, before it is sent;
/// - `call_ended` on the thread that has read the answer, cancels, or looks after deadlines, and before
///   anybody sees that the call has ended: call() returns, and callbacks run, after it has returned;
/// - `request_received` on the thread that has read the message, before its handler runs;
/// - `request_handled` on the thread that has answered, after the answer was sent.
/// So they must not block, make no calls and post nothing: other messages wait meanwhile. Of the ApiArb they
/// may use stats(), peers(), connected(), and end any registration. What they throw is logged and counted
/// among Stats::handlers_failed.
struct CallHooks {
  std::function<void(const CallBegun&)> call_begun = {};
  std::function<void(const CallEnded&)> call_ended = {};
  std::function<void(const RequestReceived&)> request_received = {};
  std::function<void(const RequestHandled&)> request_handled = {};
};

}  // namespace vagus
