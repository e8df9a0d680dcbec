// The HdrHistogram V2 compressed encoding. All integers are big-endian:
//   u32 cookie, u32 length of the rest, and deflated (zlib):
//   u32 cookie, u32 length of the counts, i32 normalizing index offset, i32 digits, i64 lowest, i64 highest,
//   f64 conversion ratio, counts from index 0 as ZigZag LEB128 (at most 9 bytes); -n stands for n zeros.
// Source: HdrHistogram's AbstractHistogram.encodeIntoCompressedByteBuffer and ZigZagEncoding.
#include <zlib.h>

#include <bit>
#include <stdexcept>
#include <vector>

#include "base/base64.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::stats {

namespace {

using Bytes = std::vector<unsigned char>;

constexpr std::uint32_t cookie = 0x1c849303;
constexpr std::uint32_t compressed_cookie = 0x1c849304;
// The word-size nibble; V2 writers set its lowest bit, readers ignore the nibble.
constexpr std::uint32_t word_size_mask = 0xf0;
constexpr std::uint32_t word_size_leb128 = 0x10;
constexpr std::size_t header_size = 40;
constexpr std::size_t max_bytes_per_count = 9;
// More than any layout within HistogramLayout::max_counts needs.
constexpr std::size_t max_text_size = std::size_t{8} << 20;
// Up to here a double holds every rank exactly, and sums over shards do not overflow.
constexpr std::uint64_t max_total = std::uint64_t{1} << 53;

template <class Integer>
void put(Bytes& out, Integer value) {
    for (int shift = static_cast<int>(sizeof(Integer)) * 8 - 8; shift >= 0; shift -= 8) {
        out.push_back(static_cast<unsigned char>(static_cast<std::uint64_t>(value) >> shift));
    }
}

template <class Integer>
Integer get(const unsigned char* at) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Integer); ++i) value = value << 8 | at[i];
    return static_cast<Integer>(value);
}

void put_zigzag(Bytes& out, std::int64_t value) {
    auto bits = static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    for (int i = 0; i < 8; ++i) {
        if (bits < 0x80) {
            out.push_back(static_cast<unsigned char>(bits));
            return;
        }
        out.push_back(static_cast<unsigned char>(bits | 0x80));
        bits >>= 7;
    }
    out.push_back(static_cast<unsigned char>(bits));
}

/// Reads one number and moves `at` behind it; empty at a cut one.
std::optional<std::int64_t> get_zigzag(const unsigned char*& at, const unsigned char* end) {
    std::uint64_t bits = 0;
    for (int i = 0; i < 9; ++i) {
        if (at == end) return std::nullopt;
        const std::uint64_t byte = *at++;
        if (i == 8) {
            bits |= byte << 56;
        } else {
            bits |= (byte & 0x7f) << (7 * i);
            if (byte < 0x80) break;
        }
    }
    return static_cast<std::int64_t>(bits >> 1 ^ (~(bits & 1) + 1));
}

/// Inflates a stream whose size its own header states, a piece at a time.
class Inflater {
  public:
    explicit Inflater(const unsigned char* data, std::size_t size) {
        stream_.next_in = const_cast<unsigned char*>(data);
        stream_.avail_in = static_cast<uInt>(size);
        usable_ = inflateInit(&stream_) == Z_OK;
    }
    ~Inflater() {
        if (usable_) inflateEnd(&stream_);
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;

    /// Fills all of `out`; false when the stream is broken or too short.
    bool read(Bytes& out) {
        if (!usable_) return false;
        if (out.empty()) return true;
        stream_.next_out = out.data();
        stream_.avail_out = static_cast<uInt>(out.size());
        while (stream_.avail_out > 0) {
            const int result = inflate(&stream_, Z_SYNC_FLUSH);
            if (result == Z_STREAM_END) break;
            if (result != Z_OK) return false;
        }
        return stream_.avail_out == 0;
    }

  private:
    z_stream stream_{};
    bool usable_ = false;
};

}  // namespace

std::string Histogram::encode() const {
    Bytes counts;
    std::uint32_t next = 0;
    for_each([&](std::uint32_t index, std::uint64_t times) {
        const std::uint32_t zeros = index - next;
        // As HdrHistogram writes it: a single zero as 0, a run as its negative length.
        if (zeros == 1) put_zigzag(counts, 0);
        if (zeros > 1) put_zigzag(counts, -static_cast<std::int64_t>(zeros));
        put_zigzag(counts, static_cast<std::int64_t>(times));
        next = index + 1;
    });
    // An empty histogram has one count, that of value 0.
    if (empty()) put_zigzag(counts, 0);

    Bytes plain;
    plain.reserve(header_size + counts.size());
    put(plain, cookie | word_size_leb128);
    put(plain, static_cast<std::uint32_t>(counts.size()));
    put(plain, std::int32_t{0});
    put(plain, static_cast<std::int32_t>(layout_.digits()));
    put(plain, layout_.lowest());
    put(plain, layout_.highest());
    put(plain, std::bit_cast<std::uint64_t>(1.0));
    plain.insert(plain.end(), counts.begin(), counts.end());

    uLongf size = compressBound(static_cast<uLong>(plain.size()));
    Bytes deflated(size);
    if (compress(deflated.data(), &size, plain.data(), static_cast<uLong>(plain.size())) != Z_OK) {
        throw std::runtime_error("zlib could not compress a histogram: out of memory.");
    }
    deflated.resize(size);

    Bytes out;
    out.reserve(8 + deflated.size());
    put(out, compressed_cookie | word_size_leb128);
    put(out, static_cast<std::uint32_t>(deflated.size()));
    out.insert(out.end(), deflated.begin(), deflated.end());
    return encode_base64({reinterpret_cast<const char*>(out.data()), out.size()});
}

std::optional<Histogram> Histogram::decode(std::string_view base64) {
    if (base64.size() > max_text_size) return std::nullopt;
    const std::optional<std::string> decoded = decode_base64(base64);
    if (!decoded || decoded->size() < 8) return std::nullopt;
    const auto* const bytes = reinterpret_cast<const unsigned char*>(decoded->data());
    if ((get<std::uint32_t>(bytes) & ~word_size_mask) != compressed_cookie) return std::nullopt;
    const auto deflated_size = get<std::uint32_t>(bytes + 4);
    if (deflated_size > decoded->size() - 8) return std::nullopt;

    Inflater inflater(bytes + 8, deflated_size);
    Bytes header(header_size);
    if (!inflater.read(header)) return std::nullopt;
    if ((get<std::uint32_t>(header.data()) & ~word_size_mask) != cookie) return std::nullopt;
    const auto counts_size = get<std::uint32_t>(&header[4]);
    // An offset belongs to histograms of floating point values.
    if (get<std::int32_t>(&header[8]) != 0) return std::nullopt;
    const auto layout = HistogramLayout::make(get<std::int64_t>(&header[16]), get<std::int64_t>(&header[24]),
                                              get<std::int32_t>(&header[12]));
    if (!layout || counts_size > max_bytes_per_count * layout->counts_length()) return std::nullopt;
    Bytes counts(counts_size);
    if (!inflater.read(counts)) return std::nullopt;

    Histogram result(*layout);
    const unsigned char* at = counts.data();
    const unsigned char* const end = at + counts.size();
    std::uint64_t index = 0;
    while (at != end) {
        const auto value = get_zigzag(at, end);
        if (!value) return std::nullopt;
        if (*value <= 0) {
            // Negated as unsigned, for the most negative number has no positive one.
            const std::uint64_t zeros = *value == 0 ? 1 : ~static_cast<std::uint64_t>(*value) + 1;
            if (zeros > layout->counts_length() - index) return std::nullopt;
            index += zeros;
            continue;
        }
        const auto times = static_cast<std::uint64_t>(*value);
        if (index >= layout->counts_length()) return std::nullopt;
        if (times > max_total - result.count_) return std::nullopt;
        result.add_at(static_cast<std::uint32_t>(index++), times);
    }
    return result;
}

void Histogram::add_at(std::uint32_t index, std::uint64_t times) {
    if (empty()) min_ = layout_.lowest_at(index);
    max_ = layout_.highest_at(index);
    counts_[index] += times;
    count_ += times;
    sum_ += static_cast<long double>(layout_.median_at(index)) * static_cast<long double>(times);
}

}  // namespace milo_perf::stats
