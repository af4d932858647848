#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include <vagus/core/error.hpp>
#include <vagus/transport/url.hpp>

namespace vagus {

namespace {

constexpr std::size_t longest_url = 4096;
constexpr std::string_view scheme_end = "://";
constexpr const char* hex_digits = "0123456789ABCDEF";

bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_printable(char c) noexcept { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; }
char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string percent_encoded(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return {'%', hex_digits[byte >> 4], hex_digits[byte & 0xf]};
}

/// Fit for an error message, whatever the text contains.
std::string shown(std::string_view text) {
  constexpr std::size_t longest_shown = 120;
  std::string result;
  for (const char c : text.substr(0, longest_shown)) {
    result += is_printable(c) || c == ' ' ? std::string(1, c) : percent_encoded(c);
  }
  return text.size() > longest_shown ? result + "..." : result;
}

[[noreturn]] void refuse(std::string_view text, const std::string& what) {
  throw ApiParamError("\"" + shown(text) + "\" is not a URL: " + what +
                      "; right ones are shm://machine and tcp://localhost:4000?wait=block");
}

[[noreturn]] void refuse_secret() {
  // Nothing of the text is shown: it would be in logs from now on.
  throw ApiParamError(
      "a URL has a user, a password or a token in it, and URLs are logged: a head's login goes to "
      "connect(url).login({.user = ..., .password = ...})");
}

bool is_of_login(std::string_view option) {
  constexpr std::array<std::string_view, 4> names{"user", "username", "password", "token"};
  std::string name(option);
  std::transform(name.begin(), name.end(), name.begin(), to_lower);
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Is there something like `user:password@`? Before anything else is said of the text.
void check_no_secret(std::string_view text) {
  std::string_view rest = text;
  if (const std::size_t scheme = text.find(scheme_end); scheme != std::string_view::npos) {
    rest.remove_prefix(scheme + scheme_end.size());
    const std::string_view host = rest.substr(0, rest.find_first_of("/?"));
    const std::size_t at = host.rfind('@');
    if (!host.starts_with('@') && at != std::string_view::npos &&
        host.substr(0, at).find(':') != std::string_view::npos)
      refuse_secret();
  }
  while (!rest.empty()) {
    const std::size_t begin = rest.find_first_of("?&");
    if (begin == std::string_view::npos) return;
    rest.remove_prefix(begin + 1);
    if (is_of_login(rest.substr(0, rest.find_first_of("=&")))) refuse_secret();
  }
}

void check_scheme(std::string_view text, std::string_view scheme) {
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; };
  if (scheme.empty()) refuse(text, "nothing stands before ://");
  if (!is_letter(scheme.front()) || !std::all_of(scheme.begin(), scheme.end(), allowed)) {
    refuse(text, "before :// may stand letters, digits, and + - . after a first letter");
  }
}

std::string percent_decoded(std::string_view text, std::string_view part) {
  std::string decoded;
  for (std::size_t i = 0; i < part.size(); ++i) {
    if (part[i] != '%') {
      decoded += part[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = part.substr(i + 1, 2);
    const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || result.ptr != digits.data() + 2)
      refuse(text, "% is not followed by two hex digits");
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

void add_option(std::string_view text, std::string_view option, Url& url) {
  const std::size_t equals = option.find('=');
  if (equals == std::string_view::npos || equals == 0)
    refuse(text, "an option is not of the form name=value");
  const std::string name = percent_decoded(text, option.substr(0, equals));
  if (is_of_login(name)) refuse_secret();
  const bool added = url.options.emplace(name, percent_decoded(text, option.substr(equals + 1))).second;
  if (!added) refuse(text, "the option " + shown(name) + " stands there twice");
}

void add_options(std::string_view text, std::string_view query, Url& url) {
  while (true) {
    const std::size_t end = query.find('&');
    add_option(text, query.substr(0, end), url);
    if (end == std::string_view::npos) return;
    query.remove_prefix(end + 1);
  }
}

std::string percent_encoded_option(std::string_view text) {
  constexpr std::string_view plain = "-._~/:@,";
  std::string encoded;
  for (const char c : text) {
    const bool kept = is_letter(c) || is_digit(c) || plain.find(c) != std::string_view::npos;
    encoded += kept ? std::string(1, c) : percent_encoded(c);
  }
  return encoded;
}

}  // namespace

Url Url::parse(std::string_view text) {
  check_no_secret(text);
  if (text.size() > longest_url) refuse(text, "it is longer than " + std::to_string(longest_url) + " bytes");
  const std::size_t scheme_size = text.find(scheme_end);
  if (scheme_size == std::string_view::npos) refuse(text, "there is no :// in it");
  Url url;
  url.scheme = text.substr(0, scheme_size);
  check_scheme(text, url.scheme);
  std::transform(url.scheme.begin(), url.scheme.end(), url.scheme.begin(), to_lower);

  const std::string_view rest = text.substr(scheme_size + scheme_end.size());
  const std::size_t query = rest.find('?');
  url.address = rest.substr(0, query);
  if (url.address.empty()) refuse(text, "no address follows ://");
  if (!std::all_of(url.address.begin(), url.address.end(), is_printable)) {
    refuse(text, "the address contains a blank or a control character");
  }
  if (query != std::string_view::npos) add_options(text, rest.substr(query + 1), url);
  return url;
}

std::string Url::to_string() const {
  std::string text = scheme;
  text.append(scheme_end).append(address);
  char separator = '?';
  for (const auto& [name, value] : options) {
    text += separator + percent_encoded_option(name) + '=' + percent_encoded_option(value);
    separator = '&';
  }
  return text;
}

}  // namespace vagus
