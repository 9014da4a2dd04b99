// SPDX-License-Identifier: Apache-2.0
// Any text as a URL, an origin, an address or a network.
#include "config/address.hpp"

#include "fuzz/claims.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace voicectl;
    const auto text = fuzz::text_of(data, size);
    constexpr std::string_view services = "redis rediss unix memory postgresql postgres sqlite";
    constexpr std::string_view upstreams = "sim ws wss http https";
    for (const auto& sentence :
         {config::what_is_wrong_with_url(text, services, true),
          config::what_is_wrong_with_url(text, upstreams, false), config::what_is_wrong_with_origin(text),
          config::what_is_wrong_with_address(text), config::what_is_wrong_with_network(text)})
        fuzz::claim(fuzz::is_printable(sentence), "a sentence has no control characters");

    const auto url = config::split_url(text);
    if (url) {
        config::is_local(url->host);
        config::query_part(*url, "sslmode");
    }
    const auto redacted = config::redacted_url(text);
    fuzz::claim(config::redacted_url(redacted) == redacted, "what is redacted stays as it is");
    if (!config::what_is_wrong_with_url(text, services, true).empty()) return 0;
    // The longest prefix that may be shown is all before the password.
    if (!url->password.empty() && url->password != "***")
        fuzz::claim(redacted.find(":" + std::string(url->password) + "@") == std::string::npos,
                    "a password is not shown");
    return 0;
}
