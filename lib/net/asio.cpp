// SPDX-License-Identifier: Apache-2.0
// The bodies of the header-only libraries, compiled once.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
