#pragma once

namespace signet::server::app {

// Gives back what the start alone has touched: pages of code and constants, of this program and of its libraries, and
// free heap. Forty libraries are relocated and set up, most of them for what a server may never do; whatever is needed
// again comes back from the page cache, a page fault at a time.
void give_back_start_pages() noexcept;

}  // namespace signet::server::app
