#pragma once

#include <openssl/bio.h>

namespace milo_perf::http {

class Stream;

/// The OpenSSL BIO between an SSL and its Stream: writes go to the socket, reads come from the Stream's input
/// buffer. The Stream must outlive it.
BIO* make_socket_bio(Stream& stream);

}  // namespace milo_perf::http
