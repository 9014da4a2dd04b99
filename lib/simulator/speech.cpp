// SPDX-License-Identifier: Apache-2.0
#include "simulator/speech.hpp"

#include "audio/resampler.hpp"
#include "base/handle.hpp"
#include "simulator/simulator.hpp"

#include <flite/flite.h>

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <pthread.h>
#include <signal.h>
#include <thread>
#include <unordered_map>
#include <utility>

extern "C" cst_voice* register_cmu_us_slt(const char* voice_directory);

namespace voicectl::simulator {
namespace {

constexpr std::size_t queue_max = 256;
constexpr std::size_t kept_bytes_max = 6 * 1024 * 1024;
constexpr std::size_t text_max = 2000;

using Wave = base::Handle<delete_wave, cst_wave>;

/// flite keeps its state in globals: one synthesis at a time in the process.
std::vector<audio::Sample> synthesise(std::string_view text) {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    static cst_voice* const voice = [] {
        flite_init();
        return register_cmu_us_slt(nullptr);
    }();
    const std::string words(text.substr(0, text_max));
    const Wave wave(flite_text_to_wave(words.c_str(), voice));
    if (!wave || wave->num_samples <= 0) return {};
    const audio::Pcm spoken(wave->samples, static_cast<std::size_t>(wave->num_samples));
    return audio::resample(spoken, wave->sample_rate, audio::pipeline_rate);
}

/// What was spoken, the least recently used forgotten first.
class SpokenTexts {
 public:
    Speech find(const std::string& text) {
        const auto it = index_.find(text);
        if (it == index_.end()) return nullptr;
        kept_.splice(kept_.begin(), kept_, it->second);
        return it->second->second;
    }
    void keep(const std::string& text, Speech speech) {
        bytes_ += size_of(*speech);
        kept_.emplace_front(text, std::move(speech));
        index_[text] = kept_.begin();
        while (bytes_ > kept_bytes_max && !kept_.empty()) {
            bytes_ -= size_of(*kept_.back().second);
            index_.erase(kept_.back().first);
            kept_.pop_back();
        }
    }

 private:
    using Entries = std::list<std::pair<std::string, Speech>>;
    static std::size_t size_of(const std::vector<audio::Sample>& samples) {
        return samples.size() * sizeof(audio::Sample);
    }

    Entries kept_;
    std::unordered_map<std::string, Entries::iterator> index_;
    std::size_t bytes_ = 0;
};

}  // namespace

struct Speaker::Impl {
    struct Order {
        std::string text;
        Said said;
    };
    std::mutex mutex;
    std::condition_variable ordered;
    std::deque<Order> orders;
    bool ending = false;
    SpokenTexts spoken;  // the speaker's thread only
    std::thread thread;

    void run() {
        pthread_setname_np(pthread_self(), "sim-speaker");
        while (true) {
            Order order;
            {
                std::unique_lock lock(mutex);
                ordered.wait(lock, [this] { return ending || !orders.empty(); });
                if (ending) return;
                order = std::move(orders.front());
                orders.pop_front();
            }
            auto speech = spoken.find(order.text);
            if (!speech) {
                speech = std::make_shared<const std::vector<audio::Sample>>(synthesise(order.text));
                spoken.keep(order.text, speech);
            }
            order.said(std::move(speech));
        }
    }
};

Speaker::Speaker() : impl_(std::make_unique<Impl>()) {
    // Signals belong to the main thread.
    sigset_t all{};
    sigset_t before{};
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

Speaker::~Speaker() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->ending = true;
    }
    impl_->ordered.notify_one();
    impl_->thread.join();
}

void Speaker::say(std::string text, Said said) {
    {
        const std::lock_guard lock(impl_->mutex);
        if (impl_->orders.size() < queue_max) {
            impl_->orders.push_back({std::move(text), std::move(said)});
            said = nullptr;
        }
    }
    if (said)
        said(std::make_shared<const std::vector<audio::Sample>>());
    else
        impl_->ordered.notify_one();
}

std::vector<audio::Sample> speak(std::string_view text) {
    return synthesise(text);
}

}  // namespace voicectl::simulator
