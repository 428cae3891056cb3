import CanoBus
import CanoRedis
import Testing

@testable import CanoBridge

@Suite("An entry on its way to its handler", .timeLimit(.minutes(5)))
struct DeliveryTests {
    private func published(_ id: UInt64, seen: Int64) -> Int64 {
        Delivery(StreamEntry(id: StreamEntryID(milliseconds: id, sequence: 0), fields: []), from: .control, firstSeen: seen, at: seen)
            .published
    }

    @Test("counts from its id, unless its producer chose one of the future")
    func moments() {
        #expect(published(1_000, seen: 9_000) == 1_000)
        #expect(published(9_000, seen: 4_000) == 9_000, "this bridge may be behind Redis' clock")
        #expect(published(9_001, seen: 4_000) == 4_000)
        #expect(published(.max, seen: 4_000) == 4_000)
    }
}
