#include "chudnovsky.hpp"

#include <bit>
#include <stdexcept>

#include <gmpxx.h>

namespace pi {

namespace {

// Each term of the series
//
//     1/pi = 12 * sum over k of (-1)^k (6k)! (13591409 + 545140134 k) / ((3k)! (k!)^3 640320^(3k + 3/2))
//
// brings this many digits.
constexpr double digits_per_term = 14.181647462725477;
constexpr unsigned long first_number = 13591409;
constexpr unsigned long growth = 545140134;
constexpr unsigned long base = 640320;

// Digits beyond those that are asked for. What is cut off on the way makes the last of them wrong by less
// than ten; only if they were all 0 or all 9 could that change one that was asked for, and then there is an
// error.
constexpr std::int64_t guard_digits = 16;
constexpr int certain = 1000;

// Shares of the whole time, as measured with a million digits.
constexpr double share_of_sum = 0.72;
constexpr double share_of_quotient = 0.18;

/// Binary splitting: the sum of the terms from `begin` on and before `end`, as fractions that are put
/// together two by two, so that large numbers are multiplied by large ones and never one by one.
class Series {
 public:
  Series(unsigned long terms, const std::function<void(double)>& on_progress)
      : on_progress_(on_progress), all_work_(work_of(terms)) {}

  struct Part {
    mpz_class p;  // what the next term is multiplied with
    mpz_class q;  // the denominator
    mpz_class t;  // the numerator
  };

  Part sum(unsigned long begin, unsigned long end) {
    if (end - begin == 1) return term(begin);
    const unsigned long middle = begin + (end - begin) / 2;
    Part left = sum(begin, middle);
    Part right = sum(middle, end);
    Part both;
    both.t = right.q * left.t;
    left.t = left.p * right.t;
    both.t += left.t;
    both.p = left.p * right.p;
    both.q = left.q * right.q;
    report(end - begin);
    return both;
  }

 private:
  static Part term(unsigned long k) {
    Part part;
    if (k == 0) {
      part.p = 1;
      part.q = 1;
    } else {
      part.p = 6 * k - 5;
      part.p *= 2 * k - 1;
      part.p *= 6 * k - 1;
      part.q = base;
      part.q *= base;
      part.q *= base / 24;
      part.q *= k;
      part.q *= k;
      part.q *= k;
    }
    part.t = growth;
    part.t *= k;
    part.t += first_number;
    part.t *= part.p;
    if (k % 2 == 1) part.t = -part.t;
    return part;
  }

  /// Each step puts terms together two by two: so many are put together in all of them, over and over again.
  static double work_of(unsigned long terms) {
    const auto steps = static_cast<unsigned>(std::bit_width(terms - 1));
    return static_cast<double>(terms) * (steps + 1) - static_cast<double>(1ul << steps);
  }

  void report(unsigned long terms) {
    work_ += static_cast<double>(terms);
    if (terms >= 64) on_progress_(share_of_sum * work_ / all_work_);
  }

  const std::function<void(double)>& on_progress_;
  const double all_work_;
  double work_ = 0.0;
};

mpz_class power_of_ten(std::int64_t exponent) {
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 10, static_cast<unsigned long>(exponent));
  return power;
}

/// Pi times 10^digits, cut off, if the guard digits say that this is certain.
mpz_class scaled_pi(std::int64_t digits, const std::function<void(double)>& on_progress) {
  const std::int64_t precise = digits + guard_digits;
  const auto terms = static_cast<unsigned long>(static_cast<double>(precise) / digits_per_term) + 2;
  Series series(terms, on_progress);
  Series::Part all = series.sum(0, terms);
  on_progress(share_of_sum);

  // pi = q * 426880 * sqrt(10005) / t
  mpz_class root = power_of_ten(2 * precise) * 10005;
  root = sqrt(root);
  root *= all.q;
  root *= 426880;
  mpz_class result = root / all.t;
  on_progress(share_of_sum + share_of_quotient);

  const mpz_class guard = power_of_ten(guard_digits);
  mpz_class rest;
  mpz_fdiv_qr(result.get_mpz_t(), rest.get_mpz_t(), result.get_mpz_t(), guard.get_mpz_t());
  if (rest < certain || rest > guard - certain) {
    throw std::runtime_error(
        "the digits after those asked for are all 0 or all 9, and so uncertain: ask for a few more");
  }
  return result;
}

}  // namespace

std::string compute_pi(std::int64_t digits, const std::function<void(double)>& on_progress) {
  if (digits < 1) throw std::invalid_argument("compute_pi: at least one digit");
  std::string text = scaled_pi(digits, on_progress).get_str();
  text.insert(1, ".");
  return text;
}

}  // namespace pi
