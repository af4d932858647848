/// All of Vagus that an application needs. What is opt-in stands aside: vagus/api/boost_future.hpp.
#pragma once

#include <vagus/api/api_action.hpp>
#include <vagus/api/api_base.hpp>
#include <vagus/api/api_proxy.hpp>
#include <vagus/api/async_result.hpp>
#include <vagus/api/call.hpp>
#include <vagus/api/description.hpp>
#include <vagus/api/handlers_macro.hpp>
#include <vagus/api/method.hpp>
#include <vagus/api/params.hpp>
#include <vagus/api/progress_action.hpp>
#include <vagus/api/property.hpp>
#include <vagus/api/stream.hpp>
#include <vagus/api/streams.hpp>
#include <vagus/arbitration/api_arb.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/error_data.hpp>
#include <vagus/core/exception_types.hpp>
#include <vagus/core/loan.hpp>
#include <vagus/core/remote_error.hpp>
#include <vagus/core/result.hpp>
#include <vagus/core/task.hpp>
#include <vagus/transport/endpoint.hpp>
#include <vagus/transport/supervisor.hpp>
#include <vagus/wire/fields.hpp>
#include <vagus/wire/value.hpp>
