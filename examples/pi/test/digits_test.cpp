// The digits, against other methods and what is published; the table, the cache and the command line.
#include <cstdint>
#include <iostream>
#include <numeric>
#include <string>
#include <vector>

#include <gmpxx.h>

#include "cache.hpp"
#include "chudnovsky.hpp"
#include "command_line.hpp"
#include "expect.hpp"
#include "table.hpp"

namespace {

using namespace std::chrono_literals;

std::string compute(std::int64_t digits) {
  return pi::compute_pi(digits, [](double) {});
}

/// A number from 0 to 99 and its decimals, nine in each element after the first. Arithmetic as in school, so
/// that nothing is shared with GMP.
using Decimals = std::vector<std::uint32_t>;
constexpr std::uint64_t base = 1'000'000'000;

void divide(Decimals& number, std::uint32_t divisor) {
  std::uint64_t rest = 0;
  for (std::uint32_t& element : number) {
    rest = rest * base + element;
    element = static_cast<std::uint32_t>(rest / divisor);
    rest %= divisor;
  }
}

void add(Decimals& sum, const Decimals& number, bool negative) {
  std::int64_t carry = 0;
  for (std::size_t place = sum.size(); place-- > 0;) {
    std::int64_t digit = carry + sum[place] + (negative ? -std::int64_t{number[place]} : number[place]);
    carry = digit < 0 ? -1 : digit >= static_cast<std::int64_t>(base) ? 1 : 0;
    sum[place] = static_cast<std::uint32_t>(digit - carry * static_cast<std::int64_t>(base));
  }
}

/// Adds factor * arctan(1 / x) = factor * (1/x - 1/3x^3 + 1/5x^5 - ...).
void add_arctan(Decimals& sum, std::uint32_t factor, std::uint32_t x, bool negative) {
  Decimals power(sum.size());
  power[0] = factor;
  divide(power, x);
  for (std::uint32_t k = 1; std::accumulate(power.begin(), power.end(), std::uint64_t{0}) != 0; k += 2) {
    Decimals term = power;
    divide(term, k);
    add(sum, term, negative);
    negative = !negative;
    divide(power, x * x);
  }
}

/// Machin: pi = 16 arctan(1/5) - 4 arctan(1/239).
std::string machin(std::size_t digits) {
  Decimals sum(digits / 9 + 4);
  add_arctan(sum, 16, 5, false);
  add_arctan(sum, 4, 239, true);
  std::string text = "3.";
  for (std::size_t place = 1; place < sum.size(); ++place) {
    const std::string nine = std::to_string(sum[place]);
    text += std::string(9 - nine.size(), '0') + nine;
  }
  return text.substr(0, digits + 2);
}

/// Gauss and Legendre, by the mean of means: each turn doubles the digits that are right.
std::string gauss_legendre(std::size_t digits) {
  constexpr std::size_t guard = 20;
  mpz_class one;
  mpz_ui_pow_ui(one.get_mpz_t(), 10, digits + guard);
  mpz_class a = one;
  mpz_class b = sqrt(mpz_class(one * one / 2));
  mpz_class t = one / 4;
  for (unsigned turn = 0; abs(mpz_class(a - b)) > 1; ++turn) {
    const mpz_class mean = (a + b) / 2;
    b = sqrt(mpz_class(a * b));
    const mpz_class step = a - mean;
    t -= ((step * step) << turn) / one;
    a = mean;
  }
  const mpz_class sum = a + b;
  std::string text = mpz_class(sum * sum / (4 * t)).get_str();
  text.insert(1, ".");
  return text.substr(0, digits + 2);
}

void few_digits_are_those_of_machin() {
  const std::string all = machin(300);
  EXPECT(all.starts_with("3.14159265358979323846264338327950288419716939937510"));
  for (std::int64_t digits = 1; digits <= 300; ++digits) {
    EXPECT(compute(digits) == all.substr(0, static_cast<std::size_t>(digits) + 2));
  }
}

void ten_thousand_digits_are_those_of_machin() { EXPECT(compute(10'000) == machin(10'000)); }

void a_million_digits_are_those_of_gauss_and_legendre() {
  const std::string text = compute(1'000'000);
  EXPECT(text == gauss_legendre(1'000'000));
  // What is printed in every table.
  EXPECT(text.substr(2 + 761, 6) == "999999");
  EXPECT(text.substr(2 + 1'000 - 10, 10) == "2164201989");
  EXPECT(text.substr(2 + 10'000 - 10, 10) == "5256375678");
  EXPECT(text.substr(2 + 100'000 - 10, 10) == "5493624646");
  EXPECT(text.ends_with("5779458151"));
}

void the_digits_are_cut_off_and_not_rounded() {
  const std::string all = compute(1'000);
  for (std::int64_t digits :
       {3, 4, 5, 7, 10, 761, 762, 763, 767, 768, 999}) {  // in the middle of six nines, too
    EXPECT(all.starts_with(compute(digits)));
  }
  EXPECT(throws<std::invalid_argument>([] { compute(0); }));
  EXPECT(throws<std::invalid_argument>([] { compute(-1); }));
}

void progress_grows_from_0_to_1() {
  double last = 0.0;
  int steps = 0;
  pi::compute_pi(50'000, [&](double done) {
    EXPECT(done >= last && done <= 1.0);
    last = done;
    ++steps;
  });
  EXPECT(steps > 20 && last > 0.5);
}

void the_cache_keeps_the_longest_within_its_bytes() {
  const auto text = [](std::size_t length) { return std::make_shared<const std::string>(length, '3'); };
  pi::Cache cache{100};
  EXPECT(cache.find(1) == nullptr);
  cache.add(text(50));
  EXPECT(cache.find(48)->size() == 50 && cache.find(1)->size() == 50);
  EXPECT(cache.find(49) == nullptr);
  cache.add(text(20));
  EXPECT(cache.find(48)->size() == 50);
  cache.add(text(101));
  EXPECT(cache.find(49) == nullptr);
  cache.add(text(100));
  EXPECT(cache.find(98)->size() == 100 && cache.find(99) == nullptr);
}

void the_table_is_as_wide_as_it_says() {
  using State = pi::Cell::State;
  const std::vector<pi::Row> rows{
      {100, {pi::Cell{State::answered, 1.0, 312us}, pi::Cell{}}, "3421170679"},
      {1'000'000,
       {pi::Cell{State::under_way, 0.5, 432'570ms}, pi::Cell{State::failed, 0.0, 2h}},
       "5779458151"}};
  const auto lines = pi::draw_table(rows);
  EXPECT(lines.size() == 3);
  EXPECT(lines[1].starts_with("       100  0.312 ms  "));
  EXPECT(lines[2].starts_with(" 1 000 000  ######......  50%  432.6 s  failed after 7200.0 s  "));
  for (const std::string& line : lines) EXPECT(line.size() <= pi::table_width);
  EXPECT(pi::duration_text(45'100us) == "45.1 ms" && pi::duration_text(3'210ms) == "3.21 s");
  EXPECT(pi::count_text(5) == "5" && pi::count_text(12'345) == "12 345");
}

void the_command_line_says_what_is_wrong() {
  const auto parse = [](std::vector<const char*> arguments) { return pi::parse_command_line(arguments); };
  EXPECT(parse({"body"}).url == "tcp://127.0.0.1:31415" && parse({"body"}).role == pi::Role::body);
  EXPECT(parse({"head", "shm://pi", "--pause", "0.5"}).pause == 500ms);
  EXPECT(parse({"head"}).pause == 1s);
  EXPECT(parse({"head", "--help"}).role == pi::Role::help);
  const std::vector<std::vector<const char*>> wrong{{},
                                                    {"tail"},
                                                    {"head", "--pause"},
                                                    {"head", "--pause", "soon"},
                                                    {"head", "--pause", "-1"},
                                                    {"head", "--pause", "nan"},
                                                    {"body", "--pause", "1"},
                                                    {"head", "shm://a", "shm://b"},
                                                    {"head", "--fast"}};
  for (const auto& arguments : wrong) EXPECT(throws<pi::UsageError>([&] { parse(arguments); }));
}

}  // namespace

int main() {
  few_digits_are_those_of_machin();
  ten_thousand_digits_are_those_of_machin();
  a_million_digits_are_those_of_gauss_and_legendre();
  the_digits_are_cut_off_and_not_rounded();
  progress_grows_from_0_to_1();
  the_cache_keeps_the_longest_within_its_bytes();
  the_table_is_as_wide_as_it_says();
  the_command_line_says_what_is_wrong();
}
