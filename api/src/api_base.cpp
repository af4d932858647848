#include <vagus/api/api_base.hpp>
#include <vagus/api/member.hpp>
#include <vagus/core/name.hpp>

namespace vagus {

namespace {

std::string checked_namespace(std::string_view name_space) {
  check_namespace(name_space, "the API's namespace");
  return std::string(name_space);
}

ApiBase& checked_owner(ApiBase* owner, std::string_view name) {
  if (owner != nullptr) return *owner;
  throw ApiParamError("\"" + std::string(name) + "\" was declared without an API to belong to; pass `this`");
}

std::string checked_child(ApiBase* parent, std::string_view name) {
  check_name(name, "the sub-API's name");
  return join_namespace(checked_owner(parent, name).name_space(), name);
}

}  // namespace

ApiBase::ApiBase(std::string_view name_space, const ApiOptions& options)
    : name_space_(checked_namespace(name_space)),
      root_(std::make_shared<detail::ApiRoot>(name_space_, options)),
      defaults_(options.defaults()),
      serial_scope_(root_->serial_scope()) {}

ApiBase::ApiBase(NoNamespace /*none*/, const ApiOptions& options)
    : root_(std::make_shared<detail::ApiRoot>(name_space_, options)),
      defaults_(options.defaults()),
      serial_scope_(root_->serial_scope()) {}

ApiBase::ApiBase(ApiBase* parent, std::string_view name, const ApiOptions& options)
    : name_space_(checked_child(parent, name)),
      root_(parent->root_),
      defaults_(options.defaults().over(parent->defaults_)),
      serial_scope_(!parent->serial_scope_.empty() ? parent->serial_scope_
                    : options.serial               ? name_space_
                                                   : std::string()) {
  root_->declare_part(name_space_, options.docs);
}

ApiBase::~ApiBase() {
  root_->dying();
  if (name_space_ != root_->name_space()) root_->forget_part(name_space_);
}

std::shared_ptr<wire::Block> ApiBase::borrow(std::uint64_t peer, std::size_t size) const {
  const auto host = root_->host();
  return host ? host->borrow(*root_, peer, size) : nullptr;
}

std::string ApiBase::below(std::string_view name) const {
  check_namespace(name, "the method's name");
  return join_namespace(name_space_, name);
}

namespace detail {

namespace {

void check_parameters(const MemberInfo& info, const std::vector<bool>& may_be_left_out) {
  const auto refuse = [&](const std::string& fault) { throw ApiParamError(fault, {info.name_space}); };
  const std::size_t count = may_be_left_out.size();
  if (!info.parameters.empty() && info.parameters.size() != count) {
    refuse(info.name_space + " has " + std::to_string(count) + " parameters, but params(...) names " +
           std::to_string(info.parameters.size()));
  }
  for (std::size_t index = 0; index < count; ++index) {
    const bool has_default = index < info.parameters.size() && info.parameters[index].default_value;
    if (may_be_left_out[index] && !has_default) {
      refuse("parameter " + std::to_string(index + 1) + " of " + info.name_space +
             " is a Default<>, but has no value: give it one with params(..., param(name, value))");
    }
    if (index > 0 && may_be_left_out[index - 1] && !may_be_left_out[index]) {
      refuse("parameter " + std::to_string(index + 1) + " of " + info.name_space +
             " follows a Default<> and has to be one too");
    }
  }
}

std::shared_ptr<MemberInfo> describe(const std::shared_ptr<ApiRoot>& root, std::string name_space,
                                     std::string_view docs, Signature signature, ParameterList parameters) {
  auto info = std::make_shared<MemberInfo>();
  info->name_space = std::move(name_space);
  info->docs = docs;
  for (std::size_t index = 0; index < parameters.size() && index < signature.parameter_names.size();
       ++index) {
    parameters[index].type = signature.parameter_names[index];
  }
  info->signature = std::move(signature);
  info->parameters = std::move(parameters);
  info->root = root;
  return info;
}

}  // namespace

MemberBase::MemberBase(ApiBase* owner, std::string_view name, std::string_view docs, Signature signature,
                       ParameterList parameters, const std::vector<bool>& may_be_left_out,
                       const MethodOptions& options, bool event) {
  const ApiBase& api = checked_owner(owner, name);
  check_name(name, event ? "the event's name" : "the method's name");
  auto name_space = join_namespace(api.name_space_, name);
  auto scope = !api.serial_scope_.empty() ? api.serial_scope_ : options.serial ? name_space : std::string();
  auto info = describe(api.root_, std::move(name_space), docs, std::move(signature), std::move(parameters));
  info->defaults = options.defaults().over(api.defaults_);
  info->event = event;
  info->idempotent = options.idempotent;
  info->hidden = options.hidden;
  info->serial_scope = std::move(scope);
  check_parameters(*info, may_be_left_out);
  api.root_->declare(info);
  name_space_ = std::shared_ptr<const std::string>(info, &info->name_space);
  info_ = std::move(info);
}

MemberBase::~MemberBase() {
  info_->root->dying();
  info_->root->forget(info_->name_space);
}

void MemberBase::set_handler(std::shared_ptr<Handler> handler) const {
  info_->root->set_handler(info_->name_space, std::move(handler));
}

void MemberBase::clear_handler() const { info_->root->clear_handler(info_->name_space); }

Registration MemberBase::subscribe_handler(std::shared_ptr<Handler> handler,
                                           const SubscribeOptions& options) const {
  if (options.concurrent && options.queue != 0) {
    throw ApiParamError("a concurrent subscription to " + info_->name_space +
                            " has no queue of its own: leave `queue` out, or `concurrent`",
                        {info_->name_space});
  }
  return info_->root->subscribe(
      info_->name_space,
      {std::move(handler), options.concurrent, std::make_shared<EventQueue>(options.queue, options.lost)});
}

Registration MemberBase::subscribe_handler_to_last(std::shared_ptr<Handler> handler) const {
  auto queue = std::make_shared<EventQueue>(1, Lost::oldest);
  queue->for_last = true;
  return info_->root->subscribe(info_->name_space, {std::move(handler), false, std::move(queue)});
}

}  // namespace detail

}  // namespace vagus
