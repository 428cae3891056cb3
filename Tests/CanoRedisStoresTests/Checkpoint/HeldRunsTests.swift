import CanoCore
import CanoRedis
import Testing

@testable import CanoRedisStores

@Suite("The runs a checkpoint store has") final class HeldRunsTests {
    private let run: RunID = "r"
    private var runs = HeldRuns()

    private func row(_ sequence: Int, by writer: Int64?) -> CheckpointRow {
        CheckpointRow(sequence: sequence, state: "s", writer: writer)
    }

    private func at(_ seconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: seconds * 1_000_000_000) }

    private func take() -> Bool { runs.beginTaking(run) }

    private func lose(in epoch: String) -> Bool { runs.lost(run, in: epoch) }

    private func claim(_ row: CheckpointRow) -> String {
        switch runs.claim(of: row, to: run) {
        case .held(let epoch): "held \(epoch)"
        case .unheld: "unheld"
        case .lost: "lost"
        case .driven: "driven"
        }
    }

    @Test("can be taken by one who wants to go on with them, and by nobody else until that is given up or over")
    func taking() {
        #expect(take())
        #expect(!take())
        runs.endTaking(run)
        #expect(take())
        runs.took(run, epoch: "1", until: at(10), for: .unknown)
        runs.endTaking(run)
        #expect(!take())
        _ = runs.remove(run)
        #expect(take())
    }

    @Test("belong to the drive that began them, or to the one whose row comes first after a resume")
    func writers() {
        #expect(claim(row(0, by: 1)) == "unheld")
        runs.took(run, epoch: "1", until: at(10), for: .known(1))
        #expect(claim(row(1, by: 1)) == "held 1")
        #expect(claim(row(1, by: 2)) == "driven")
        #expect(claim(row(1, by: nil)) == "driven")
        _ = runs.remove(run)
        runs.took(run, epoch: "2", until: at(10), for: .unknown)
        #expect(claim(row(1, by: 2)) == "held 2")
        #expect(claim(row(1, by: nil)) == "held 2")
        runs.wrote(row(1, by: 2), to: run, in: "2", until: at(20))
        #expect(claim(row(2, by: 2)) == "held 2")
        #expect(claim(row(2, by: 1)) == "driven")
    }

    @Test("are certain for as long as the latest answer says, in whatever order answers come")
    func certainty() {
        runs.took(run, epoch: "2", until: at(10), for: .known(1))
        runs.renewed(run, in: "2", until: at(30))
        runs.wrote(row(1, by: 1), to: run, in: "2", until: at(20))
        #expect(runs[run]?.certainUntil == at(30))
        // What was asked for in another epoch says nothing of this one.
        runs.renewed(run, in: "1", until: at(90))
        #expect(runs[run]?.certainUntil == at(30))
        runs.renewed("another", in: "1", until: at(90))
        #expect(runs["another"] == nil)
    }

    @Test("that were lost are so until the drive has ended, and are renewed no more")
    func losing() {
        runs.took(run, epoch: "2", until: at(10), for: .known(1))
        #expect(runs.epochs.map(\.run) == [run])
        #expect(!lose(in: "1"))
        #expect(lose(in: "2"))
        #expect(!lose(in: "2"))
        #expect(runs.epochs.isEmpty)
        #expect(claim(row(1, by: 1)) == "lost")
        #expect(claim(row(1, by: 2)) == "driven")
        #expect(!take())
        _ = runs.remove(run)
        #expect(claim(row(0, by: 1)) == "unheld")
    }
}
