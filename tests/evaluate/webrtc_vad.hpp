// SPDX-License-Identifier: Apache-2.0
// The functions of WebRTC's voice activity detector that Debian's libwebrtc-audio-processing exports without
// a header for them.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {
struct WebRtcVadInst;
WebRtcVadInst* WebRtcVad_Create();
void WebRtcVad_Free(WebRtcVadInst* handle);
int WebRtcVad_Init(WebRtcVadInst* handle);
/// 0 (lets much through) to 3 (lets little through).
int WebRtcVad_set_mode(WebRtcVadInst* handle, int mode);
/// 10, 20 or 30 ms at 8, 16, 32 or 48 kHz: 1 for speech, 0 for none, -1 for an error.
int WebRtcVad_Process(WebRtcVadInst* handle, int rate, const std::int16_t* samples, std::size_t count);
}
