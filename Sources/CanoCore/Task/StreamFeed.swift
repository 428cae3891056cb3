import Synchronization

/// Brings a source and the ticks of time windows together, for the consumer that waits for both.
///
/// An item is read when the consumer waits for one, and no sooner: what is read ahead would be lost with the stream, and cancelling a task
/// that reads ends some sources for good.
final class StreamFeed<Item: Sendable>: Sendable {
    enum Arrival: Sendable {
        case item(Item)
        case ended
        case failed(any Error)
        case tick
    }

    private struct State {
        var arrived: Arrival?
        var ticked = false
        var consumer: CheckedContinuation<Arrival, Never>?
        /// Waits until an item is wanted.
        var producer: CheckedContinuation<Bool, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Waits until the consumer waits.
    ///
    /// - Returns: Whether to read an item; if not, the consumer has left.
    func isWanted() async -> Bool {
        await withCheckedContinuation { continuation in
            let isWanted = state.withLock { state -> Bool? in
                if state.isClosed { return false }
                if state.consumer != nil { return true }
                state.producer = continuation
                return nil
            }
            if let isWanted { continuation.resume(returning: isWanted) }
        }
    }

    /// Hands on what the source gave. A tick may have called the consumer away: it finds it when it comes back.
    func offer(_ arrival: Arrival) {
        let consumer = state.withLock { state -> CheckedContinuation<Arrival, Never>? in
            if state.consumer == nil { state.arrived = arrival }
            defer { state.consumer = nil }
            return state.consumer
        }
        consumer?.resume(returning: arrival)
    }

    /// A window's time is over.
    func tick() {
        let consumer = state.withLock { state -> CheckedContinuation<Arrival, Never>? in
            defer { state.consumer = nil }
            state.ticked = state.consumer == nil
            return state.consumer
        }
        consumer?.resume(returning: .tick)
    }

    /// Waits for whatever comes first; a tick that is due goes before an item.
    func next() async -> Arrival {
        await withCheckedContinuation { continuation in
            let (ready, producer) = state.withLock { state -> (Arrival?, CheckedContinuation<Bool, Never>?) in
                if state.ticked {
                    state.ticked = false
                    return (.tick, nil)
                }
                if let arrived = state.arrived {
                    state.arrived = nil
                    return (arrived, nil)
                }
                state.consumer = continuation
                defer { state.producer = nil }
                return (nil, state.producer)
            }
            producer?.resume(returning: true)
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// The consumer has left: nothing more is read.
    func close() {
        let producer = state.withLock { state in
            state.isClosed = true
            defer { state.producer = nil }
            return state.producer
        }
        producer?.resume(returning: false)
    }
}
