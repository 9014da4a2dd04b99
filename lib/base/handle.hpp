// SPDX-License-Identifier: Apache-2.0
// A move-only owner for what a C library hands out: Handle<opus_decoder_destroy, OpusDecoder>.
#pragma once

#include <memory>

namespace voicectl::base {

template <auto release>
struct Release {
    template <class T>
    void operator()(T* object) const noexcept {
        release(object);
    }
};

template <auto release, class T>
using Handle = std::unique_ptr<T, Release<release>>;

}  // namespace voicectl::base
