import Testing

@testable import CanoRedis

@Suite("An entry id", .timeLimit(.minutes(5)))
struct StreamEntryIDTests {
    @Test("reads what it writes", arguments: ["0-0", "1526919030474-55", "18446744073709551615-18446744073709551615"])
    func text(_ text: String) {
        #expect(StreamEntryID(text)?.description == text)
    }

    @Test("takes milliseconds alone as their first entry")
    func milliseconds() {
        #expect(StreamEntryID("12") == StreamEntryID(milliseconds: 12, sequence: 0))
    }

    @Test("is nothing else", arguments: ["", "-", "1-", "-1", "1-2-3", "a-1", "1-b", "+1-1", " 1-1", "18446744073709551616-0"])
    func garbage(_ text: String) {
        #expect(StreamEntryID(text) == nil)
    }

    @Test("is ordered as in the stream, by number and not by text")
    func order() {
        #expect(StreamEntryID(milliseconds: 9, sequence: 10) < StreamEntryID(milliseconds: 10, sequence: 9))
        #expect(StreamEntryID(milliseconds: 9, sequence: 9) < StreamEntryID(milliseconds: 9, sequence: 10))
    }

    @Test("knows what comes next")
    func next() {
        #expect(StreamEntryID(milliseconds: 1, sequence: .max).next == StreamEntryID(milliseconds: 2, sequence: 0))
        #expect(StreamEntryID.zero.next == StreamEntryID(milliseconds: 0, sequence: 1))
        #expect(StreamEntryID.max.next == nil)
    }

    @Test("knows what comes before")
    func previous() {
        #expect(StreamEntryID(milliseconds: 2, sequence: 0).previous == StreamEntryID(milliseconds: 1, sequence: .max))
        #expect(StreamEntryID(milliseconds: 0, sequence: 1).previous == .zero)
        #expect(StreamEntryID.zero.previous == nil)
    }

    @Test("does not misread numbers that do not fit", arguments: ["9223372036854775808", "-9223372036854775809", "", "-", "1a", "+1"])
    func integers(_ text: String) {
        #expect(Int64(decimal: Array(text.utf8)) == nil)
    }

    @Test("reads the ends of the integers", arguments: [Int64.min, -1, 0, .max])
    func ends(_ value: Int64) {
        #expect(Int64(decimal: Array(String(value).utf8)) == value)
    }
}
