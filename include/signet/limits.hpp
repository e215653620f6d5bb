#pragma once

#include <cstddef>

namespace signet {

// What a token or a key set may weigh. Applied before anything is decoded or allocated.
struct Limits {
  std::size_t token_bytes = 16 * 1024;     // the whole compact token
  std::size_t header_bytes = 4 * 1024;     // its decoded header
  std::size_t json_depth = 16;             // nesting of arrays and objects; 256 at most
  std::size_t json_members = 512;          // members and elements in one JSON text
  std::size_t key_id_bytes = 256;          // `kid`
  std::size_t key_set_bytes = 512 * 1024;  // a JWK Set document
  std::size_t key_set_keys = 1024;         // keys in it
};

}  // namespace signet
