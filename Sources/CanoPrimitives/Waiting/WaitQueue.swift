public import DequeModule
public import Synchronization

/// A locked state, and the tasks that wait until it lets them go on, first come first served.
///
/// A waiter names what it takes from the state; after every change those at the head of the line are asked again. So the
/// test and the wait are one step, and no wake-up is lost. Lanes are lines of their own, asked in ascending order and, as what
/// one takes may let another go on, again until none goes on.
///
/// Every run uses several, with states of their own types. It is public and inlinable, in a module that is no product, because Swift
/// specializes no `package` code for the types of another module, and unspecialized it costs a bridge a twentieth of its time.
public final class WaitQueue<State: Sendable>: Sendable {
    @usableFromInline struct Waiter: Sendable {
        @usableFromInline let id: UInt64
        /// Takes what the task waits for; false while it is not there.
        @usableFromInline let take: @Sendable (inout State) -> Bool
        @usableFromInline let continuation: CheckedContinuation<Bool, Never>

        @inlinable init(id: UInt64, take: @escaping @Sendable (inout State) -> Bool, continuation: CheckedContinuation<Bool, Never>) {
            self.id = id
            self.take = take
            self.continuation = continuation
        }
    }

    @usableFromInline struct Contents: Sendable {
        @usableFromInline var state: State
        @usableFromInline var lanes: [Deque<Waiter>]
        @usableFromInline var lastID: UInt64 = 0

        @inlinable init(state: State, lanes: Int) {
            self.state = state
            self.lanes = Array(repeating: [], count: lanes)
        }

        /// Takes those off the lines that may go on now.
        @inlinable mutating func ready() -> [Waiter] {
            var ready: [Waiter] = []
            var isAnotherReady = true
            while isAnotherReady {
                isAnotherReady = false
                for lane in lanes.indices {
                    while let first = lanes[lane].first, first.take(&state) {
                        lanes[lane].removeFirst()
                        ready.append(first)
                        isAnotherReady = lanes.count > 1
                    }
                }
            }
            return ready
        }

        /// Lets a task take what it came for without waiting; nil when it is not there, else those that may go on after that.
        @inlinable mutating func takeAtOnce(_ take: (inout State) -> Bool) -> [Waiter]? {
            guard take(&state) else { return nil }
            return lanes.count > 1 ? ready() : []
        }
    }

    @usableFromInline let contents: Mutex<Contents>

    /// Creates a queue in which no task waits.
    ///
    /// - Parameters:
    ///   - state: The state.
    ///   - lanes: How many lines there are.
    @inlinable public init(_ state: State, lanes: Int = 1) {
        contents = Mutex(Contents(state: state, lanes: max(1, lanes)))
    }

    /// Reads the state.
    @inlinable public func read<Value>(_ body: (borrowing State) -> sending Value) -> sending Value {
        contents.withLock { body($0.state) }
    }

    /// Changes the state, and lets the tasks go on that it lets go on now.
    @inlinable public func update<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, ready) = contents.withLock { contents in
            let value = change(&contents.state)
            return (value, contents.ready())
        }
        Self.resume(ready)
        return value
    }

    /// Waits until the state lets this task go on. A cancellation does not end the wait.
    ///
    /// - Parameters:
    ///   - lane: The line to wait in.
    ///   - take: Takes what the task waits for; false while it is not there.
    @inlinable public func wait(in lane: Int = 0, until take: @escaping @Sendable (inout State) -> Bool) async {
        // Mostly there is nothing to wait for: then the task is not suspended at all.
        if let ready = contents.withLock({ $0.takeAtOnce(take) }) { return Self.resume(ready) }
        _ = await withCheckedContinuation { continuation in
            enter(lane, take, continuation)
        }
    }

    /// Waits until the state lets this task go on.
    ///
    /// - Parameters:
    ///   - lane: The line to wait in.
    ///   - take: Takes what the task waits for; false while it is not there.
    /// - Throws: `CancellationError` when the task was cancelled first; nothing was taken then.
    @inlinable public func waitUnlessCancelled(in lane: Int = 0, until take: @escaping @Sendable (inout State) -> Bool) async throws {
        let id = contents.withLock { contents in
            contents.lastID += 1
            return contents.lastID
        }
        let isTaken = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enter(lane, take, continuation, as: id, unlessCancelled: true)
            }
        } onCancel: {
            remove(id, from: lane)?.continuation.resume(returning: false)
        }
        guard isTaken else { throw CancellationError() }
    }

    @inlinable func enter(
        _ lane: Int, _ take: @escaping @Sendable (inout State) -> Bool, _ continuation: CheckedContinuation<Bool, Never>,
        as id: UInt64 = 0, unlessCancelled: Bool = false
    ) {
        let (outcome, ready): (Bool?, [Waiter]) = contents.withLock { contents in
            // The handler of a cancellation that came before has found no waiter to remove.
            if unlessCancelled, Task.isCancelled { return (false, []) }
            if let ready = contents.takeAtOnce(take) { return (true, ready) }
            contents.lanes[lane].append(Waiter(id: id, take: take, continuation: continuation))
            return (nil, [])
        }
        if let outcome { continuation.resume(returning: outcome) }
        Self.resume(ready)
    }

    @inlinable static func resume(_ waiters: [Waiter]) {
        for waiter in waiters { waiter.continuation.resume(returning: true) }
    }

    @inlinable func remove(_ id: UInt64, from lane: Int) -> Waiter? {
        contents.withLock { contents in
            contents.lanes[lane].firstIndex { $0.id == id }.map { contents.lanes[lane].remove(at: $0) }
        }
    }
}
