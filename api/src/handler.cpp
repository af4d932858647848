#include <algorithm>

#include <vagus/api/handler.hpp>
#include <vagus/wire/shape_comparison.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::detail {

std::string Signature::to_string() const {
  std::string text = "(";
  for (const std::string& parameter : parameter_names) {
    if (text.size() > 1) text += ", ";
    text += parameter;
  }
  return text + ") -> " + result_name;
}

namespace {

std::string joined(const SignatureShape& shape) {
  std::string text = "(";
  for (const std::string& parameter : shape.parameters) {
    if (text.size() > 1) text += ", ";
    text += parameter;
  }
  return text + ") -> " + shape.result;
}

}  // namespace

bool Signature::fits(const Signature& declared) const {
  const bool owes_result = result == typeid(void) && !described;
  if (!declared.described) {
    return *this == declared || (owes_result && parameters == declared.parameters);
  }
  SignatureShape own = spelled_out();
  if (own.parameters.size() != declared.described->parameters.size()) return false;
  if (owes_result) own.result = declared.described->result;
  return !wire::contract_difference(joined(*declared.described), joined(own));
}

Handler::Handler(Signature signature, std::shared_ptr<Gate> gate)
    : signature_(std::move(signature)), gate_(std::move(gate)) {}
Handler::~Handler() = default;

namespace {

// A message without arguments at all, which plain peers may send, has none.
constexpr std::byte empty_array[] = {std::byte{0x90}};

std::string quoted(std::string_view name) {
  return std::string("\"").append(name.substr(0, 80)).append("\"");
}

std::span<const std::byte> or_empty(std::span<const std::byte> positional) {
  return positional.empty() ? std::span<const std::byte>(empty_array) : positional;
}

}  // namespace

ArgumentBinder::ArgumentBinder(const Arguments& arguments, const ParameterList& declared,
                               const Signature& signature, std::string_view name_space)
    : declared_(declared),
      signature_(signature),
      name_space_(name_space),
      keyword_(arguments.keyword),
      positional_(or_empty(arguments.positional)) {
  given_ = positional_.array();
  const std::size_t taken = signature_.parameter_names.size();
  if (given_ > taken) {
    refuse(std::to_string(given_) + " arguments were given, " + std::to_string(taken) + " are taken");
  }
  if (!keyword_.empty()) check_keywords();
}

void ArgumentBinder::check_keywords() const {
  wire::Reader reader(keyword_);
  std::vector<std::string_view> seen;
  for (std::size_t left = reader.map(); left > 0; --left) {
    const std::string_view name = reader.text();
    reader.skip();
    const auto parameter = std::find_if(declared_.begin(), declared_.end(), [&](const ParameterInfo& info) {
      return !name.empty() && info.name == name;
    });
    if (parameter == declared_.end()) {
      refuse("there is no parameter " + quoted(name) +
             (declared_.empty() ? "; its parameters have no names" : ""));
    }
    if (static_cast<std::size_t>(parameter - declared_.begin()) < given_) {
      refuse(quoted(name) + " is given by position and by name");
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      refuse(quoted(name) + " is given twice by name");
    }
    seen.push_back(name);
  }
}

std::span<const std::byte> ArgumentBinder::keyword_argument(std::string_view name) const {
  if (keyword_.empty() || name.empty()) return {};
  wire::Reader reader(keyword_);
  for (std::size_t left = reader.map(); left > 0; --left) {
    const bool found = reader.text() == name;
    const auto value = reader.skip();
    if (found) return value;
  }
  return {};
}

wire::Reader ArgumentBinder::next_reader() {
  const std::size_t index = index_++;
  if (index < given_) return wire::Reader(positional_.skip());
  if (index < declared_.size()) {
    const ParameterInfo& parameter = declared_[index];
    if (const auto value = keyword_argument(parameter.name); !value.empty()) return wire::Reader(value);
    if (parameter.default_value) return wire::Reader(*parameter.default_value);
    if (!parameter.name.empty()) refuse(quoted(parameter.name) + " is missing");
  }
  refuse("argument " + std::to_string(index + 1) + " is missing");
}

std::string ArgumentBinder::describe() const {
  std::string text = std::string(name_space_) + "(";
  for (std::size_t index = 0; index < signature_.parameter_names.size(); ++index) {
    if (index > 0) text += ", ";
    if (index < declared_.size() && !declared_[index].name.empty()) text += declared_[index].name + ": ";
    text += signature_.parameter_names[index];
    if (index < declared_.size() && declared_[index].default_value) {
      wire::Reader reader(*declared_[index].default_value);
      text += " = " + to_string(wire::unpack<Value>(reader));
    }
  }
  return text + ")";
}

void ArgumentBinder::refuse(const std::string& fault) const {
  throw ApiParamError(fault + "; it is " + describe(), {name_space_, {}, Execution::not_run});
}

void ArgumentBinder::refuse_type(const std::string& fault) const {
  std::string which = "argument " + std::to_string(index_);
  if (index_ - 1 < declared_.size() && !declared_[index_ - 1].name.empty()) {
    which += " (" + declared_[index_ - 1].name + ")";
  }
  refuse(which + ": " + fault);
}

void check_deferred(IncomingCall& incoming) {
  if (incoming.deferred()) return;
  throw std::logic_error("the handler of " + incoming.name_space() +
                         " returned no result, though one is due, and did not defer its reply");
}

}  // namespace vagus::detail
