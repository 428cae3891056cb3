#if SQLite
    import Synchronization

    /// Gathers what is to be committed while a commit is under way, and commits it together: one wait for the disk serves
    /// all that came meanwhile.
    final class CommitGroup<Item: Sendable>: Sendable {
        private struct State {
            var waiting: [(item: Item, done: CheckedContinuation<Void, any Error>)] = []
            var isCommitting = false
        }

        private let state = Mutex(State())
        private let commitAll: @Sendable ([Item]) async throws -> [Result<Void, any Error>]

        /// Creates a group from what commits several items at once, and answers what became of each.
        init(_ commitAll: @escaping @Sendable ([Item]) async throws -> [Result<Void, any Error>]) { self.commitAll = commitAll }

        /// Commits the item; it is durable when this returns. A cancellation doesn't stop it: its outcome would be unknown.
        func commit(_ item: Item) async throws {
            try await withCheckedThrowingContinuation { done in
                let isFirst = state.withLock { state in
                    state.waiting.append((item, done))
                    defer { state.isCommitting = true }
                    return !state.isCommitting
                }
                if isFirst { Task { await commitWaiting() } }
            }
        }

        /// How many items wait for the commit under way to end.
        var waitingCount: Int { state.withLock { $0.waiting.count } }

        private func commitWaiting() async {
            while let batch = takeWaiting() {
                do {
                    let results = try await commitAll(batch.map(\.item))
                    for (entry, result) in zip(batch, results) { entry.done.resume(with: result) }
                } catch {
                    for entry in batch { entry.done.resume(throwing: error) }
                }
            }
        }

        /// What waits; `nil`, and the next to come begins anew, when nothing does.
        private func takeWaiting() -> [(item: Item, done: CheckedContinuation<Void, any Error>)]? {
            state.withLock { state in
                guard !state.waiting.isEmpty else {
                    state.isCommitting = false
                    return nil
                }
                defer { state.waiting = [] }
                return state.waiting
            }
        }
    }
#endif
