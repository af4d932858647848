#include "load/load.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <vagus/core/random_number.hpp>

namespace vagus::load {

namespace {

using namespace std::chrono_literals;

constexpr unsigned thread_count = 3;
constexpr Duration allowances[] = {20ms, 100ms, 1s, 5s};
constexpr Duration pauses[] = {0us, 0us, 20us, 100us, 1ms};

/// Runs what throws an error, and gives it back.
template <typename Work>
ErrorPtr caught(const Work& work) {
  try {
    work();
    return nullptr;
  } catch (const Error& error) {
    return make_error(error.code(), error.what(), {error.name_space(), error.id(), error.execution()});
  }
}

/// Of a call that was not made, or that nobody has waited for.
ErrorPtr unproven(const char* why) { return make_error<OverloadedError>(why); }

/// The callback of a call that has its answer may run a little later, on another thread.
bool has_come_until(const Checks::Expected& callback, Deadline deadline) {
  while (!callback.has_come()) {
    if (deadline.passed()) return false;
    std::this_thread::sleep_for(20us);
  }
  return true;
}

}  // namespace

const std::array<Load::Share, 16> Load::shares{{{&Load::call_blocking, 6},
                                                {&Load::call_without_exceptions, 4},
                                                {&Load::call_with_callbacks, 4},
                                                {&Load::call_and_collect, 3},
                                                {&Load::call_in_coroutine, 2},
                                                {&Load::copy_some, 3},
                                                {&Load::copy_much, 1},
                                                {&Load::lend_to_handler, 2},
                                                {&Load::lend_to_caller, 2},
                                                {&Load::relay, 2},
                                                {&Load::fetch_stream, 2},
                                                {&Load::leave_stream, 1},
                                                {&Load::call_with_progress, 2},
                                                {&Load::post_notes, 3},
                                                {&Load::send_events, 4},
                                                {&Load::send_loans, 1}}};

Load::Load(ApiArb& arb, LoadApi& own, LoadApi& theirs, KeptLoans& kept, Checks& checks, std::uint64_t seed,
           Hearers hearers)
    : arb_(arb),
      own_(own),
      theirs_(theirs),
      kept_(kept),
      checks_(checks),
      seed_(seed),
      asker_(detail::random_number()),
      hearers_(hearers) {}

Load::~Load() { stop(); }

void Load::start() {
  for (unsigned number = 0; number < thread_count; ++number) {
    threads_.emplace_back(
        [this, number](std::stop_token stop) { run(std::move(stop), mix(seed_ + number)); });
  }
}

void Load::stop() { threads_.clear(); }

void Load::run(std::stop_token stop, std::uint64_t seed) {
  Random random(seed);
  while (!stop.stop_requested()) {
    const bool connected = arb_.connected();
    // Also without a peer, but not all the time.
    if (!connected) std::this_thread::sleep_for(1ms);
    if (connected || random.one_in(8)) {
      const Duration allowed = random.one_of(allowances);
      (this->*choose(random))(random, allowed);
    }
    if (const Duration pause = random.one_of(pauses); pause > 0ns) std::this_thread::sleep_for(pause);
    checks_.look_for_lost_callbacks();
  }
}

Load::Kind Load::choose(Random& random) const {
  unsigned all = 0;
  for (const Share& share : shares) all += share.weight;
  std::uint64_t place = random.below(all);
  for (const Share& share : shares) {
    if (place < share.weight) return share.kind;
    place -= share.weight;
  }
  return shares[0].kind;
}

std::string Load::prove(Deadline deadline) {
  Random random(mix(seed_ ^ asker_));
  for (const Share& share : shares) {
    for (;;) {
      const ErrorPtr error = (this->*share.kind)(random, 5s);
      if (!error && arb_.connected()) break;
      if (deadline.passed()) return error ? error->what() : "no peer is connected";
      std::this_thread::sleep_for(1ms);
    }
  }
  return {};
}

// Calls -------------------------------------------------------------------------------------------

ErrorPtr Load::call_blocking(Random& /*random*/, Duration allowed) {
  constexpr auto kind = "a blocking call";
  const Question question = new_question();
  const TimePoint began = Deadline::now();
  const ErrorPtr error = caught([&] {
    const std::uint64_t answer = theirs_.ask(question).call({.timeout = allowed});
    checks_.answered(kind, question, answer == answer_to(question));
  });
  checks_.call_ended(kind, began, allowed, error);
  return error;
}

ErrorPtr Load::call_without_exceptions(Random& /*random*/, Duration allowed) {
  constexpr auto kind = "a call that does not throw";
  const Question question = new_question();
  const TimePoint began = Deadline::now();
  const auto result = theirs_.ask(question).try_call({.timeout = allowed});
  if (result) checks_.answered(kind, question, *result == answer_to(question));
  checks_.call_ended(kind, began, allowed, result.error_pointer());
  return result.error_pointer();
}

ErrorPtr Load::call_with_callbacks(Random& random, Duration allowed) {
  constexpr auto kind = "a call with a callback";
  const auto count = random.between(1, 8);
  std::optional<AsyncResult<std::uint64_t>> last;
  std::shared_ptr<const Checks::Expected> last_callback;
  for (std::uint64_t number = 0; number < count; ++number) {
    const Question question = new_question();
    const auto expected = checks_.expect_callback(kind, allowed);
    last_callback = expected;
    last = theirs_.ask(question).async(
        [this, question, expected](const Result<std::uint64_t>& result) {
          Figures::count(checks_.figures().callbacks);
          if (!expected->comes()) checks_.fault("a callback came twice");
          if (result) checks_.answered(kind, question, *result == answer_to(question));
          checks_.call_ended(kind, expected->began(), expected->allowed(), result.error_pointer());
        },
        {.timeout = allowed});
  }
  // Now and then it waits, so that what is sent does not run ahead of what is answered.
  if (random.one_in(2)) return unproven("its callbacks were not waited for");
  last->wait();
  if (auto error = last->error()) return error;
  const Deadline deadline(last_callback->began() + allowed);
  if (!has_come_until(*last_callback, deadline)) return unproven("its callback has not come");
  return nullptr;
}

ErrorPtr Load::call_and_collect(Random& random, Duration allowed) {
  constexpr auto kind = "a call that is collected";
  std::vector<std::pair<Question, AsyncResult<std::uint64_t>>> made;
  const TimePoint began = Deadline::now();
  for (auto count = random.between(1, 16); count > 0; --count) {
    const Question question = new_question();
    made.emplace_back(question, theirs_.ask(question).async({.timeout = allowed}));
  }
  ErrorPtr first;
  for (const auto& [question, result] : made) {
    result.wait();
    const ErrorPtr error = result.error();
    if (!error) checks_.answered(kind, question, result.get() == answer_to(question));
    // Some have ended long before they are looked at.
    checks_.call_ended(kind, began, allowed, error, began + result.elapsed());
    if (!first) first = error;
  }
  return first;
}

ErrorPtr Load::call_in_coroutine(Random& /*random*/, Duration allowed) {
  constexpr auto kind = "a call in a coroutine";
  const Question question = new_question();
  const TimePoint began = Deadline::now();
  const auto coroutine = [](LoadApi& api, Question asked, Duration within) -> Task<std::uint64_t> {
    const CallOptions options{.timeout = within};
    const auto action = api.ask(asked).with(options);
    co_return co_await action;
  };
  const ErrorPtr error = caught([&] {
    const std::uint64_t answer = coroutine(theirs_, question, allowed).get();
    checks_.answered(kind, question, answer == answer_to(question));
  });
  checks_.call_ended(kind, began, allowed, error);
  return error;
}

ErrorPtr Load::copy_some(Random& random, Duration allowed) {
  return copy(random, allowed, random.between(1, 12 * 1024), "a call with bytes");
}

ErrorPtr Load::copy_much(Random& random, Duration allowed) {
  return copy(random, allowed, random.between(16 * 1024, 1024 * 1024), "a call with many bytes");
}

ErrorPtr Load::copy(Random& /*random*/, Duration allowed, std::size_t size, const char* kind) {
  const Question question = new_question();
  const Bytes bytes = filled_bytes(size, question.number);
  const TimePoint began = Deadline::now();
  const auto result = theirs_.transform(question, bytes).try_call({.timeout = allowed});
  checks_.call_ended(kind, began, allowed, result.error_pointer());
  if (result) {
    checks_.answered(kind, question, result->size() == size && is_filled(*result, answer_to(question)));
  }
  return result.error_pointer();
}

ErrorPtr Load::lend_to_handler(Random& random, Duration allowed) {
  constexpr auto kind = "a call with a loan";
  const Question question = new_question();
  TimePoint began = Deadline::now();
  const ErrorPtr error = caught([&] {
    auto loan = theirs_.loan<std::uint64_t>(random.between(2048 + 1, 32 * 1024));
    fill({loan.data(), loan.size()}, question.number);
    began = Deadline::now();
    const std::uint64_t answer = theirs_.take(question, std::move(loan)).call({.timeout = allowed});
    checks_.answered(kind, question, answer == answer_to(question));
  });
  checks_.call_ended(kind, began, allowed, error);
  return error;
}

ErrorPtr Load::lend_to_caller(Random& random, Duration allowed) {
  constexpr auto kind = "a call whose answer is lent";
  const Question question = new_question();
  const auto count = static_cast<std::uint32_t>(random.between(2048 + 1, 32 * 1024));
  const TimePoint began = Deadline::now();
  auto result = theirs_.give(question, count).try_call({.timeout = allowed});
  checks_.call_ended(kind, began, allowed, result.error_pointer());
  if (!result) return result.error_pointer();
  checks_.answered(
      kind, question,
      result->size() == count && is_filled({result->data(), result->size()}, answer_to(question)));
  kept_.keep(std::move(*result), answer_to(question));
  return nullptr;
}

ErrorPtr Load::relay(Random& /*random*/, Duration allowed) {
  constexpr auto kind = "a call that calls back";
  // One at a time: several of both sides could use up the workers that they wait for.
  if (relaying_.exchange(true)) return unproven("another call that calls back is under way");
  const Question question = new_question();
  const TimePoint began = Deadline::now();
  const auto result = theirs_.relay(question).try_call({.timeout = allowed});
  if (result) checks_.answered(kind, question, *result == answer_to(question));
  checks_.call_ended(kind, began, allowed, result.error_pointer());
  relaying_.store(false);
  return result.error_pointer();
}

// Streams -----------------------------------------------------------------------------------------

ErrorPtr Load::fetch_stream(Random& random, Duration allowed) {
  constexpr auto kind = "a stream";
  const Question question = new_question();
  const auto parts = static_cast<std::uint32_t>(random.between(0, 200));
  const TimePoint began = Deadline::now();
  const ErrorPtr error = caught([&] {
    auto stream = theirs_.tell(question, parts).stream({.timeout = allowed});
    std::uint64_t number = 0;
    for (const std::uint64_t part : stream)
      checks_.answered(kind, question, part == part_of(question, number++));
    checks_.answered(kind, question, stream.get() == answer_to(question) && number == parts);
  });
  checks_.call_ended(kind, began, allowed, error);
  return error;
}

ErrorPtr Load::leave_stream(Random& random, Duration allowed) {
  constexpr auto kind = "a stream that is left";
  const Question question = new_question();
  const std::uint64_t wanted = random.between(1, 100);
  const TimePoint began = Deadline::now();
  const ErrorPtr error = caught([&] {
    std::uint64_t number = 0;
    for (const std::uint64_t part : theirs_.tell(question, 1'000'000).stream({.timeout = allowed})) {
      checks_.answered(kind, question, part == part_of(question, number));
      if (++number == wanted) break;
    }
  });
  checks_.call_ended(kind, began, allowed, error);
  return error;
}

ErrorPtr Load::call_with_progress(Random& random, Duration allowed) {
  constexpr auto kind = "a call with progress";
  const Question question = new_question();
  const auto parts = static_cast<std::uint32_t>(random.between(0, 100));
  std::uint64_t number = 0;  // used by one callback at a time, and by us after the last
  const TimePoint began = Deadline::now();
  const auto call = theirs_.tell(question, parts)
                        .on_progress([&](std::uint64_t part) {
                          checks_.answered(kind, question, part == part_of(question, number++));
                        })
                        .async({.timeout = allowed});
  const ErrorPtr error = caught([&] {
    const bool right = call.get() == answer_to(question);
    // Reports that have not begun by the deadline are left out, also if the answer is there.
    const bool in_time = Deadline::now() - began < allowed;
    checks_.answered(kind, question, right && (in_time ? number == parts : number <= parts));
  });
  checks_.call_ended(kind, began, allowed, error);
  return error;
}

// Unsolicited -------------------------------------------------------------------------------------

template <typename Post>
ErrorPtr Load::post_in_sequence(Sequence& sequence, const Post& post, Duration allowed) {
  const std::lock_guard lock(sequence.mutex);
  const TimePoint began = Deadline::now();
  const ErrorPtr error = caught([&] { post(Tick{asker_, sequence.next}); });
  if (error) {
    checks_.call_ended("a post", began, allowed, error);
    if (hearers_ == Hearers::several) ++sequence.next;
    return error;
  }
  ++sequence.next;
  Figures::count(checks_.figures().posted);
  return nullptr;
}

ErrorPtr Load::post_notes(Random& random, Duration allowed) {
  ErrorPtr error;
  for (auto count = random.between(1, 4); count > 0 && !error; --count) {
    error = post_in_sequence(
        notes_, [&](const Tick& tick) { theirs_.note(tick).post({.timeout = allowed}); }, allowed);
  }
  return error;
}

ErrorPtr Load::send_events(Random& random, Duration allowed) {
  ErrorPtr error;
  for (auto count = random.between(1, 8); count > 0 && !error; --count) {
    error = post_in_sequence(
        events_, [&](const Tick& tick) { own_.ticked(tick).post({.timeout = allowed}); }, allowed);
  }
  return error;
}

ErrorPtr Load::send_loans(Random& random, Duration allowed) {
  return post_in_sequence(
      loans_,
      [&](const Tick& tick) {
        auto loan = own_.loan<std::uint64_t>(random.between(2048 + 1, 16 * 1024));
        fill({loan.data(), loan.size()}, tick.number);
        own_.lent(tick, std::move(loan)).post({.timeout = allowed});
      },
      allowed);
}

}  // namespace vagus::load
