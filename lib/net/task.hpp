// SPDX-License-Identifier: Apache-2.0
// The one place that spells the coroutine types. A coroutine lives on one worker's thread; an I/O operation
// gives its error_code as a value (never throws), and nothing that owns memory is built inside a co_await
// expression: GCC 12 destroys such temporaries twice.
#pragma once

#include "base/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace voicectl::net {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;

template <class T>
using Task = asio::awaitable<T>;

/// `auto [ec, n] = co_await socket.async_read_some(buffer, nothrow);`
constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

}  // namespace voicectl::net
