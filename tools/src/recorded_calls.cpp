#include "recorded_calls.hpp"

#include <algorithm>

#include <vagus/wire/pack.hpp>

namespace vagus::tools {

namespace {

// As ExceptionTypes has it.
constexpr std::string_view no_answer = "vagus::TransactionTimeout";

std::string key_of(const HeardEvent& called) {
  const Bytes arguments = wire::to_bytes(Value(Value::Array{called.arguments, called.named}));
  return called.name_space + '\0' +
         std::string(reinterpret_cast<const char*>(arguments.data()), arguments.size());
}

}  // namespace

void RecordedCalls::add(const RecordedEntry& call) {
  MutexLock lock(mutex_);
  auto& all = answers_[key_of(call.event)].all;
  if (call.kind == RecordedEntry::Kind::answer) {
    all.emplace_back(call.result);
  } else {
    all.emplace_back(call.error);
  }
  methods_.insert(call.event.name_space);
}

bool RecordedCalls::empty() const {
  MutexLock lock(mutex_);
  return answers_.empty();
}

std::optional<Value> RecordedCalls::answer(const HeardEvent& called) {
  MutexLock lock(mutex_);
  const auto found = answers_.find(key_of(called));
  if (found == answers_.end()) {
    const bool other = methods_.contains(called.name_space);
    throw UnsupportedApiError(
        called.name_space + " is not answered: this is a replay, and " +
        (other ? "such a call, with these arguments, was not recorded" : "no call of it was recorded"));
  }
  Answers& answers = found->second;
  const auto answer = answers.all[answers.next];
  answers.next = std::min(answers.next + 1, answers.all.size() - 1);
  lock.unlock();
  if (const auto* const error = std::get_if<wire::ErrorMessage>(&answer)) {
    if (error->type == no_answer) return std::nullopt;
    exceptions_.rebuild(*error, {called.name_space, {}, Execution::ran})->raise();
  }
  return std::get<Value>(answer);
}

}  // namespace vagus::tools
