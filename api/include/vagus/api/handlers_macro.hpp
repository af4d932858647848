/// VAGUS_HANDLERS: which members of a class handle calls.
#pragma once

#include <type_traits>

#include <vagus/core/for_each_macro.hpp>

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
