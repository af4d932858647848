/// VAGUS_HANDLERS: which members of a class handle calls.
#pragma once

#include <type_traits>

/// `VAGUS_HANDLERS(move_to, status)` in a class, public: its members `_handler_move_to` and `_handler_status`
/// handle the methods of these names in whatever API the object is served with. Up to 64 names. A member may
/// take a `vagus::Call&` first. The class needs no base.
#define VAGUS_HANDLERS(...)                                                 \
  template <typename VagusBinder>                                           \
  void vagus_bind_handlers(VagusBinder& vagus_binder) {                     \
    VAGUS_DETAIL_FOR_EACH(VAGUS_DETAIL_BIND_HANDLER, __VA_ARGS__)           \
  }                                                                         \
  /* Is each of them what the API declares? For vagus::serve. */            \
  template <typename VagusApi, typename VagusCheck>                         \
  void vagus_check_handlers(VagusApi& vagus_api, VagusCheck& vagus_check) { \
    VAGUS_DETAIL_FOR_EACH(VAGUS_DETAIL_CHECK_HANDLER, __VA_ARGS__)          \
  }

#define VAGUS_DETAIL_BIND_HANDLER(NAME) \
  vagus_binder.bind(#NAME, this, &std::remove_pointer_t<decltype(this)>::_handler_##NAME);
#define VAGUS_DETAIL_CHECK_HANDLER(NAME) \
  vagus_check(vagus_api.NAME, &std::remove_pointer_t<decltype(this)>::_handler_##NAME);

// One macro applied to each argument, by deferred recursion over __VA_OPT__ (C++20).
#define VAGUS_DETAIL_PARENS ()
#define VAGUS_DETAIL_EXPAND(...) VAGUS_DETAIL_EXPAND3(VAGUS_DETAIL_EXPAND3(VAGUS_DETAIL_EXPAND3(__VA_ARGS__)))
#define VAGUS_DETAIL_EXPAND3(...) \
  VAGUS_DETAIL_EXPAND2(VAGUS_DETAIL_EXPAND2(VAGUS_DETAIL_EXPAND2(__VA_ARGS__)))
#define VAGUS_DETAIL_EXPAND2(...) \
  VAGUS_DETAIL_EXPAND1(VAGUS_DETAIL_EXPAND1(VAGUS_DETAIL_EXPAND1(__VA_ARGS__)))
#define VAGUS_DETAIL_EXPAND1(...) __VA_ARGS__
#define VAGUS_DETAIL_FOR_EACH(MACRO, ...) \
  __VA_OPT__(VAGUS_DETAIL_EXPAND(VAGUS_DETAIL_FOR_EACH_STEP(MACRO, __VA_ARGS__)))
#define VAGUS_DETAIL_FOR_EACH_STEP(MACRO, FIRST, ...) \
  MACRO(FIRST) __VA_OPT__(VAGUS_DETAIL_FOR_EACH_AGAIN VAGUS_DETAIL_PARENS(MACRO, __VA_ARGS__))
#define VAGUS_DETAIL_FOR_EACH_AGAIN() VAGUS_DETAIL_FOR_EACH_STEP
