import Testing

@testable import CanoBridge

@Suite("The slots of a bridge", .timeLimit(.minutes(1)))
struct SlotCountTests {
    @Test("are never given twice, and room is what is free")
    func slots() {
        var count = SlotCount(total: 2)
        #expect(count.room == 2)
        #expect([count.take(), count.take(), count.take()] == [true, true, false])
        #expect(count.room == 0)
        count.give()
        #expect(count.room == 1)
    }

    @Test("are read for no more than so many at a time, and there is one at least")
    func bounds() {
        #expect(SlotCount(total: 1_000).room == SlotCount.largestRead)
        #expect(SlotCount(total: 0).room == 1)
    }

    @Test("are worth waiting for when few of many are free")
    func waiting() {
        var count = SlotCount(total: 4)
        #expect(!count.isWorthWaiting)
        _ = (count.take(), count.take(), count.take())
        #expect(count.isWorthWaiting)
        #expect(!SlotCount(total: 1).isWorthWaiting)
    }
}
