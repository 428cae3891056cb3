import Synchronization

/// Numbers in place of random ones: those that are given, and then 1, 2 and so on.
final class NumberSequence: Sendable {
    private let state: Mutex<(given: [UInt64], count: UInt64)>

    init(_ given: [UInt64] = []) { state = Mutex((given, 0)) }

    func next() -> UInt64 {
        state.withLock { state in
            if !state.given.isEmpty { return state.given.removeFirst() }
            state.count += 1
            return state.count
        }
    }
}
