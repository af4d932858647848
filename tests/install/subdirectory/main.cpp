#include <vagus/core/error.hpp>

int main() {
  try {
    throw vagus::TransactionTimeout{"too late"};
  } catch (const vagus::Error&) {
    return 0;
  }
}
