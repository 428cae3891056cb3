import CanoCore
import Testing

@testable import CanoRedisStores

@Suite("The runs a checkpoint store owns", .timeLimit(.minutes(5)))
final class OwnedRunsTests {
    private let run: RunID = "r"
    private var runs = OwnedRuns()

    private func row(_ sequence: Int, by writer: Int64?) -> CheckpointRow {
        CheckpointRow(sequence: sequence, state: "s", writer: writer)
    }

    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    private func fence(_ epoch: Int) -> Fence { Fence(owner: "me", epoch: epoch) }

    private func reserve() -> Bool { runs.reserve(run) }

    private func lose(in epoch: Int) -> Bool { runs.lost(run, behind: fence(epoch)) }

    private func permission(_ row: CheckpointRow) -> String {
        switch runs.permission(for: row, of: run) {
        case .owner(let fence): "owner \(fence.epoch)"
        case .unowned: "unowned"
        case .lost: "lost"
        case .otherExecution: "other execution"
        }
    }

    @Test("are reserved by one execution that wants to resume them, until it gives up or ends")
    func reserving() {
        #expect(reserve())
        #expect(!reserve())
        runs.endReservation(of: run)
        #expect(reserve())
        runs.acquired(run, behind: fence(1), until: at(10), for: .unknown)
        runs.endReservation(of: run)
        #expect(!reserve())
        _ = runs.remove(run)
        #expect(reserve())
    }

    @Test("belong to the execution that began them, or to the one whose row comes first after a resume")
    func writers() {
        #expect(permission(row(0, by: 1)) == "unowned")
        runs.acquired(run, behind: fence(1), until: at(10), for: .known(1))
        #expect(permission(row(1, by: 1)) == "owner 1")
        #expect(permission(row(1, by: 2)) == "other execution")
        #expect(permission(row(1, by: nil)) == "other execution")
        _ = runs.remove(run)
        runs.acquired(run, behind: fence(2), until: at(10), for: .unknown)
        #expect(permission(row(1, by: 2)) == "owner 2")
        #expect(permission(row(1, by: nil)) == "owner 2")
        runs.recordedRow(row(1, by: 2), of: run, behind: fence(2), until: at(20))
        #expect(permission(row(2, by: 2)) == "owner 2")
        #expect(permission(row(2, by: 1)) == "other execution")
    }

    @Test("are certain for as long as the latest answer says, in whatever order answers come")
    func certainty() {
        runs.acquired(run, behind: fence(2), until: at(10), for: .known(1))
        runs.renewed(run, behind: fence(2), until: at(30))
        runs.recordedRow(row(1, by: 1), of: run, behind: fence(2), until: at(20))
        #expect(runs[run]?.term.end == at(30))
        // What was asked for in another epoch says nothing of this one.
        runs.renewed(run, behind: fence(1), until: at(90))
        #expect(runs[run]?.term.end == at(30))
        runs.renewed("another", behind: fence(1), until: at(90))
        #expect(runs["another"] == nil)
    }

    @Test("that were lost stay lost until the execution has ended, and are renewed no more")
    func losing() {
        runs.acquired(run, behind: fence(2), until: at(10), for: .known(1))
        #expect(runs.renewable.map(\.run) == [run])
        #expect(!lose(in: 1))
        #expect(lose(in: 2))
        #expect(!lose(in: 2))
        #expect(runs.renewable.isEmpty)
        #expect(permission(row(1, by: 1)) == "lost")
        #expect(permission(row(1, by: 2)) == "other execution")
        #expect(!reserve())
        _ = runs.remove(run)
        #expect(permission(row(0, by: 1)) == "unowned")
    }
}
