/// What a file says about an ApiArb and its APIs.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/api/api_options.hpp>
#include <vagus/arbitration/arb_options.hpp>
#include <vagus/configuration/configuration_error.hpp>
#include <vagus/transport/endpoint.hpp>

namespace vagus {

namespace detail {
class ConfigurationData;
}

/// A file that has been read, and found to be without a fault. docs/configuration.md has all of its keys.
///
///     const auto configuration = vagus::Configuration::from_file("mill.toml");
///     vagus::ConfiguredApi machine{configuration, "machine"};  // described in the file
///     vagus::ConfiguredArb arb{configuration};
///     machine.handle("move_to", [](double target_mm, double speed_mm_s) { return target_mm; });
///     arb.attach(machine);
///     arb.run_until_signal();
///
/// A value; copies share what was read, and what of it the program has asked for. All functions are safe from
/// any thread.
class Configuration {
 public:
  /// Throws ConfigurationError with all that is wrong. Passwords and tokens that the file names are read now,
  /// from files relative to its folder or from the environment.
  static Configuration from_file(const std::filesystem::path& file);
  /// The same of a text. `name`: in the place of the file's, for errors and the folder.
  static Configuration from_text(std::string_view text, std::string name = "configuration");

  /// The file, as it was given.
  const std::string& file() const noexcept;
  /// `[[listen]]` first, then `[[connect]]`, in their order.
  std::vector<Endpoint> endpoints() const;
  /// Name, defaults, limits, permissions and users, for an ApiArb; all else as by default. Refers to texts of
  /// this, and is to be used as long as a copy of it lives.
  ArbOptions options() const noexcept;

  /// The APIs of the file by their keys, `machine` and its part `machine.x`, in the order of the file.
  std::vector<std::string> apis() const;
  /// `[api.NAME]` for an API that is declared in code; what is not said there is as `otherwise` has it, and
  /// so is all of an API that the file does not know. Refers to texts of this.
  ///
  ///     MachineApi machine{configuration.name_space("machine"), configuration.api("machine", {.workers =
  ///     2})};
  ApiOptions api(std::string_view name, const ApiOptions& otherwise = {}) const;
  /// The same for a method or an event of one: `machine.x.move_to`.
  MethodOptions method(std::string_view name, const MethodOptions& otherwise = {}) const;
  /// What it is called on the wire: its `namespace`, else the name itself.
  std::string name_space(std::string_view api) const;
  /// The endpoint that its `peer` binds it to, for ApiArb::attach(). Refers to a text of this.
  AttachOptions attachment(std::string_view api) const;

  /// This program does without this API, though it stands in the file: another one has it.
  void ignore(std::string_view api) const;
  /// Throws ConfigurationError if there is an API, a part of one or a member in the file that nobody has
  /// asked for until now: most likely its name is wrong there, and what is said of it has no effect. The same
  /// for a `namespace` or a `peer` that nobody has asked for, by name_space(), attachment(), a ConfiguredApi
  /// or ConfiguredArb::attach(). ConfiguredArb does so when it starts.
  void check_used() const;

  /// For the other classes of this component.
  const detail::ConfigurationData& data() const noexcept { return *data_; }

 private:
  explicit Configuration(std::shared_ptr<const detail::ConfigurationData> data) : data_(std::move(data)) {}

  std::shared_ptr<const detail::ConfigurationData> data_;
};

}  // namespace vagus
