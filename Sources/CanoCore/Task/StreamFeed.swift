import Synchronization

/// Brings a source and the ticks of time windows together, for the one that waits for both.
///
/// Holds at most one item: a source is read no faster than its items are processed.
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
        var producer: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())

    /// Hands on what the source gave; returns when there is room for more.
    ///
    /// - Returns: Whether the consumer still waits for more.
    func offer(_ arrival: Arrival) async -> Bool {
        let consumer = state.withLock { state -> CheckedContinuation<Arrival, Never>? in
            guard let consumer = state.consumer else {
                state.arrived = arrival
                return nil
            }
            state.consumer = nil
            return consumer
        }
        if let consumer {
            consumer.resume(returning: arrival)
            return true
        }
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                guard state.arrived != nil, !state.isClosed else { return true }
                state.producer = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
        return state.withLock { !$0.isClosed }
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
            let (ready, producer) = state.withLock { state -> (Arrival?, CheckedContinuation<Void, Never>?) in
                if state.ticked {
                    state.ticked = false
                    return (.tick, nil)
                }
                if let arrived = state.arrived {
                    defer {
                        state.arrived = nil
                        state.producer = nil
                    }
                    return (arrived, state.producer)
                }
                state.consumer = continuation
                return (nil, nil)
            }
            producer?.resume()
            if let ready { continuation.resume(returning: ready) }
        }
    }

    /// The consumer waits no more: lets a source that has more to give go.
    func close() {
        let producer = state.withLock { state in
            state.isClosed = true
            defer { state.producer = nil }
            return state.producer
        }
        producer?.resume()
    }
}
