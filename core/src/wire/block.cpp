#include <vagus/wire/block.hpp>

namespace vagus::wire {

namespace {

thread_local MessageSource* source_of_thread = nullptr;

}  // namespace

MessageSource* MessageSource::current() noexcept { return source_of_thread; }

MessageSource::Scope::Scope(MessageSource* source) noexcept
    : outer_(std::exchange(source_of_thread, source)) {}

MessageSource::Scope::~Scope() { source_of_thread = outer_; }

}  // namespace vagus::wire
