#if SQLite
    import CanoTesting
    import RuleFixture
    import Synchronization

    @testable import CanoSQLite

    /// Appends that wait for the disk together.
    struct CommitScenarios {
        private struct Refused: Error {}

        /// Commits batches one at a time, each when it is let through.
        private final class Disk: Sendable {
            private let batches = Mutex<[[Int]]>([])
            let (passes, pass) = AsyncStream.makeStream(of: Void.self)
            let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)

            var committed: [[Int]] { batches.withLock { $0 } }

            func commit(_ items: [Int]) async throws -> [Result<Void, any Error>] {
                batches.withLock { $0.append(items) }
                arrival.yield()
                for await _ in passes { break }
                if items == [0] { throw Refused() }
                return items.map { $0 == 3 ? .failure(Refused()) : .success(()) }
            }
        }

        func together() async throws -> Facts {
            let disk = Disk()
            let group = CommitGroup<Int> { try await disk.commit($0) }
            let first = Task { try await group.commit(0) }
            for await _ in disk.arrivals { break }
            let others = (1...5).map { item in Task { try await group.commit(item) } }
            try await eventually("five items waiting") { group.waitingCount == 5 }
            disk.pass.yield()
            disk.pass.yield()
            var refused: [Int] = []
            for (item, commit) in ([first] + others).enumerated() {
                do { try await commit.value } catch is Refused { refused.append(item) }
            }
            return ["committed": disk.committed.map { "\($0.sorted())" }, "refused": refused]
        }
    }
#endif
