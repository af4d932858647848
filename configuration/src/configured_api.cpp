#include <algorithm>
#include <utility>

#include <vagus/configuration/configured_api.hpp>
#include <vagus/core/suggestions.hpp>

#include "configuration_data.hpp"
#include "faults.hpp"

namespace vagus {

namespace {

detail::DescribedMember describe(const MemberSettings& settings, const std::string& file) {
  detail::DescribedMember member;
  member.name = settings.name;
  member.docs = settings.docs;
  member.options = settings.options({});
  member.place = place_text(file, settings.place);
  detail::SignatureShape shape;
  for (const ParameterSettings& parameter : settings.parameters) {
    std::optional<Bytes> packed;
    if (parameter.default_value) packed = wire::to_bytes(*parameter.default_value);
    member.may_be_left_out.push_back(packed.has_value());
    member.parameters.push_back({parameter.name, parameter.type, std::move(packed)});
    shape.parameters.push_back(parameter.type);
  }
  shape.result = settings.result;
  shape.part = settings.reports;
  member.signature.parameter_names = shape.parameters;
  member.signature.result_name = shape.result;
  member.signature.part_name = shape.part;
  member.signature.described = std::make_shared<const detail::SignatureShape>(std::move(shape));
  return member;
}

const ApiSettings& settings_of(const Configuration& configuration, std::string_view name) {
  const ApiSettings& found = configuration.data().root_api(name);
  configuration.data().ask_for_all_of(found);
  return found;
}

}  // namespace

namespace detail {

DescribedBase::DescribedBase(ApiBase* owner, const DescribedMember& member, bool event)
    : MemberBase(owner, member.name, member.docs, member.signature, member.parameters, member.may_be_left_out,
                 member.options, event),
      place_(member.place),
      signature_(member.signature),
      parameters_(member.parameters) {}

void DescribedBase::refuse(const ApiParamError& wrong) const {
  throw ApiParamError(place_ + wrong.what(), {name_space()});
}

void DescribedBase::check_fits(const Signature& given) const {
  if (given.fits(signature_)) return;
  throw ApiParamError("the handler of " + name_space() + " is " + given.to_string() +
                          ", but the event was declared as " + signature_.to_string(),
                      {name_space()});
}

void DescribedBase::check(std::size_t positional, const std::vector<std::string_view>& keywords) const {
  const auto wrong = [&](const std::string& what) {
    throw ApiParamError(what + "; " + name_space() + " is " + signature_.to_string(), {name_space()});
  };
  if (positional > parameters_.size()) {
    wrong(std::to_string(positional) + " arguments were given, " + std::to_string(parameters_.size()) +
          " are taken");
  }
  std::vector<std::string> names;
  for (const ParameterInfo& parameter : parameters_) names.push_back(parameter.name);
  for (const std::string_view keyword : keywords) {
    if (std::find(names.begin(), names.end(), keyword) == names.end()) {
      wrong("there is no parameter \"" + std::string(keyword) + '"' + did_you_mean(keyword, names));
    }
  }
  for (std::size_t index = positional; index < parameters_.size(); ++index) {
    const bool named = std::find(keywords.begin(), keywords.end(), names[index]) != keywords.end();
    if (!named && !parameters_[index].default_value) wrong('"' + names[index] + "\" is missing");
  }
}

}  // namespace detail

/// Those of the API and of all of its parts, by their names below it.
struct ConfiguredApi::Members {
  std::vector<std::unique_ptr<ApiBase>> parts;  // each after the one that it is in
  std::map<std::string, std::unique_ptr<DescribedMethod>, std::less<>> methods;
  std::map<std::string, std::unique_ptr<DescribedEvent>, std::less<>> events;

  void add(ApiBase& api, const ApiSettings& settings, const std::string& file, const std::string& above) {
    for (const MemberSettings& member : settings.members) {
      const auto described = describe(member, file);
      if (member.event) {
        events.emplace(above + member.name, std::make_unique<DescribedEvent>(&api, described));
      } else {
        methods.emplace(above + member.name, std::make_unique<DescribedMethod>(&api, described));
      }
    }
    for (const ApiSettings& part : settings.parts) {
      auto& made = *parts.emplace_back(std::make_unique<ApiBase>(&api, part.name, part.options({})));
      add(made, part, file, above + part.name + '.');
    }
  }

  /// Throws UnknownApiError if there is none.
  template <typename Member>
  static const Member& find(const std::map<std::string, std::unique_ptr<Member>, std::less<>>& all,
                            std::string_view name, const std::string& what) {
    if (const auto found = all.find(name); found != all.end()) return *found->second;
    std::vector<std::string> names;
    for (const auto& [known, member] : all) names.push_back(known);
    throw UnknownApiError(what + ' ' + std::string(name) + did_you_mean(name, names));
  }
};

ConfiguredApi::ConfiguredApi(const Configuration& configuration, std::string_view name)
    : ApiBase(settings_of(configuration, name).name_space, settings_of(configuration, name).options({})),
      name_(name),
      file_(configuration.file()),
      members_(std::make_unique<Members>()) {
  members_->add(*this, settings_of(configuration, name), file_, "");
}

ConfiguredApi::~ConfiguredApi() = default;

const DescribedMethod& ConfiguredApi::method(std::string_view name) const {
  return Members::find(members_->methods, name, file_ + " describes no method of " + name_ + " called");
}

const DescribedEvent& ConfiguredApi::event(std::string_view name) const {
  return Members::find(members_->events, name, file_ + " describes no event of " + name_ + " called");
}

}  // namespace vagus
