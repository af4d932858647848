#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <vagus/configuration/configuration.hpp>

#include "configuration_data.hpp"

namespace vagus {

namespace {

/// More than any configuration has; what is not meant, a device say, ends here.
constexpr std::size_t largest_file = std::size_t{16} << 20;

std::shared_ptr<const detail::ConfigurationData> read(std::string_view text, std::string name) {
  const std::string folder = std::filesystem::path(name).parent_path().string();
  return std::make_shared<const detail::ConfigurationData>(read_settings(text, name, folder));
}

void add_keys(const std::vector<ApiSettings>& apis, std::vector<std::string>& keys) {
  for (const ApiSettings& api : apis) {
    keys.push_back(api.key);
    add_keys(api.parts, keys);
  }
}

}  // namespace

Configuration Configuration::from_file(const std::filesystem::path& file) {
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text(largest_file + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!stream.is_open() || stream.bad()) {
    const int code = errno != 0 ? errno : EIO;
    throw ConfigurationError(file.string() + ": cannot be read: " + std::generic_category().message(code));
  }
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_file) {
    throw ConfigurationError(file.string() + ": is larger than 16 MiB, which is no configuration");
  }
  return Configuration(read(text, file.string()));
}

Configuration Configuration::from_text(std::string_view text, std::string name) {
  return Configuration(read(text, std::move(name)));
}

const std::string& Configuration::file() const noexcept { return data_->settings().file; }

std::vector<Endpoint> Configuration::endpoints() const {
  std::vector<Endpoint> all;
  for (const EndpointSettings& each : data_->settings().endpoints) all.push_back(each.endpoint);
  return all;
}

ArbOptions Configuration::options() const noexcept {
  const Settings& settings = data_->settings();
  ArbOptions options = settings.options;
  options.name = settings.name;
  if (settings.permissions) options.permissions = *settings.permissions;
  if (settings.users) options.users = *settings.users;
  return options;
}

std::vector<std::string> Configuration::apis() const {
  std::vector<std::string> keys;
  add_keys(data_->settings().apis, keys);
  return keys;
}

ApiOptions Configuration::api(std::string_view name, const ApiOptions& otherwise) const {
  const ApiSettings* const found = data_->ask_for_api(name);
  return found != nullptr ? found->options(otherwise) : otherwise;
}

MethodOptions Configuration::method(std::string_view name, const MethodOptions& otherwise) const {
  const MemberSettings* const found = data_->ask_for_member(name);
  return found != nullptr ? found->options(otherwise) : otherwise;
}

std::string Configuration::name_space(std::string_view api) const {
  data_->note_name_space(api);
  const ApiSettings* const found = data_->settings().api(api);
  return found != nullptr ? found->name_space : std::string(api);
}

AttachOptions Configuration::attachment(std::string_view api) const {
  data_->note_peer(api);
  const ApiSettings* const found = data_->settings().api(api);
  return {.peer = found != nullptr ? std::string_view(found->peer) : std::string_view()};
}

void Configuration::ignore(std::string_view api) const {
  const ApiSettings* const found = data_->ask_for_api(api);
  if (found == nullptr) return;
  data_->ask_for_all_of(*found);
  data_->note_peer(api);
}

void Configuration::check_used() const { data_->check_used(); }

}  // namespace vagus
