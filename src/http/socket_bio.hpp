#pragma once

#include <openssl/bio.h>

namespace milo_perf::http {

class Stream;

/// The OpenSSL BIO between an SSL and its Stream's socket. The Stream must outlive it.
BIO* make_socket_bio(Stream& stream);

}  // namespace milo_perf::http
