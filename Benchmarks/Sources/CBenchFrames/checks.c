#include "segments.h"

enum {
    record_byte_count = 40,
    no_string = 0xFFFFFFFF,
};

bool header_holds(segment_walk *walk, const uint8_t *header) {
    uint64_t position = (uint64_t)walk->segment << 32 | walk->next_frame;
    uint64_t seed = walk->segment_salt ^ (position * UINT64_C(0x9E3779B97F4A7C15));
    uint64_t header_hash = load64(header + 88);
    if (hash(header, 88, seed) != header_hash) return false;
    uint64_t sequence = load64(header + 16);
    if (sequence < walk->next_sequence || load64(header + 32) != walk->last_hash) return false;
    walk->next_sequence = sequence + 1;
    walk->last_hash = header_hash;
    return true;
}

bool records_hold(const stored_frame *frame, const uint8_t *heads) {
    uint64_t record_count = load32(frame->payload + 28);
    uint64_t offsets_at = load32(frame->payload + 32);
    uint64_t strings_at = load32(frame->payload + 36);
    uint64_t string_count = load32(frame->payload + 40);
    uint64_t text_at = strings_at + 4 * (string_count + 1);
    if (text_at > frame->heads_raw || offsets_at + 8 * record_count > strings_at) return false;
    uint64_t text_end = 0;
    for (uint64_t index = 0; index <= string_count; index += 1) {
        uint64_t end = load32(heads + strings_at + 4 * index);
        if (end < text_end || end > frame->heads_raw - text_at) return false;
        text_end = end;
    }
    uint64_t head_end = 0;
    uint64_t payload_end = 0;
    for (uint64_t index = 0; index < record_count; index += 1) {
        uint64_t head = load32(heads + offsets_at + 4 * index);
        uint64_t payload = load32(heads + offsets_at + 4 * (record_count + index));
        if (head < head_end || head + record_byte_count > offsets_at || payload < payload_end) return false;
        const uint8_t *record = heads + head;
        head_end = head + record_byte_count + load32(record + 36);
        payload_end = payload + load32(record);
        uint32_t lane = load32(record + 8);
        uint32_t name = load32(record + 32);
        if (head_end > offsets_at || payload_end > frame->bodies_raw) return false;
        if (lane != no_string && lane >= string_count) return false;
        if (name != no_string && name >= string_count) return false;
    }
    return true;
}
