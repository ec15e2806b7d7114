import FluxFormat
import Testing

@testable import FluxIndex

@Suite("Bytes of a row")
struct StoredBytesTests {
    @Test(
        "Counts of kinds come back as they went in", arguments: [UInt64](0...70) + [127, 4096, 32_767, 32_768, 65_535])
    func kindCounts(number: UInt64) {
        let kind = EventKind(rawValue: UInt16(number))
        for count in [0, 1, 31, 32, .max >> 5, (.max >> 5) + 1, .max] as [UInt64] {
            // Alone, between others, and beside the next one.
            for others in [[:], [.http: 3, .end: 1], [EventKind(rawValue: kind.rawValue &+ 1): 2]]
                as [[EventKind: UInt64]]
            {
                let counts = others.merging([kind: count]) { $1 }
                #expect(KindCountBytes.encoded(counts).flatMap(KindCountBytes.decoded) == counts)
            }
        }
    }

    @Test("A run of kinds is one byte each")
    func run() {
        let counts = Dictionary(uniqueKeysWithValues: (16...35).map { (EventKind(rawValue: $0), UInt64(2)) })
        #expect(KindCountBytes.encoded(counts)?.count == 20)
    }

    @Test("Tags come back as they went in")
    func tags() {
        let tags = [
            StoredTag(key: 1, value: ""), StoredTag(key: .max, value: "ünï"), StoredTag(key: 300, value: "a\0b"),
        ]
        #expect(TagBytes.encoded(tags).flatMap(TagBytes.decoded) == tags)
        #expect(TagBytes.encoded([]) == nil && TagBytes.decoded([1, 5, 65]) == nil)
    }

    @Test("Classes of durations follow each other without a gap, up to the longest")
    func durationClasses() {
        var next: UInt64 = 0
        for number in 0...DurationClass.greatest {
            let durations = DurationClass.durations(number)
            #expect(durations.lowerBound == next && durations.upperBound >= next)
            #expect(DurationClass.number(durations.lowerBound) == number)
            #expect(DurationClass.number(durations.upperBound) == number)
            next = durations.upperBound &+ 1
        }
        #expect(next == 0)
    }
}
