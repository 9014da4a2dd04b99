// SPDX-License-Identifier: Apache-2.0
#include "session/renewal.hpp"

namespace voicectl::session {

bool Renewal::wants_another(base::Time now) noexcept {
    if (other_ != Other::none) return false;
    if (now < not_before_ || (attached_ && now - since_ < options_.after)) return false;
    other_ = Other::asked;
    return true;
}

bool Renewal::due(bool between_turns, bool reply_under_way, base::Time now) const noexcept {
    if (!opened()) return false;
    if (!attached_ || between_turns) return true;
    return now - since_ >= options_.at_latest && !reply_under_way;
}

void Renewal::another_refused(base::Time now) noexcept {
    other_ = Other::none;
    not_before_ = now + (attached_ ? options_.retry : options_.retry_lost);
}

void Renewal::taken_over(base::Time now) noexcept {
    attached_ = true;
    since_ = now;
    other_ = Other::none;
}

}  // namespace voicectl::session
