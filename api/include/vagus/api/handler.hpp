/// Handlers with their types erased, and how a callable becomes one.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include <vagus/api/call.hpp>
#include <vagus/api/params.hpp>
#include <vagus/api/signature.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/wire/reader.hpp>

namespace vagus::detail {

/// The arguments of a message, in place.
struct Arguments {
  std::span<const std::byte> positional;  ///< a MessagePack array
  std::span<const std::byte> keyword;     ///< a MessagePack map; empty for none
};

/// What goes on while a handler runs. Keeps the invocation and the handler alive.
class HandlerRun {
 public:
  virtual ~HandlerRun() = default;
  /// The handler has returned; what is left is to send its answer. Called once at most.
  virtual void returned() noexcept {}
  /// The handler has ended. Called once.
  virtual void over() noexcept = 0;
};

/// One run of a handler, its arguments decoded: nothing of the message is needed any more.
class Invocation {
 public:
  virtual ~Invocation() = default;
  /// Runs the handler, answers `incoming` and says that the run is over: before this returns, or later from
  /// another thread if the handler is a coroutine. Throws nothing.
  virtual void run(IncomingCall& incoming, const std::shared_ptr<HandlerRun>& run) = 0;
};

/// A callable that handles a method or an event. Immutable but for its gate; safe from any thread.
class Handler {
 public:
  Handler(Signature signature, std::shared_ptr<Gate> gate);
  virtual ~Handler();
  Handler(const Handler&) = delete;
  Handler& operator=(const Handler&) = delete;

  /// Decodes; throws ApiParamError that names the argument. `declared` has the names and defaults, if there
  /// are any. The handler has to outlive what it gives.
  virtual std::unique_ptr<Invocation> bind(const Arguments& arguments, const ParameterList& declared,
                                           std::string_view name_space) const = 0;

  const Signature& signature() const noexcept { return signature_; }
  /// Keeps the handler from running once it is taken away; shared by all handlers of one served object.
  Gate& gate() const noexcept { return *gate_; }

 private:
  const Signature signature_;
  const std::shared_ptr<Gate> gate_;
};

/// Finds the value of each parameter in turn: given by position, by name, or as the declared default.
class ArgumentBinder {
 public:
  /// Throws ApiParamError for too many arguments, and for names that are unknown, doubled or given by
  /// position too.
  ArgumentBinder(const Arguments& arguments, const ParameterList& declared, const Signature& signature,
                 std::string_view name_space);

  /// The next argument; throws ApiParamError if it is missing or of the wrong type.
  template <typename T>
  T next() {
    wire::Reader reader = next_reader();
    try {
      return wire::unpack<T>(reader);
    } catch (const std::exception& wrong) {  // also what the type itself throws: the message is well
      refuse_type(wrong.what());
    }
  }

 private:
  wire::Reader next_reader();
  void check_keywords() const;
  std::span<const std::byte> keyword_argument(std::string_view name) const;
  [[noreturn]] void refuse(const std::string& fault) const;
  [[noreturn]] void refuse_type(const std::string& fault) const;
  std::string describe() const;

  const ParameterList& declared_;
  const Signature& signature_;
  const std::string_view name_space_;
  const std::span<const std::byte> keyword_;
  wire::Reader positional_;
  std::size_t given_ = 0;  // by position
  std::size_t index_ = 0;  // of the next parameter, from 0
};

/// Hands a kept argument over as what the callable takes.
template <typename Parameter, typename Kept>
decltype(auto) pass(Kept& kept) {
  if constexpr (std::is_lvalue_reference_v<Parameter>) {
    return (kept);
  } else if constexpr (std::is_same_v<std::remove_cvref_t<Parameter>, const char*>) {
    return kept.c_str();
  } else if constexpr (is_view<Parameter>) {
    return std::remove_cvref_t<Parameter>(kept);
  } else {
    return std::move(kept);
  }
}

/// A handler that returns nothing though a result is due has to have deferred its reply.
void check_deferred(IncomingCall& incoming);

/// `Value` is the type of the method's result: what the callable returns is converted to it.
template <typename Function, typename CallTraits, typename Value>
class CallableInvocation final : public Invocation {
 public:
  using Kept = typename CallTraits::Kept;
  CallableInvocation(Function& function, Kept arguments)
      : function_(function), arguments_(std::move(arguments)) {}

  void run(IncomingCall& incoming, const std::shared_ptr<HandlerRun>& run) override {
    if constexpr (CallTraits::is_coroutine) {
      run_coroutine(incoming, run);
    } else {
      try {
        run_function(incoming, *run, std::make_index_sequence<CallTraits::count>());
      } catch (...) {
        run->returned();
        incoming.fail(std::current_exception());
      }
      run->over();
    }
  }

 private:
  template <std::size_t... Index>
  decltype(auto) call(IncomingCall& incoming, Kept& arguments, std::index_sequence<Index...>) {
    using Parameters = typename CallTraits::Arguments;
    static_cast<void>(arguments);  // unused without parameters
    if constexpr (CallTraits::takes_call) {
      return function_(incoming.call(),
                       pass<std::tuple_element_t<Index, Parameters>>(std::get<Index>(arguments))...);
    } else {
      static_cast<void>(incoming);
      return function_(pass<std::tuple_element_t<Index, Parameters>>(std::get<Index>(arguments))...);
    }
  }

  template <std::size_t... Index>
  void run_function(IncomingCall& incoming, HandlerRun& run, std::index_sequence<Index...> indices) {
    using Returned = typename CallTraits::Returned;
    if constexpr (std::is_void_v<Value>) {
      call(incoming, arguments_, indices);
      run.returned();
      if (!incoming.deferred()) incoming.complete([](wire::Writer& writer) { writer.nil(); });
    } else if constexpr (std::is_void_v<Returned>) {
      call(incoming, arguments_, indices);
      check_deferred(incoming);
    } else {
      const Value result = call(incoming, arguments_, indices);
      run.returned();
      if (!incoming.deferred()) incoming.complete([&](wire::Writer& writer) { wire::pack(writer, result); });
    }
  }

  void run_coroutine(IncomingCall& incoming, const std::shared_ptr<HandlerRun>& run) {
    const auto running = std::make_shared<Running>(incoming.shared_from_this(), run, std::move(arguments_));
    try {
      running->task.emplace(
          call(incoming, running->arguments, std::make_index_sequence<CallTraits::count>()));
      // Throws only before it has begun: what was returned has been started, or moved from, before.
      running->task->start_in(incoming.shared_context(), [running] { running->end(); });
    } catch (...) {
      incoming.fail(std::current_exception());
      run->over();
      return;
    }
    running->cancel.emplace(incoming.stop_token(), [task = &*running->task] { task->cancel(); });
  }

  /// Keeps itself alive through the task's on_done until the task has ended.
  struct Running {
    Running(std::shared_ptr<IncomingCall> which, std::shared_ptr<HandlerRun> of, Kept kept)
        : incoming(std::move(which)), run(std::move(of)), arguments(std::move(kept)) {}

    std::shared_ptr<IncomingCall> incoming;
    std::shared_ptr<HandlerRun> run;
    Kept arguments;  // that the coroutine may have taken by reference
    std::optional<Task<typename CallTraits::Value>> task;
    std::optional<std::stop_callback<std::function<void()>>> cancel;

    void end() noexcept {
      try {
        if constexpr (std::is_void_v<Value>) {
          task->take();
          if (!incoming->deferred()) incoming->complete([](wire::Writer& writer) { writer.nil(); });
        } else if constexpr (std::is_void_v<typename CallTraits::Value>) {
          task->take();
          check_deferred(*incoming);
        } else {
          const Value result = task->take();
          if (!incoming->deferred())
            incoming->complete([&](wire::Writer& writer) { wire::pack(writer, result); });
        }
      } catch (...) {
        incoming->fail(std::current_exception());
      }
      run->over();
    }
  };

  Function& function_;
  Kept arguments_;
};

template <typename Function, typename CallTraits, typename Value>
class CallableHandler final : public Handler {
 public:
  CallableHandler(Function function, std::shared_ptr<Gate> gate)
      : Handler(SignatureOf<Value, typename CallTraits::Kept>::make(), std::move(gate)),
        function_(std::move(function)) {
    // Here, so that the compiler points to whoever sets the handler.
    static_assert(!CallTraits::has_view || !CallTraits::is_coroutine,
                  "a coroutine handler outlives the message: take std::string or vagus::Bytes, not a view");
    static_assert(CallTraits::outlives_message,
                  "a handler runs when the message is gone: take a type that owns what it holds, or a "
                  "std::string_view or std::span<const std::byte> itself");
  }

  std::unique_ptr<Invocation> bind(const Arguments& arguments, const ParameterList& declared,
                                   std::string_view name_space) const override {
    ArgumentBinder binder(arguments, declared, signature(), name_space);
    return make(binder, static_cast<typename CallTraits::Kept*>(nullptr));
  }

 private:
  template <typename... Kept>
  std::unique_ptr<Invocation> make(ArgumentBinder& binder, std::tuple<Kept...>*) const {
    static_cast<void>(binder);  // unused without parameters
    // Braces: the arguments are decoded in their order.
    return std::make_unique<CallableInvocation<Function, CallTraits, Value>>(
        function_, std::tuple<Kept...>{binder.next<Kept>()...});
  }

  mutable Function function_;  // the callable guards itself: its runs may overlap
};

/// A handler from a callable whose own signature counts.
template <typename Function>
std::shared_ptr<Handler> make_handler(Function&& function,
                                      std::shared_ptr<Gate> gate = std::make_shared<Gate>()) {
  using CallTraits = Traits<Function>;
  return std::make_shared<CallableHandler<std::decay_t<Function>, CallTraits, typename CallTraits::Value>>(
      std::forward<Function>(function), std::move(gate));
}

/// A handler whose signature was declared: arguments are decoded as declared and converted to what the
/// callable takes.
template <typename Value, typename... Parameters>
struct DeclaredHandler {
  template <typename Function>
  static std::shared_ptr<Handler> make(Function&& function,
                                       std::shared_ptr<Gate> gate = std::make_shared<Gate>()) {
    using Callable = std::decay_t<Function>;
    if constexpr (std::is_invocable_v<Callable&, Call&, Parameters...>) {
      return finish<
          CallableTraits<std::invoke_result_t<Callable&, Call&, Parameters...>, Call&, Parameters...>>(
          std::forward<Function>(function), std::move(gate));
    } else {
      static_assert(std::is_invocable_v<Callable&, Parameters...>,
                    "the handler does not take the parameters that the method or event was declared with");
      return finish<CallableTraits<std::invoke_result_t<Callable&, Parameters...>, Parameters...>>(
          std::forward<Function>(function), std::move(gate));
    }
  }

 private:
  template <typename CallTraits, typename Function>
  static std::shared_ptr<Handler> finish(Function&& function, std::shared_ptr<Gate> gate) {
    static_assert(std::is_void_v<Value> || std::is_convertible_v<typename CallTraits::Value, Value> ||
                      (std::is_void_v<typename CallTraits::Value> && CallTraits::takes_call),
                  "the handler does not return the result that the method was declared with");
    return std::make_shared<CallableHandler<std::decay_t<Function>, CallTraits, Value>>(
        std::forward<Function>(function), std::move(gate));
  }
};

}  // namespace vagus::detail
