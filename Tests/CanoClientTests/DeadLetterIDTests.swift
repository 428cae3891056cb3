import CanoRedis
import Testing

@testable import CanoClient

@Suite("What names a dead letter", .timeLimit(.minutes(1)))
struct DeadLetterIDTests {
    @Test(
        "is its entry and, of several shards, the number of its own",
        arguments: [
            ("7-1", "7-1"), ("7", "7-0"), ("7-1@0", "7-1@0"), ("7-1@255", "7-1@255"), ("", nil), ("7-1@", nil), ("7-1@x", nil),
            ("7-1@-1", nil),
            ("@3", nil), ("7-1@3@4", nil),
        ])
    func text(text: String, shown: String?) {
        #expect(DeadLetterID(text)?.description == shown)
    }

    /// Letters of three shards, in the order of lists.
    private static let letters = ["5-0@0", "5-0@1", "5-0@2", "6-0@1", "6-3@0", "6-3@2", "7-0@1"].compactMap { DeadLetterID($0) }

    @Test("leaves out, where a list goes on from it, just what came before", arguments: letters.indices)
    func places(index: Int) {
        let id = Self.letters[index]
        #expect(Self.letters == Self.letters.sorted())
        let after = Self.letters.filter { letter in id.next(on: letter.shard ?? 0).map { letter.entry >= $0 } ?? false }
        #expect(after == Array(Self.letters[(index + 1)...]))
        let through = Self.letters.filter { letter in id.through(on: letter.shard ?? 0).map { letter.entry <= $0 } ?? false }
        #expect(through == Array(Self.letters[...index]))
        let before = id.previous.map { previous in
            Self.letters.filter { letter in previous.through(on: letter.shard ?? 0).map { letter.entry <= $0 } ?? false }
        }
        #expect(before == Array(Self.letters[..<index]))
    }

    @Test("has none before the first and none behind the last there can be")
    func ends() {
        #expect(DeadLetterID(.zero).previous == nil && DeadLetterID(.zero, shard: 0).previous == nil)
        #expect(DeadLetterID(.max).next(on: 0) == nil)
        #expect(
            DeadLetterID(StreamEntryID(milliseconds: 1, sequence: 4)).previous == DeadLetterID(StreamEntryID(milliseconds: 1, sequence: 3)))
    }
}
