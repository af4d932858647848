// Locks: changes_ serialises whoever adds and removes, and is held while the host is told, so that the host
// hears of changes in their order. mutex_ guards what the host's threads look up, and is never held across a
// call to anybody.

#include <algorithm>
#include <utility>

#include <vagus/api/api_root.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/name.hpp>

namespace vagus::detail {

std::shared_ptr<Handler> HandlerSlot::handler() const {
  MutexLock lock(mutex_);
  return dynamic_ ? dynamic_ : served_;
}

bool HandlerSlot::served() const {
  MutexLock lock(mutex_);
  return served_ != nullptr;
}

std::string signature_text(const SignatureShape& shape, const ParameterList& parameters) {
  std::string text = "(";
  for (std::size_t index = 0; index < shape.parameters.size(); ++index) {
    if (index != 0) text += ", ";
    text += shape.parameters[index];
    if (index < parameters.size() && parameters[index].default_value) text += '?';
  }
  text += ") -> " + shape.result;
  if (!shape.part.empty()) text += " by " + shape.part;
  return text;
}

std::string MemberInfo::signature_text() const {
  return detail::signature_text(signature.spelled_out(), parameters);
}

std::uint64_t MemberInfo::shape() const {
  auto known = shape_.load(std::memory_order_relaxed);
  if (known == 0) {
    known = wire::shape_hash(signature_text());
    shape_.store(known, std::memory_order_relaxed);
  }
  return known;
}

const ParameterList& HandlerSlot::parameters() const noexcept {
  static const ParameterList none;
  return declared_ ? declared_->parameters : none;
}

std::shared_ptr<Handler> HandlerSlot::set_dynamic(std::shared_ptr<Handler> handler) {
  MutexLock lock(mutex_);
  return std::exchange(dynamic_, std::move(handler));
}

std::shared_ptr<Handler> HandlerSlot::set_served(std::shared_ptr<Handler> handler) {
  MutexLock lock(mutex_);
  return std::exchange(served_, std::move(handler));
}

/// Keeps the handlers of one served object in place.
class ServedHandlers final : public Registered {
 public:
  ServedHandlers(std::weak_ptr<ApiRoot> root, std::vector<std::string> name_spaces,
                 std::shared_ptr<Gate> gate)
      : root_(std::move(root)), name_spaces_(std::move(name_spaces)), gate_(std::move(gate)) {}

  void end() noexcept override {
    if (const auto root = root_.lock()) root->end_served(name_spaces_);
    gate_->close();
  }

 private:
  const std::weak_ptr<ApiRoot> root_;
  const std::vector<std::string> name_spaces_;
  const std::shared_ptr<Gate> gate_;
};

class Subscription final : public Registered {
 public:
  Subscription(std::weak_ptr<ApiRoot> root, std::string name_space, std::shared_ptr<Handler> handler)
      : root_(std::move(root)), name_space_(std::move(name_space)), handler_(std::move(handler)) {}

  void end() noexcept override {
    if (const auto root = root_.lock()) root->end_subscription(name_space_, handler_.get());
    handler_->gate().close();
  }

 private:
  const std::weak_ptr<ApiRoot> root_;
  const std::string name_space_;
  const std::shared_ptr<Handler> handler_;
};

namespace {

// Which the maker of the API keeps no longer than that takes.
ApiOptions without_texts(ApiOptions options) {
  options.docs = {};
  options.version = {};
  return options;
}

}  // namespace

ApiRoot::ApiRoot(std::string name_space, const ApiOptions& options)
    : name_space_(std::move(name_space)),
      options_(without_texts(options)),
      docs_(options.docs),
      version_(options.version),
      made_after_(forks_so_far()) {}

std::string ApiRoot::serial_scope() const {
  if (!options_.serial) return {};
  return name_space_.empty() ? "." : name_space_;  // which is no namespace of any other
}

bool ApiRoot::in_forked_child() const noexcept { return forks_so_far() != made_after_; }

// Declarations
// --------------------------------------------------------------------------------------------------------

void ApiRoot::declare(const std::shared_ptr<const MemberInfo>& member) {
  MutexLock lock(mutex_);
  if (declared_.emplace(member->name_space, member).second) return;
  throw ApiParamError(member->name_space + " is declared twice in one API", {member->name_space});
}

// In a forked child another thread of the parent may have had the lock, and nobody gives it back.
bool ApiRoot::lock_to_forget() noexcept {
  if (in_forked_child()) return mutex_.try_lock();
  mutex_.lock();
  return true;
}

void ApiRoot::forget(const std::string& name_space) noexcept {
  std::shared_ptr<const MemberInfo> forgotten;  // destroyed outside of the lock
  if (!lock_to_forget()) return;
  if (const auto found = declared_.find(name_space); found != declared_.end()) {
    forgotten = std::move(found->second);
    declared_.erase(found);
  }
  mutex_.unlock();
}

std::vector<std::shared_ptr<const MemberInfo>> ApiRoot::all_declared() const {
  std::vector<std::shared_ptr<const MemberInfo>> all;
  MutexLock lock(mutex_);
  all.reserve(declared_.size());
  for (const auto& [name_space, member] : declared_) all.push_back(member);
  return all;
}

void ApiRoot::declare_part(const std::string& name_space, std::string_view docs) {
  MutexLock lock(mutex_);
  if (parts_.emplace(name_space, docs).second) return;
  throw ApiParamError(name_space + " is declared twice in one API", {name_space});
}

void ApiRoot::forget_part(const std::string& name_space) noexcept {
  if (!lock_to_forget()) return;
  parts_.erase(name_space);
  mutex_.unlock();
}

std::map<std::string, std::string, std::less<>> ApiRoot::parts() const {
  MutexLock lock(mutex_);
  auto all = parts_;
  lock.unlock();
  if (!name_space_.empty()) all.emplace(name_space_, docs_);
  return all;
}

std::shared_ptr<const MemberInfo> ApiRoot::declared(std::string_view name_space) const {
  MutexLock lock(mutex_);
  const auto found = declared_.find(name_space);
  return found == declared_.end() ? nullptr : found->second;
}

// Handlers
// ------------------------------------------------------------------------------------------------------------

std::shared_ptr<HandlerSlot> ApiRoot::slot(const std::string& name_space) {
  if (const auto found = slots_.find(name_space); found != slots_.end()) return found->second;
  const auto member = declared(name_space);
  auto scope = member ? member->serial_scope : serial_scope();
  return slots_.emplace(name_space, std::make_shared<HandlerSlot>(member, std::move(scope))).first->second;
}

void ApiRoot::check_signature(const std::string& name_space, const Handler& handler) const {
  const auto member = declared(name_space);
  if (!member) return;
  const auto refuse = [&](const std::string& fault) { throw ApiParamError(fault, {name_space}); };
  if (member->event) refuse(name_space + " is an event: subscribe to it instead of handling it");
  const Signature& given = handler.signature();
  if (given.fits(member->signature)) return;
  refuse("the handler of " + name_space + " is " + given.to_string() + ", but the method was declared as " +
         member->signature.to_string());
}

void ApiRoot::claim(const std::string& name_space, const std::shared_ptr<HandlerSlot>& slot) {
  if (const auto current = host()) current->claim(shared_from_this(), name_space, slot);
}

void ApiRoot::drop_if_empty(const std::string& name_space) noexcept {
  const auto found = slots_.find(name_space);
  if (found == slots_.end() || !found->second->empty()) return;
  slots_.erase(found);
  if (const auto current = host()) current->unclaim(*this, name_space);
}

void ApiRoot::set_handler(const std::string& name_space, std::shared_ptr<Handler> handler) {
  check_signature(name_space, *handler);
  std::shared_ptr<Handler> former;  // destroyed outside of the lock
  MutexLock lock(changes_);
  const auto where = slot(name_space);
  const bool claimed = !where->empty();
  former = where->set_dynamic(std::move(handler));
  if (claimed) return;
  try {
    claim(name_space, where);
  } catch (...) {
    where->set_dynamic(nullptr);
    slots_.erase(name_space);
    throw;
  }
}

void ApiRoot::clear_handler(const std::string& name_space) {
  std::shared_ptr<Handler> former;
  {
    MutexLock lock(changes_);
    const auto found = slots_.find(name_space);
    if (found == slots_.end()) return;
    former = found->second->set_dynamic(nullptr);
    drop_if_empty(name_space);
  }
  if (former) former->gate().close();
}

Registration ApiRoot::serve(Served handlers, std::shared_ptr<Gate> gate) {
  for (const auto& [name_space, handler] : handlers) {
    if (!declared(name_space)) {
      throw UnsupportedApiError(name_space + " is to be served, but the API does not declare it",
                                {name_space});
    }
    check_signature(name_space, *handler);
  }
  MutexLock lock(changes_);
  std::vector<std::string> done;
  try {
    for (auto& [name_space, handler] : handlers) {
      const auto where = slot(name_space);
      const bool claimed = !where->empty();
      if (where->served()) {
        throw MultipleApiResponseError(name_space + " is served by another object already", {name_space});
      }
      done.push_back(name_space);
      where->set_served(handler);
      if (!claimed) claim(name_space, where);
    }
  } catch (...) {
    for (const std::string& name_space : done) {
      slots_.find(name_space)->second->set_served(nullptr);
      drop_if_empty(name_space);
    }
    lock.unlock();
    gate->close();  // a request may have found one of them meanwhile, and the object may go now
    throw;
  }
  return Registration(std::make_shared<ServedHandlers>(weak_from_this(), std::move(done), std::move(gate)));
}

void ApiRoot::end_served(const std::vector<std::string>& name_spaces) noexcept {
  if (in_forked_child()) return;
  MutexLock lock(changes_);
  for (const std::string& name_space : name_spaces) {
    const auto found = slots_.find(name_space);
    if (found == slots_.end()) continue;
    found->second->set_served(nullptr);
    drop_if_empty(name_space);
  }
}

// Events
// --------------------------------------------------------------------------------------------------------------

Registration ApiRoot::subscribe(const std::string& name_space, Subscriber subscriber) {
  const auto handler = subscriber.handler;
  const bool wants_last = subscriber.queue->for_last;
  MutexLock changing(changes_);
  bool first = false;
  {
    MutexLock lock(mutex_);
    const auto declared = declared_.find(name_space);
    auto& former = subscribers_[name_space];
    auto more = former ? std::make_shared<Subscribers>(*former) : std::make_shared<Subscribers>();
    first = more->all.empty();
    if (declared != declared_.end()) more->declared = declared->second;
    more->all.push_back(std::move(subscriber));
    former = std::move(more);
  }
  if (const auto current = host()) {
    const bool told = first && current->listen(shared_from_this(), name_space);
    if (wants_last && !told) current->listen_anew(name_space);
  }
  return Registration(std::make_shared<Subscription>(weak_from_this(), name_space, handler));
}

void ApiRoot::end_subscription(const std::string& name_space, const Handler* handler) noexcept {
  if (in_forked_child()) return;
  MutexLock changing(changes_);
  {
    MutexLock lock(mutex_);
    const auto found = subscribers_.find(name_space);
    if (found == subscribers_.end()) return;
    auto fewer = std::make_shared<Subscribers>(*found->second);
    std::erase_if(fewer->all,
                  [&](const Subscriber& subscriber) { return subscriber.handler.get() == handler; });
    if (!fewer->all.empty()) {
      found->second = std::move(fewer);
      return;
    }
    subscribers_.erase(found);
  }
  if (const auto current = host()) current->unlisten(*this, name_space);
}

std::shared_ptr<const Subscribers> ApiRoot::subscribers(std::string_view name_space) const {
  MutexLock lock(mutex_);
  const auto found = subscribers_.find(name_space);
  return found == subscribers_.end() ? nullptr : found->second;
}

std::vector<std::string> ApiRoot::wanting_last() const {
  std::vector<std::string> names;
  MutexLock lock(mutex_);
  for (const auto& [name_space, subscribers] : subscribers_) {
    if (subscribers->want_last()) names.push_back(name_space);
  }
  return names;
}

bool Subscribers::want_last() const noexcept {
  return std::any_of(all.begin(), all.end(),
                     [](const Subscriber& subscriber) { return subscriber.queue->for_last; });
}

void ApiRoot::retain(std::shared_ptr<Retained> event) {
  MutexLock lock(mutex_);
  retained_.push_back(std::move(event));
}

void ApiRoot::forget_retained(const Retained& event) noexcept {
  if (in_forked_child()) return;
  MutexLock lock(mutex_);
  std::erase_if(retained_, [&](const auto& each) { return each.get() == &event; });
}

void ApiRoot::tell_retained(std::uint64_t peer, const std::function<bool(std::string_view)>& wanted) {
  std::vector<std::shared_ptr<Retained>> all;
  {
    MutexLock lock(mutex_);
    all = retained_;
  }
  for (const auto& event : all) {
    if (wanted(event->name_space())) event->tell(*this, peer);
  }
}

// What nothing handles
// ------------------------------------------------------------------------------------------------

void ApiRoot::set_unhandled(const std::string& name_space, UnhandledHook hook) {
  MutexLock lock(mutex_);
  std::swap(unhandled_[name_space], hook);  // the former one is destroyed outside of the lock
  if (!unhandled_[name_space]) unhandled_.erase(name_space);
  lock.unlock();
  if (const auto current = host()) current->hook_changed(name_space);
}

std::vector<std::string> ApiRoot::hooked_names() const {
  std::vector<std::string> names;
  MutexLock lock(mutex_);
  for (const auto& [name, hook] : unhandled_) names.push_back(name);
  return names;
}

std::vector<UnhandledHook> ApiRoot::unhandled_hooks(std::string_view name_space) const {
  std::vector<UnhandledHook> hooks;
  MutexLock lock(mutex_);
  if (unhandled_.empty()) return hooks;
  for (auto above = name_space; !above.empty();) {
    above = parent_namespace(above);
    if (const auto found = unhandled_.find(above); found != unhandled_.end()) hooks.push_back(found->second);
  }
  return hooks;
}

// Attaching
// -----------------------------------------------------------------------------------------------------------

std::shared_ptr<ApiHost> ApiRoot::host() const VAGUS_NO_THREAD_SAFETY_ANALYSIS {
  if (in_forked_child()) return host_;  // which says what is wrong; nobody changes it here
  MutexLock lock(mutex_);
  return host_;
}

std::shared_ptr<Executor> ApiRoot::executor() const {
  MutexLock lock(mutex_);
  return executor_;
}

std::string ApiRoot::bound_peer() const {
  MutexLock lock(mutex_);
  return bound_peer_;
}

void ApiRoot::attach(const std::shared_ptr<ApiHost>& host, std::shared_ptr<Executor> executor,
                     std::string bound_peer) {
  MutexLock changing(changes_);
  std::map<std::string, bool> listened;  // is the last one wanted?
  {
    MutexLock lock(mutex_);
    if (host_) {
      throw ApiParamError(
          name_space_ + (host_ == host ? " is attached to this ApiArb already"
                                       : " is attached to another ApiArb: detach it there first"),
          {name_space_});
    }
    for (const auto& [name_space, subscribers] : subscribers_) {
      listened.emplace(name_space, subscribers->want_last());
    }
  }
  std::vector<const std::string*> claimed;
  try {
    for (const auto& [name_space, slot] : slots_) {
      host->claim(shared_from_this(), name_space, slot);
      claimed.push_back(&name_space);
    }
  } catch (...) {
    for (const std::string* name_space : claimed) host->unclaim(*this, *name_space);
    throw;
  }
  for (const auto& [name_space, wants_last] : listened) {
    if (!host->listen(shared_from_this(), name_space) && wants_last) host->listen_anew(name_space);
  }
  MutexLock lock(mutex_);
  host_ = host;
  executor_ = std::move(executor);
  bound_peer_ = std::move(bound_peer);
  bound_.store(!bound_peer_.empty(), std::memory_order_relaxed);
}

bool ApiRoot::host_stopped() const {
  MutexLock lock(mutex_);
  return host_stopped_;
}

void ApiRoot::detached(bool stopped) noexcept {
  std::shared_ptr<ApiHost> former;  // both destroyed outside of the lock
  std::shared_ptr<Executor> executor;
  MutexLock lock(mutex_);
  former.swap(host_);
  executor.swap(executor_);
  host_stopped_ = stopped;
  lock.unlock();
}

void ApiRoot::dying() noexcept {
  if (in_forked_child()) return;
  if (const auto current = host()) current->detach(*this);
  std::map<std::string, std::shared_ptr<HandlerSlot>, std::less<>> slots;
  std::map<std::string, std::shared_ptr<const Subscribers>, std::less<>> subscribers;
  std::map<std::string, UnhandledHook, std::less<>> hooks;
  MutexLock changing(changes_);
  MutexLock lock(mutex_);
  slots.swap(slots_);
  subscribers.swap(subscribers_);
  hooks.swap(unhandled_);
}

}  // namespace vagus::detail
