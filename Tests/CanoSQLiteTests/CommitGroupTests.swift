#if SQLite
    import CanoTesting
    import Synchronization
    import Testing

    @testable import CanoSQLite

    @Suite("A group commit", .timeLimit(.minutes(1)))
    struct CommitGroupTests {
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

        @Test("RB-5 changed: what comes while a commit is under way is committed together, and each hears of its own end")
        func together() async throws {
            let disk = Disk()
            let group = CommitGroup<Int> { try await disk.commit($0) }
            let first = Task { try await group.commit(0) }
            for await _ in disk.arrivals { break }
            let others = (1...5).map { item in Task { try await group.commit(item) } }
            try await eventually("five items waiting") { group.waitingCount == 5 }
            disk.pass.yield()
            disk.pass.yield()
            await #expect(throws: Refused.self) { try await first.value }
            for (index, other) in others.enumerated() {
                if index == 2 { await #expect(throws: Refused.self) { try await other.value } } else { try await other.value }
            }
            #expect(disk.committed.map { $0.sorted() } == [[0], [1, 2, 3, 4, 5]])
        }
    }
#endif
