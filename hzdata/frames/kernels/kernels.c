/* The inner loops of hzdata.frames, over buffers. No Python.h: called through ctypes, which lets go of the GIL.

   Each has a NumPy twin in twins.py with the same contract; compiled.py says which arrays they take. A function that
   reads from places in received bytes checks them against the size of these bytes: what a peer sends is not trusted.
   It returns a negative number, FAULT - row, for the first row that is out of bounds. */

#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the kernels are written for little-endian machines; without them NumPy does the work"
#endif

#define API __attribute__((visibility("default")))
#define FAULT (-2)

/* Which source this was compiled from (build.py gives it): a library that is older than its callers must not be called. */
API int64_t hz_source(void) { return SOURCE_ID; }

enum { HEADER = 6, FINAL = 1 << 13, BEGIN = 1 << 12, END = 1 << 11, NOTHING = 1 << 10 };

static inline uint16_t load16(const uint8_t *p) { uint16_t v; memcpy(&v, p, 2); return v; }
static inline uint32_t load32(const uint8_t *p) { uint32_t v; memcpy(&v, p, 4); return v; }
static inline uint64_t load64(const uint8_t *p) { uint64_t v; memcpy(&v, p, 8); return v; }
static inline int32_t int32_at(const uint8_t *p, int big) {
    uint32_t v = load32(p);
    return (int32_t)(big ? __builtin_bswap32(v) : v);
}
static inline uint16_t uint16_at(const uint8_t *p, int big) {
    uint16_t v = load16(p);
    return big ? __builtin_bswap16(v) : v;
}

/* A few bytes, copied without the call that memcpy of an unknown size is. */
static inline void copy(uint8_t *to, const uint8_t *from, int64_t size) {
    if (size > 32) { memcpy(to, from, size); return; }
    if (size >= 16) { memcpy(to, from, 16); memcpy(to + size - 16, from + size - 16, 16); return; }
    if (size >= 8) { memcpy(to, from, 8); memcpy(to + size - 8, from + size - 8, 8); return; }
    if (size >= 4) { memcpy(to, from, 4); memcpy(to + size - 4, from + size - 4, 4); return; }
    while (size-- > 0) *to++ = *from++;
}

/* --- Frames --- */

/* Walk frames below `stop` from state[0] on, noting where each begins in frames[state[1]...].
   Returns 1 at the end of the message, 0 when more bytes are needed, 2 when `frames` is full, FAULT at no frame. */
API int64_t hz_walk(const uint8_t *buffer, int64_t stop, int64_t *frames, int64_t capacity, int64_t *state) {
    int64_t at = state[0], count = state[1], result = 0;
    while (at + HEADER <= stop) {
        int64_t length = (int32_t)load32(buffer + at);
        if (length < HEADER) { result = FAULT; break; }
        if (at + length > stop) break;
        if (count == capacity) { result = 2; break; }
        frames[count++] = at;
        uint16_t flags = load16(buffer + at + 4);
        at += length;
        if (flags & FINAL) { result = 1; break; }
    }
    state[0] = at;
    state[1] = count;
    return result;
}

/* The list whose begin frame is frames[first]: the index of its end frame, and in *items how many it holds; a structure
   counts as one. FAULT when it does not end. */
API int64_t hz_list_end(const uint8_t *buffer, const int64_t *frames, int64_t count, int64_t first, int64_t *items) {
    int64_t depth = 0, found = 0;
    for (int64_t i = first + 1; i < count; i++) {
        uint16_t flags = load16(buffer + frames[i] + 4);
        if (flags & END) {
            if (depth-- == 0) { *items = found; return i; }
            continue;
        }
        found += depth == 0;
        depth += (flags & BEGIN) != 0;
    }
    return FAULT;
}

/* --- Gathering --- */

/* Whether all rows have the same bytes at their places: 1 or 0. */
API int64_t hz_all_equal(const uint8_t *bytes, int64_t size, const int64_t *at, int64_t rows, int64_t width) {
    for (int64_t i = 0; i < rows; i++) {
        if (at[i] < 0 || at[i] + width > size) return FAULT - i;
        if (width == 8 ? load64(bytes + at[i]) != load64(bytes + at[0]) : memcmp(bytes + at[i], bytes + at[0], width) != 0)
            return 0;
    }
    return 1;
}

/* `width` bytes from each place, one after the other. */
API int64_t hz_gather(const uint8_t *bytes, int64_t size, const int64_t *at, int64_t rows, int64_t width, uint8_t *out) {
#define GATHER(WIDTH)                                                \
    for (int64_t i = 0; i < rows; i++) {                             \
        if (at[i] < 0 || at[i] + (WIDTH) > size) return FAULT - i;   \
        memcpy(out + i * (WIDTH), bytes + at[i], (WIDTH));           \
    }                                                                \
    break
    switch (width) {
    case 1: GATHER(1);
    case 2: GATHER(2);
    case 4: GATHER(4);
    case 6: GATHER(6);
    case 7: GATHER(7);
    case 8: GATHER(8);
    case 13: GATHER(13);
    case 17: GATHER(17);
    default: GATHER(width);
    }
#undef GATHER
    return 0;
}

/* Bytes of different lengths, one after the other: ends[i + 1] - ends[i] of them from at[i]. */
API int64_t hz_gather_ragged(
    const uint8_t *bytes, int64_t size, const int64_t *at, const int64_t *ends, int64_t rows, uint8_t *out
) {
    for (int64_t i = 0; i < rows; i++) {
        int64_t length = ends[i + 1] - ends[i];
        if (length == 0) continue;
        if (at[i] < 0 || at[i] + length > size) return FAULT - i;
        copy(out + ends[i], bytes + at[i], length);
    }
    return 0;
}

/* The masked groups of a nullable column: a byte of flags, then the items that are there. `items` gets these, and
   `validity` the flags. Returns how many items there are. */
API int64_t hz_groups(
    const uint8_t *bytes, int64_t size, int64_t at, int64_t rows, int64_t width, uint8_t *items, uint8_t *validity
) {
    int64_t found = 0;
    for (int64_t group = 0; group < (rows + 7) / 8; group++) {
        if (at >= size) return FAULT - group * 8;
        uint8_t mask = bytes[at++];
        int64_t count = __builtin_popcount(mask), left = rows - group * 8;
        if (at + count * width > size || (left < 8 && mask >> left)) return FAULT - group * 8;
        copy(items + found * width, bytes + at, count * width);
        validity[group] = mask;
        at += count * width;
        found += count;
    }
    return found;
}

/* --- Compact --- */

/* Where the fields of variable size begin in Compact values whose schema ids are at `at`: fields x rows places, -1 for
   null; and in `body` where the fields of fixed size do. */
API int64_t hz_compact(
    const uint8_t *bytes, int64_t size, const int64_t *at, int64_t rows, int64_t big, int64_t fields, int64_t *body,
    int64_t *places
) {
    for (int64_t i = 0; i < rows; i++) {
        if (at[i] < 0 || at[i] + 8 > size) return FAULT - i;
        body[i] = at[i] + 8;
        if (!fields) continue;
        if (body[i] + 4 > size) return FAULT - i;
        int64_t length = int32_at(bytes + body[i], big), begin = body[i] += 4, table = begin + length;
        int64_t width = length < 255 ? 1 : length < 65535 ? 2 : 4;
        if (length < 0 || table + width * fields > size) return FAULT - i;
        const uint8_t *offsets = bytes + table;
        for (int64_t field = 0; field < fields; field++) {
            int64_t offset;
            if (width == 1) offset = offsets[field] == 0xFF ? -1 : offsets[field];
            else if (width == 2) {
                offset = uint16_at(offsets + 2 * field, big);
                if (offset == 0xFFFF) offset = -1;
            } else offset = int32_at(offsets + 4 * field, big);
            if (offset < -1 || offset > length) return FAULT - i;
            places[field * rows + i] = offset < 0 ? -1 : begin + offset;
        }
    }
    return 0;
}

/* --- Calendar. Rata die by Howard Hinnant: https://howardhinnant.github.io/date_algorithms.html --- */

enum { HAS_DATE = 1, HAS_TIME = 2, HAS_OFFSET = 4, IS_BIG = 8 };

static inline int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Packed records (int32 year, int8 month, day; int8 hour, minute, second, int32 nano; int32 offset, as `parts` says) as
   days since 1970-01-01 (a date alone) or seconds since then or since midnight, in UTC; nanoseconds beside. */
API int64_t hz_epoch(const uint8_t *records, int64_t rows, int64_t parts, int64_t *out, int32_t *nanos) {
    int big = (parts & IS_BIG) != 0;
    const uint8_t *p = records;
    for (int64_t i = 0; i < rows; i++) {
        int64_t value = 0;
        if (parts & HAS_DATE) {
            value = days_of(int32_at(p, big), (int8_t)p[4], (int8_t)p[5]);
            p += 6;
        }
        if (parts & HAS_TIME) {
            value = value * 86400 + (int8_t)p[0] * 3600 + (int8_t)p[1] * 60 + (int8_t)p[2];
            nanos[i] = int32_at(p + 3, big);
            p += 7;
        }
        if (parts & HAS_OFFSET) {
            value -= int32_at(p, big);
            p += 4;
        }
        out[i] = value;
    }
    return 0;
}

static inline uint8_t *put32(uint8_t *p, int32_t value) {
    uint32_t swapped = __builtin_bswap32((uint32_t)value);
    memcpy(p, &swapped, 4);
    return p + 4;
}

/* The way back, big endian: values are days (a date alone) or units, `per_second` to the second. */
static inline __attribute__((always_inline)) void calendar(
    const int64_t *values, int64_t rows, int64_t per_second, int64_t parts, uint8_t *out
) {
    const int64_t per_day = per_second * 86400;
    for (int64_t i = 0; i < rows; i++) {
        int64_t days = values[i], rest = 0;
        if (parts & HAS_TIME) {
            days /= per_day;
            rest = values[i] - days * per_day;
            if (rest < 0) { rest += per_day; days--; }
        }
        if (parts & HAS_DATE) {
            /* Quotients and remainders of one multiplication each: Neri and Schneider, "Euclidean affine functions and
               their application to calendar algorithms", 2023. Years begin in March. */
            int64_t shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
            uint32_t quarters = 4 * (uint32_t)(shifted - era * 146097) + 3, century = quarters / 146097;
            uint64_t years = 2939745 * (uint64_t)(quarters % 146097 | 3);
            uint32_t months = 2141 * ((uint32_t)years / 2939745 / 4) + 197913;
            int late = months >= 13 << 16;
            out = put32(out, (int32_t)(era * 400 + century * 100 + (uint32_t)(years >> 32) + late));
            *out++ = (uint8_t)((months >> 16) - (late ? 12 : 0));
            *out++ = (uint8_t)((months & 0xFFFF) / 2141 + 1);
        }
        if (parts & HAS_TIME) {
            uint32_t second = (uint32_t)(rest / per_second);
            *out++ = (uint8_t)(second / 3600);
            *out++ = (uint8_t)(second / 60 % 60);
            *out++ = (uint8_t)(second % 60);
            out = put32(out, (int32_t)((rest - second * per_second) * (1000000000 / per_second)));
        }
        if (parts & HAS_OFFSET) out = put32(out, 0);
    }
}

API int64_t hz_calendar(const int64_t *values, int64_t rows, int64_t per_second, int64_t parts, uint8_t *out) {
    /* Divisions by numbers that the compiler knows are multiplications: four times as fast. */
    switch (per_second) {
    case 1: calendar(values, rows, 1, parts, out); break;
    case 1000: calendar(values, rows, 1000, parts, out); break;
    case 1000000: calendar(values, rows, 1000000, parts, out); break;
    case 1000000000: calendar(values, rows, 1000000000, parts, out); break;
    default: return FAULT;
    }
    return 0;
}

/* --- Writing --- */

static inline uint32_t scramble(uint32_t block) {
    block *= 0xCC9E2D51u;
    return (block << 15 | block >> 17) * 0x1B873593u;
}

/* MurmurHash3 (x86, 32 bits) of the bytes between offsets[i] and offsets[i + 1].
   https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp */
API int64_t hz_murmur3(const uint8_t *bytes, const int32_t *offsets, int64_t rows, uint32_t seed, uint32_t *out) {
    for (int64_t i = 0; i < rows; i++) {
        const uint8_t *p = bytes + offsets[i], *stop = bytes + offsets[i + 1];
        uint32_t hash = seed, length = (uint32_t)(stop - p), tail = 0;
        for (; p + 4 <= stop; p += 4) {
            hash ^= scramble(load32(p));
            hash = (hash << 13 | hash >> 19) * 5 + 0xE6546B64u;
        }
        for (int64_t k = stop - p - 1; k >= 0; k--) tail = tail << 8 | p[k];
        hash ^= scramble(tail) ^ length;
        hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
        hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
        out[i] = hash ^ hash >> 16;
    }
    return 0;
}

/* Rows of pieces, the i-th at out + places[i]. There piece k has widths[k] bytes from data[k] + i * strides[k] (a stride of
   zero is the same for all rows), or, where it has offsets, those between offsets[k][i] and offsets[k][i + 1]; where it
   has flags, none unless flags[k][i].

   A piece at a time for rows whose places fit the nearest cache: what a piece is is asked once, not once a row, and all
   is read in the order in which it lies. */
API int64_t hz_join(
    int64_t pieces, const uint8_t *const *data, const int64_t *widths, const int64_t *strides,
    const int32_t *const *offsets, const uint8_t *const *flags, const int64_t *places, int64_t rows, uint8_t *out
) {
    enum { BLOCK = 128 };
    uint8_t *to[BLOCK];
    for (int64_t first = 0; first < rows; first += BLOCK) {
        int64_t count = rows - first < BLOCK ? rows - first : BLOCK;
        for (int64_t i = 0; i < count; i++) to[i] = out + places[first + i];
        for (int64_t k = 0; k < pieces; k++) {
            const uint8_t *there = flags[k] ? flags[k] + first : 0, *from = data[k] + first * strides[k];
            const int32_t *ends = offsets[k] ? offsets[k] + first : 0;
            int64_t width = widths[k], stride = strides[k];
#define JOIN(WIDTH, COPY)                                \
    for (int64_t i = 0; i < count; i++) {                \
        if (there && !there[i]) continue;                \
        COPY(to[i], from + i * stride, (WIDTH));         \
        to[i] += (WIDTH);                                \
    }                                                    \
    break
            switch (ends ? 0 : width) {
            case 0:
                for (int64_t i = 0; ends && i < count; i++) {
                    int64_t size = ends[i + 1] - ends[i];
                    if (there && !there[i]) continue;
                    copy(to[i], data[k] + ends[i], size);
                    to[i] += size;
                }
                break;
            case 1: JOIN(1, memcpy);
            case 4: JOIN(4, memcpy);
            case 6: JOIN(6, memcpy);
            case 8: JOIN(8, memcpy);
            case 13: JOIN(13, memcpy);
            default: JOIN(width, copy);
            }
#undef JOIN
        }
    }
    return 0;
}
