import CanoRedis
import CanoTesting
import Testing

@testable import CanoBridge

@Suite("The entries that a bridge has read", .timeLimit(.minutes(5)))
struct InFlightEntriesTests {
    private let work = InFlightWork()
    private let entries: InFlightEntries
    private let entry = StreamEntryID(milliseconds: 1, sequence: 0)

    init() {
        entries = InFlightEntries(counting: work)
    }

    @Test("are looked at soon after a read failed, for it may have brought some")
    func missed() {
        #expect(!entries.hasDue(now: 5))
        entries.note(mayHaveMissed: true)
        #expect(entries.hasDue(now: 5))
        entries.note(mayHaveMissed: false)
        #expect(!entries.hasDue(now: 5))
    }

    @Test("are taken once, until they are released")
    func once() {
        #expect(entries.take(entry, now: 5) == 5)
        #expect(entries.take(entry, now: 6) == nil && !entries.isFree(entry, now: 6))
        entries.release(entry)
        #expect(entries.isFree(entry, now: 7))
        #expect(entries.take(entry, now: 7) == 7, "what was answered and comes again is new")
    }

    @Test("are left alone until their time has come, and count from when they were first seen")
    func left() {
        _ = entries.take(entry, now: 5)
        entries.release(entry, leavingUntil: 10)
        #expect(entries.take(entry, now: 9) == nil && !entries.isFree(entry, now: 9) && !entries.hasDue(now: 9))
        #expect(entries.hasDue(now: 10) && entries.isFree(entry, now: 10))
        #expect(entries.take(entry, now: 12) == 5)
        #expect(!entries.hasDue(now: 12))
    }

    @Test("are forgotten once they are pending no more")
    func forgotten() {
        let other = StreamEntryID(milliseconds: 2, sequence: 0)
        for id in [entry, other] {
            _ = entries.take(id, now: 5)
            entries.release(id, leavingUntil: .max)
        }
        entries.forgetLeft(except: [other])
        #expect(entries.isFree(entry, now: 6) && !entries.isFree(other, now: 6))
    }

    @Test("stay where it was not looked whether they are pending")
    func notLookedAt() {
        let (second, third) = (StreamEntryID(milliseconds: 2, sequence: 0), StreamEntryID(milliseconds: 3, sequence: 0))
        for id in [entry, second, third] {
            _ = entries.take(id, now: 5)
            entries.release(id, leavingUntil: .max)
        }
        entries.forgetLeft(through: second, except: [entry])
        #expect(!entries.isFree(entry, now: 6) && entries.isFree(second, now: 6) && !entries.isFree(third, now: 6))
    }

    @Test("are waited for by a stop while they are in flight, and not while they are left")
    func waitedFor() async throws {
        _ = entries.take(entry, now: 5)
        let stop = Task { try await work.waitUntilNone() }
        entries.release(entry, leavingUntil: .max)
        await #expect(throws: Never.self) { try await stop.value }
    }
}
