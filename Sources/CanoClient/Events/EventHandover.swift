import CanoPrimitives

/// Hands what several readers read to one that takes it: a reader goes on once what it has handed over was dealt with.
struct EventHandover<Item: Sendable>: Sendable {
    private struct State: Sendable {
        /// What each reader has handed over, and those whose item is being dealt with.
        var items: [Int: Item] = [:]
        var taken: Set<Int> = []
        var end: (any Error)?
    }

    private let state: WaitQueue<State>
    private let readers: Int

    /// - Parameter readers: How many there are, each with a number from 0.
    init(readers: Int) {
        self.readers = readers
        // A line for each: they wait for different things.
        state = WaitQueue(State(), lanes: readers + 1)
    }

    /// Hands over an item, and waits until it was dealt with.
    ///
    /// - Throws: `CancellationError`.
    func hand(_ item: Item, by reader: Int) async throws {
        state.update { $0.items[reader] = item }
        try await state.waitUnlessCancelled(in: reader) { $0.items[reader] == nil && !$0.taken.contains(reader) }
    }

    /// Ends the taking with an error.
    func end(with error: any Error) { state.update { $0.end = $0.end ?? error } }

    /// Calls the body with one item after the other, until it or a reader throws.
    ///
    /// - Throws: What the body throws; the error of a reader; `CancellationError`.
    func take(_ body: (Item) async throws -> Void) async throws {
        while true {
            try await state.waitUnlessCancelled(in: readers) { !$0.items.isEmpty || $0.end != nil }
            let (items, end) = state.update { state in
                let items = state.items.sorted { $0.key < $1.key }
                (state.items, state.taken) = ([:], Set(items.map(\.key)))
                return (items, state.end)
            }
            for (reader, item) in items {
                try await body(item)
                state.update { _ = $0.taken.remove(reader) }
            }
            if let end { throw end }
        }
    }
}
